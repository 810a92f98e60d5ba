import styles from "@/ui/StateBadge.module.css";

/** The states of a reservation: a colour, a sign and a word, the same everywhere. */
const SIGNS = {
  held: "◔",
  pending: "◌",
  confirmed: "●",
  checked_in: "▶",
  completed: "✓",
  no_show: "⊘",
  cancelled: "×",
  rejected: "×",
  expired: "×",
} as const;

export type BadgeState = keyof typeof SIGNS;

export function StateBadge({ state, label }: { state: BadgeState; label: string }) {
  return (
    <span className={`${styles.badge} ${styles[state] ?? ""}`}>
      <span aria-hidden="true">{SIGNS[state]}</span>
      {label}
    </span>
  );
}
