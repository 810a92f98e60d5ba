import type { ReactNode } from "react";

import { Icon } from "@/ui/Icon";
import styles from "@/ui/Notice.module.css";

export interface Choice {
  key: string;
  label: string;
  /** Said smaller after the label, such as a price. */
  aside?: string | undefined;
  onChoose: () => void;
}

interface Props {
  kind?: "plain" | "ok" | "bad";
  title: string;
  children?: ReactNode;
  /** What can be done instead; the first one is the nearest. */
  choices?: Choice[];
  choicesLabel?: string;
}

/** Something that has to be known here, beside what it is about: colour, icon and words say the same. */
export function Notice({ kind = "plain", title, children, choices = [], choicesLabel }: Props) {
  return (
    <div className={`${styles.notice} ${styles[kind] ?? ""}`} role={kind === "bad" ? "alert" : "status"}>
      <Icon name={kind === "ok" ? "check" : "alert"} />
      <strong>{title}</strong>
      {children}
      {choices.length > 0 && (
        <>
          {choicesLabel !== undefined && <p className={styles.label}>{choicesLabel}</p>}
          <Chips choices={choices} />
        </>
      )}
    </div>
  );
}

/** Things of which each is one tap away; the first one is the nearest. */
export function Chips({ choices }: { choices: Choice[] }) {
  return (
    <div className={styles.chips}>
      {choices.map(({ key, label, aside, onChoose }, index) => (
        <button key={key} type="button" className={index === 0 ? `${styles.chip} ${styles.best}` : styles.chip} onClick={onChoose}>
          {label}
          {aside !== undefined && <span className={styles.muted}>{aside}</span>}
        </button>
      ))}
    </div>
  );
}
