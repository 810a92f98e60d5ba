import type { ReactNode } from "react";

import styles from "@/admin/Toolbar.module.css";

/** The name of the page, and what changes what it shows. */
export function Toolbar({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={styles.bar}>
      <h1>{title}</h1>
      {children}
    </div>
  );
}

interface Segment<Key extends string> {
  key: Key;
  label: string;
}

/** A choice between two or three views, all of them in sight. */
export function Segmented<Key extends string>({
  label,
  segments,
  value,
  onChange,
}: {
  label: string;
  segments: readonly Segment<Key>[];
  value: Key;
  onChange: (key: Key) => void;
}) {
  return (
    <span className={styles.segments} role="group" aria-label={label}>
      {segments.map((one) => (
        <button key={one.key} type="button" aria-pressed={one.key === value} onClick={() => onChange(one.key)}>
          {one.label}
        </button>
      ))}
    </span>
  );
}
