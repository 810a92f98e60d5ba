import styles from "@/admin/reservations/Reservation.module.css";
import type { Reservation } from "@/admin/reservations/queries";
import { spanOf } from "@/admin/span";
import { useWords } from "@/texts/admin";
import { Notice } from "@/ui/Notice";

/** What somebody has to know before anything else: what it waits for, until when it is held, which rules were waived. */
export function Notes({ reservation: one }: { reservation: Reservation }) {
  const speech = useWords();
  const { text, moment } = speech;
  const said = [
    one.state === "held" && one.hold_expires_at != null ? text("reservation.held", { until: moment(one.hold_expires_at) }) : null,
    one.state === "pending" && one.pending_until != null
      ? text(one.waits_for === "approval" ? "reservation.waits.approval" : "reservation.waits.room", { until: moment(one.pending_until) })
      : null,
    one.pending_change == null
      ? null
      : text(one.pending_change.waits_for === "approval" ? "reservation.change.approval" : "reservation.change.room", {
          span: spanOf(one.pending_change, speech),
          until: moment(one.pending_change.pending_until),
        }),
    one.overridden == null ? null : text("reservation.overridden", { reason: one.overridden.reason }),
  ].filter((sentence) => sentence !== null);
  if (said.length === 0) return null;
  return (
    <div className={styles.notes}>
      {said.map((sentence) => (
        <Notice key={sentence} title={sentence} />
      ))}
    </div>
  );
}
