import styles from "@/ui/StateBadge.module.css";
import { type ReservationState, StateIcon } from "@/ui/StateIcon";

/** The state of a reservation: a colour, a sign and a word, the same everywhere. */
export function StateBadge({ state, label }: { state: ReservationState; label: string }) {
  return (
    <span className={`${styles.badge} ${styles[state] ?? ""}`}>
      <StateIcon state={state} />
      {label}
    </span>
  );
}
