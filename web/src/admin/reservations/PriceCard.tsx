import { Card } from "@/admin/Card";
import { Money } from "@/admin/Money";
import styles from "@/admin/reservations/Reservation.module.css";
import type { Reservation } from "@/admin/reservations/queries";
import { useWords } from "@/texts/admin";

/** What it costs, line by line, by the version of the policy that it was made under. */
export function PriceCard({ reservation: { price, due, retained, policy_version } }: { reservation: Reservation }) {
  const { text } = useWords();
  const amount = (total: number) => <Money amount={{ ...price, total }} />;
  return (
    <Card title={text("price.title")} aside={<span className="muted small">{text("price.version", { version: policy_version })}</span>}>
      <table className={styles.price}>
        <thead className="hidden-visually">
          <tr>
            <th scope="col">{text("price.line")}</th>
            <th scope="col">{text("price.quantity")}</th>
            <th scope="col">{text("price.each")}</th>
            <th scope="col">{text("price.amount")}</th>
          </tr>
        </thead>
        <tbody>
          {price.lines.map((line, index) => (
            <tr key={index} className={styles[line.kind]}>
              <td>{line.label}</td>
              <td className={styles.numeric}>{line.quantity === 1 ? "" : line.quantity}</td>
              <td className={styles.numeric}>{line.quantity === 1 ? "" : amount(line.unit_amount)}</td>
              <td className={styles.numeric}>{amount(line.amount)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={3}>
              {text("price.total")}
            </th>
            <td className={styles.numeric}>{amount(price.total)}</td>
          </tr>
          {due.total !== price.total && (
            <tr className={styles.quiet}>
              <th scope="row" colSpan={3}>
                {text("price.due")}
              </th>
              <td className={styles.numeric}>
                <Money amount={due} />
              </td>
            </tr>
          )}
          {retained.total !== 0 && (
            <tr className={styles.quiet}>
              <th scope="row" colSpan={3}>
                {text("price.retained")}
              </th>
              <td className={styles.numeric}>
                <Money amount={retained} />
              </td>
            </tr>
          )}
        </tfoot>
      </table>
    </Card>
  );
}
