import { Card } from "@/admin/Card";
import styles from "@/admin/reservations/Reservation.module.css";
import type { Schemas } from "@/api/client";
import { useWords } from "@/texts/admin";

/** What cancelling would give back now, and at which instants that changes. */
export function RefundCard({ cancellation: { refund, refund_steps } }: { cancellation: Schemas["CancellationBody"] }) {
  const { text, money, moment } = useWords();
  const now = refund_steps.findIndex(({ current }) => current);
  return (
    <Card title={text("refund.title")}>
      <div className={styles.refund}>
        {refund != null && (
          <p className={styles.amount}>
            {money(refund)} <span>{text("refund.back")}</span>
          </p>
        )}
        {refund_steps.length > 0 && (
          <ol className={styles.tiers}>
            {refund_steps.map((step, index) => (
              <li
                key={step.until ?? "end"}
                className={step.current ? styles.current : index < now ? styles.over : undefined}
                aria-current={step.current ? "step" : undefined}
              >
                <b>{step.refund_percent} %</b>
                <span>{step.until == null ? text("refund.after") : text("refund.until", { until: moment(step.until) })}</span>
              </li>
            ))}
          </ol>
        )}
      </div>
    </Card>
  );
}
