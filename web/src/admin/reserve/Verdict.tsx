import styles from "@/admin/reserve/Reserve.module.css";
import type { Schemas } from "@/api/client";
import { useWords } from "@/texts/admin";
import { Notice } from "@/ui/Notice";

/** The nearest; more are found by other days. */
const MOST_CHOICES = 4;
const DAYS: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short" };

interface Props {
  quote: Schemas["QuoteBody"];
  onChoose: (one: Schemas["AlternativeBody"]) => void;
}

/** What the API says of a use: what it costs, line by line, or why not and what is possible instead. */
export function Verdict({ quote, onChoose }: Props) {
  const speech = useWords();
  const { text, money } = speech;
  const { price } = quote;
  if (quote.bookable) {
    return (
      <Notice kind="ok" title={text("reserve.free", { price: money(price) })}>
        <table className={styles.lines}>
          <tbody>
            {price.lines.map(({ label, amount, quantity }, index) => (
              <tr key={index}>
                <th scope="row">
                  {label} {quantity > 1 && `× ${quantity}`}
                </th>
                <td className="numbers">{money({ ...price, total: amount })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Notice>
    );
  }
  const [first = text("reserve.full"), ...others] = [...new Set(quote.violations.map(({ message }) => message))];
  return (
    <Notice
      kind="bad"
      title={first}
      choicesLabel={text("change.instead")}
      choices={quote.alternatives.slice(0, MOST_CHOICES).map((one, index) => ({
        key: String(index),
        label: [one.resource_id === quote.resource_id ? "" : one.resource_name, one.check_in_on == null ? speech.occasion(one.starts_at, one.ends_at) : speech.times(one.starts_at, one.ends_at, DAYS)].filter(Boolean).join(", "),
        aside: one.price == null ? undefined : money(one.price),
        onChoose: () => onChoose(one),
      }))}
    >
      {others.map((message) => (
        <p key={message}>{message}</p>
      ))}
      {quote.waitlist != null && <p>{text("reserve.canwait")}</p>}
    </Notice>
  );
}
