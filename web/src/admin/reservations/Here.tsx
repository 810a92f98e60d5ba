import { Avatar } from "@/admin/Avatar";
import styles from "@/admin/reservations/Reservation.module.css";
import { useDesk } from "@/admin/tenant";
import { usePresence } from "@/realtime/Realtime";
import { useWords } from "@/texts/admin";

/** Who else looks at this at the moment. */
export function Here({ topic }: { topic: string }) {
  const { text, list } = useWords();
  const { me } = useDesk();
  const viewers = usePresence(topic);
  const others = viewers.filter(({ userId }) => userId !== me.user.id);
  if (others.length === 0) return null;
  return (
    <span className={styles.here}>
      <span className="hidden-visually">{text("reservation.here", { names: list(others.map(({ name }) => name)) })}</span>
      {others.slice(0, 4).map(({ userId, name }) => (
        <Avatar key={userId} name={name} />
      ))}
      {others.length > 4 && <span className="muted small">+{others.length - 4}</span>}
      <Avatar name={me.user.name} kind="me" />
    </span>
  );
}
