import type { ReactNode } from "react";

import styles from "@/ui/Empty.module.css";

/** What stands where nothing is: what happened, and what can be done (`children`: buttons or links). */
export function Empty({ title, hint, alert = false, children }: { title: string; hint?: string; alert?: boolean; children?: ReactNode }) {
  return (
    <div className={styles.empty} role={alert ? "alert" : undefined}>
      <h2>{title}</h2>
      {hint !== undefined && <p className="muted">{hint}</p>}
      {children}
    </div>
  );
}
