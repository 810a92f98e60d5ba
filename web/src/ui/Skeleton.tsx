import type { ReactNode } from "react";

import styles from "@/ui/Skeleton.module.css";

/** The shape of what is being loaded; it appears after 150 ms, so that a quick answer does not flicker. */
export function Skeleton({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={styles.late} role="status" aria-busy="true">
      <span className="hidden-visually">{label}</span>
      <div aria-hidden="true">{children}</div>
    </div>
  );
}

/** One block of a skeleton; sizes are CSS lengths. */
export function Bone({ width = "100%", height = "1em" }: { width?: string; height?: string }) {
  return <div className={styles.bone} style={{ width, height }} />;
}
