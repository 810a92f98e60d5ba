import { useLocation } from "wouter";

import type { Schemas } from "@/api/client";
import type { Loaded } from "@/api/useLoaded";
import { resourcePath } from "@/public/addresses";
import { alternativeWords } from "@/public/alternatives";
import { RefundLadder } from "@/public/Price";
import styles from "@/public/resource/Resource.module.css";
import { partySizes } from "@/public/sizes";
import type { Quote } from "@/public/useQuote";
import { searchOf } from "@/public/uses";
import { isAbout, refusalWords, violationWords } from "@/public/violations";
import { useSpeech } from "@/texts/intl";
import { type Choice, Notice } from "@/ui/Notice";
import { Stepper } from "@/ui/Stepper";

type Details = Schemas["ResourceDetails"];
type Violation = Schemas["ViolationBody"];

/** The parts of a resource's page that all ways of reserving share. */

/** How many people come; nothing where there is no choice. What speaks against it stands below. */
export function Who({
  resource,
  people,
  violations = [],
  onChange,
}: {
  resource: Details;
  people: number;
  violations?: Violation[];
  onChange: (people: number) => void;
}) {
  const { text } = useSpeech();
  const { min, max } = partySizes(resource);
  if (min === max) return null;
  return (
    <section className={styles.section} aria-labelledby="who-title">
      <div className={styles.row}>
        <div>
          <h2 id="who-title">{text("who.title")}</h2>
          <p className="small muted">
            {min > 1 ? text("who.range", { minimum: min, maximum: max }) : text("offers.people", { count: max })}
          </p>
        </div>
        <Stepper
          value={people}
          min={min}
          max={max}
          label={text("search.people")}
          fewer={text("who.fewer")}
          more={text("who.more")}
          onChange={onChange}
        />
      </div>
      <Broken violations={violations.filter((violation) => isAbout("party_size", violation))} />
    </section>
  );
}

/** How many of it; nothing where there is one, or where people are counted. */
export function HowMany({
  resource,
  quantity,
  violations,
  onChange,
}: {
  resource: Details;
  quantity: number;
  violations: Violation[];
  onChange: (quantity: number) => void;
}) {
  const { text } = useSpeech();
  if (!countsUnits(resource)) return null;
  return (
    <section className={styles.section} aria-labelledby="many-title">
      <div className={styles.row}>
        <div>
          <h2 id="many-title">{text("many.title")}</h2>
          <p className="small muted">{text("many.most", { count: resource.capacity })}</p>
        </div>
        <Stepper
          value={quantity}
          min={1}
          max={resource.capacity}
          label={text("many.title")}
          fewer={text("many.fewer")}
          more={text("many.more")}
          onChange={onChange}
        />
      </div>
      <Broken violations={violations.filter((violation) => isAbout("quantity", violation))} />
    </section>
  );
}

/** Whether one chooses how many units; elsewhere it is one, or as many as there are people. */
export function countsUnits({ capacity, policy }: Details): boolean {
  return capacity > 1 && policy.capacity_counts === "units";
}

function Broken({ violations }: { violations: Violation[] }) {
  const speech = useSpeech();
  const words = [...new Set(violations.map((violation) => violationWords(violation, speech)))];
  if (words.length === 0) return null;
  return (
    <div className={styles.broken} role="alert">
      {words.map((one) => (
        <p key={one}>{one}</p>
      ))}
    </div>
  );
}

/** What cancelling would give back, while something that costs is chosen. */
export function IfYouCancel({ quote }: { quote: Loaded<Quote | null> }) {
  const { text } = useSpeech();
  const found = quote.data ?? null;
  if (found === null || !found.bookable || found.refund_steps.length === 0 || found.price.total === 0) return null;
  return (
    <section className={styles.section} aria-labelledby="cancel-title">
      <h2 id="cancel-title">{text("cancel.title")}</h2>
      <RefundLadder steps={found.refund_steps} />
    </section>
  );
}

/** Why what was chosen is not possible, and what is, each one tap away. */
export function Refusal({ quote, title }: { quote: Quote; title: string }) {
  const speech = useSpeech();
  return (
    <Notice kind="bad" title={title} choices={useChoices(quote)} choicesLabel={speech.text("refused.instead")}>
      {refusalWords(quote, speech).map((words) => (
        <p key={words}>{words}</p>
      ))}
    </Notice>
  );
}

/** The alternatives of a quote as chips that lead there. */
export function useChoices(quote: Quote | null): Choice[] {
  const speech = useSpeech();
  const [, navigate] = useLocation();
  return (quote?.alternatives ?? []).map((one) => ({
    key: `${one.resource_id} ${one.starts_at} ${one.ends_at} ${one.quantity}`,
    label: quote === null ? "" : alternativeWords(one, quote, speech),
    aside: one.price === null || one.price.total === 0 ? undefined : speech.shortMoney(one.price),
    onChoose: () => navigate(`${resourcePath(one.resource_slug)}?${searchOf(one).toString()}`, { replace: one.resource_id === quote?.resource_id }),
  }));
}
