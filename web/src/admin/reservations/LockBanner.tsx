import { Avatar } from "@/admin/Avatar";
import styles from "@/admin/reservations/Reservation.module.css";
import type { EditLock } from "@/realtime/locks";
import { useWords } from "@/texts/admin";

/** Somebody is working on the same days: one can read, and what one may do waits for them. */
export function LockBanner({ lock }: { lock: EditLock }) {
  const { text } = useWords();
  const name = lock.holderName ?? text("history.somebody");
  return (
    <div className={styles.banner} role="status">
      <Avatar name={name} kind="lock" />
      <p>
        <b>{text("lock.theirs", { name })}</b> {text("lock.theirs.hint")}
      </p>
    </div>
  );
}
