import styles from "@/public/Price.module.css";
import type { Schemas } from "@/api/client";
import { weekdayNames } from "@/public/violations";
import { type Speech, useSpeech } from "@/texts/intl";

/** The lines of a price, and their sum: everything that is paid, to the cent. */
export function PriceLines({ price }: { price: Schemas["Price"] }) {
  const speech = useSpeech();
  const { text, money } = speech;
  const amount = (total: number) => money({ ...price, total });
  return (
    <table className={styles.lines}>
      <caption className="hidden-visually">{text("price.lines")}</caption>
      <tbody>
        {price.lines.map((line, index) => (
          <tr key={index} className={isIncluded(line) ? styles.included : line.amount < 0 ? styles.off : undefined}>
            <th scope="row">{lineWords(line, amount(line.unit_amount), speech)}</th>
            <td>{amount(isIncluded(line) ? line.unit_amount : line.amount)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{text("price.total")}</th>
          <td>{amount(price.total)}</td>
        </tr>
      </tfoot>
    </table>
  );
}

/** A tax that the prices contain: the API says how much it is, and adds nothing. */
function isIncluded(line: Schemas["PriceLine"]): boolean {
  return line.quantity === 0;
}

const COUNTED = { night: "price.nights", person: "price.people_n", slot: "price.slots" } as const;
const HOURS = /^(\d+):(\d\d) h$/;

/** What a line is for: nights, people and hours in the language of the page, what a business named itself in its own words. */
function lineWords(line: Schemas["PriceLine"], each: string, speech: Speech): string {
  const { text } = speech;
  if (isIncluded(line)) return text("price.included", { label: line.label });
  const [label = "", ...rates] = line.label.split(", ");
  if (line.kind === "base" && isCounted(label)) {
    const words = [text(COUNTED[label], { count: line.quantity }), ...rates.map((rate) => rateWords(rate, speech))].join(", ");
    return line.quantity === 1 ? words : `${words} × ${each}`;
  }
  const hours = line.kind === "base" ? HOURS.exec(label) : null;
  const words =
    hours === null
      ? line.label
      : [speech.duration(Number(hours[1]) * 60 + Number(hours[2]), "short"), ...rates.map((rate) => rateWords(rate, speech))].join(", ");
  return line.quantity === 1 ? words : `${line.quantity} × ${words} (${each})`;
}

function isCounted(label: string): label is keyof typeof COUNTED {
  return Object.hasOwn(COUNTED, label);
}

/** Weekdays such as sat/sun are written as the page writes them. */
function rateWords(rate: string, { locale }: Speech): string {
  const days = weekdayNames(rate.split("/"), locale, "short");
  return days.length > 0 ? days.join("/") : rate;
}

/** What cancelling gives back, and until when: as steps in words; colour and pattern only repeat them. */
export function RefundLadder({ steps }: { steps: Schemas["RefundStepBody"][] }) {
  const { text, money, moment, locale } = useSpeech();
  const percent = new Intl.NumberFormat(locale, { style: "percent" });
  return (
    <ol className={styles.ladder}>
      {remaining(steps).map((step, index) => (
        <li
          key={index}
          className={step.refund_percent === 100 ? styles.whole : step.refund_percent > 0 ? styles.part : styles.none}
          aria-current={step.current ? "step" : undefined}
        >
          <b>
            {step.refund_percent === 100
              ? text("cancel.all")
              : step.refund_percent > 0
                ? text("cancel.part", { percent: percent.format(step.refund_percent / 100), amount: money(step.refund) })
                : text("cancel.none")}
          </b>
          <span>
            {step.until === null ? (index > 0 ? text("cancel.after") : "") : text("cancel.until", { until: moment(step.until) })}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** The step that holds now, and those to come. */
function remaining(steps: Schemas["RefundStepBody"][]): Schemas["RefundStepBody"][] {
  return steps.slice(Math.max(0, steps.findIndex(({ current }) => current)));
}

/** The same as one sentence. */
export function useRefundWords(): (steps: Schemas["RefundStepBody"][]) => string {
  const { text, moment, locale } = useSpeech();
  return (steps) => {
    const current = remaining(steps)[0];
    if (current === undefined) return "";
    const { refund_percent, until } = current;
    if (refund_percent === 0) return text("cancel.words.none");
    if (until === null) return "";
    if (refund_percent === 100) return text("cancel.words.all", { until: moment(until) });
    const percent = new Intl.NumberFormat(locale, { style: "percent" }).format(refund_percent / 100);
    return text("cancel.words.part", { percent, until: moment(until) });
  };
}
