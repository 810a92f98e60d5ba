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

/** What a line is for, by its code; what a business named itself stands in its own words. */
function lineWords(line: Schemas["PriceLine"], each: string, speech: Speech): string {
  const { text, locale, duration } = speech;
  const { code, parameters, quantity } = line;
  if (isIncluded(line)) return text("price.included", { label: line.label });
  const rates = [parameters["season"], weekdayNames(parameters["weekdays"], locale, "short").join("/")].filter(Boolean);
  if (isCounted(code)) {
    const words = [text(COUNTED[code], { count: quantity }), ...rates].join(", ");
    return quantity === 1 ? words : `${words} × ${each}`;
  }
  const count = Number(parameters["minimum"]);
  let words = line.label;
  if (code === "hour") words = [duration(Number(parameters["minutes"]), "short"), ...rates].join(", ");
  if (code === "extra_guests") words = text("price.extra");
  if (code === "length_of_stay") {
    const percent = new Intl.NumberFormat(locale, { style: "percent" }).format(Number(parameters["percent_off"]) / 100);
    words = text(parameters["unit"] === "hours" ? "price.discount.hours" : "price.discount", { percent, count });
  }
  return quantity === 1 ? words : `${quantity} × ${words} (${each})`;
}

function isCounted(code: string | null): code is keyof typeof COUNTED {
  return code !== null && Object.hasOwn(COUNTED, code);
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
