import type { ReactNode } from "react";

import styles from "@/ui/Empty.module.css";

interface Props {
  title: string;
  hint?: string;
  /** Something failed just now: it is read at once. */
  alert?: boolean;
  /** It is all that the page has. */
  page?: boolean;
  children?: ReactNode;
}

/** What stands where nothing is: what happened, and what can be done (`children`: buttons or links). */
export function Empty({ title, hint, alert = false, page = false, children }: Props) {
  const Title = page ? "h1" : "h2";
  return (
    <div className={styles.empty} role={alert ? "alert" : undefined}>
      <Title>{title}</Title>
      {hint !== undefined && <p className="muted">{hint}</p>}
      {children}
    </div>
  );
}
