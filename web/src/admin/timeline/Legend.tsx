import styles from "@/admin/timeline/Timeline.module.css";
import { useWords } from "@/texts/admin";
import { type ReservationState, StateIcon } from "@/ui/StateIcon";

const SHOWN: readonly ReservationState[] = ["held", "pending", "confirmed", "checked_in", "completed", "no_show"];

/** What colours and signs mean, and which keys there are. */
export function Legend({ ended }: { ended: boolean }) {
  const { text } = useWords();
  return (
    <footer className={styles.legend}>
      {[...SHOWN, ...(ended ? (["cancelled"] as const) : [])].map((state) => (
        <span key={state}>
          <span className={`${styles.sign} ${styles[state] ?? ""}`}>
            <StateIcon state={state} />
          </span>
          {text(`state.${state}`)}
        </span>
      ))}
      <span>
        <i className={styles.sample} />
        {text("timeline.legend.closure")}
      </span>
      <span>
        <i className={`${styles.sample} ${styles.lockSample}`} />
        {text("timeline.legend.lock")}
      </span>
      <span className="push" />
      <span className={styles.keys}>
        {text("timeline.legend.drag")} <kbd>↑↓←→</kbd> {text("timeline.legend.walk")} <kbd>Enter</kbd> {text("timeline.legend.open")} <kbd>m</kbd>{" "}
        {text("timeline.legend.move")} <kbd>[</kbd> <kbd>]</kbd> {text("timeline.legend.ends")}
      </span>
    </footer>
  );
}
