import type { ReactNode } from "react";

import styles from "@/admin/Card.module.css";

/** A part of a page with its name, and what can be done with it beside that. */
export function Card({ title, aside, children }: { title: ReactNode; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.card}>
      <header>
        <h2>{title}</h2>
        {aside !== undefined && (
          <>
            <span className="push" />
            {aside}
          </>
        )}
      </header>
      {children}
    </section>
  );
}

export function Count({ value }: { value: number }) {
  return <span className={styles.count}>{value}</span>;
}
