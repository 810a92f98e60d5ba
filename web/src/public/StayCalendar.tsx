import { useState, useSyncExternalStore } from "react";

import { reasonOf } from "@/public/Failed";
import { useSite } from "@/public/site";
import styles from "@/public/StayCalendar.module.css";
import { type Night, useNights } from "@/public/useNights";
import { violationWords } from "@/public/violations";
import { dayIn, daysAfter, type Filters, monthAfter } from "@/public/wanted";
import { type Speech, useSpeech } from "@/texts/intl";
import { DateRange, type Day } from "@/ui/DateRange";
import { Notice } from "@/ui/Notice";

const FEW = 2;
const TWO_MONTHS = "(width >= 960px)";
const FURTHEST_DAYS = 730;

interface Props {
  slug: string;
  capacity: number;
  wanted: Filters;
  people: number;
  onChange: (days: { from: string; until: string }) => void;
  refused: boolean;
  /** Nights that the guest has already, which are free to them. */
  own?: { from: string; until: string } | undefined;
}

/** The nights of a resource with their prices; what cannot begin or be stayed says why on focus. The API decides. */
export default function StayCalendar({ slug, capacity, wanted, people, onChange, refused, own }: Props) {
  const site = useSite();
  const speech = useSpeech();
  const { text } = speech;
  const today = dayIn(site.timezone, new Date());
  const [focused, setFocused] = useState(wanted.from >= today ? wanted.from : today);
  const months = useMediaQuery(TWO_MONTHS) ? 2 : 1;
  // The month before, too: the calendar keeps the month in which one is on either side.
  const nights = useNights(site.slug, slug, people, monthAfter(focused, -1), 4, today);
  const isOwn = (on: string) => own !== undefined && own.from <= on && on < own.until;
  const value = wanted.until === "" ? null : { start: wanted.from, end: wanted.until };
  return (
    <div className={styles.calendar}>
      {nights.refused !== null && (
        <Notice
          kind="bad"
          title={text("load.failed")}
          choices={[{ key: "retry", label: text("load.retry"), onChoose: nights.retry }]}
        >
          <p>{reasonOf(nights.refused, speech)}</p>
        </Notice>
      )}
      <DateRange
        label={text("when.calendar")}
        locale={speech.locale}
        value={value}
        onChange={({ start, end }) => onChange({ from: start, until: end > start ? end : daysAfter(start, 1) })}
        min={today}
        max={daysAfter(today, FURTHEST_DAYS)}
        months={months}
        focused={focused}
        onFocused={setFocused}
        day={(on) => (isOwn(on) ? { note: text("when.bar.chosen"), look: "free" } : dayOf(nights.nights.get(on), capacity, speech))}
        endLabel={text("when.out")}
        previous={text("when.previous")}
        next={text("when.next")}
        refused={refused}
      />
      <ul className={styles.legend}>
        <li>{text("when.legend.price")}</li>
        <li>
          <s>12</s> {text("when.legend.full")}
        </li>
        <li>
          <u>12</u> {text("when.legend.noArrival")}
        </li>
        {capacity > 1 && (
          <li>
            <b>{text("when.left", { count: 1 })}</b> {text("when.legend.left")}
          </li>
        )}
      </ul>
    </div>
  );
}

function dayOf(night: Night | undefined, capacity: number, speech: Speech): Day {
  if (night === undefined) return {};
  const below = roundedMoney(night, speech);
  if (night.remaining === 0) {
    const reason = night.reasons?.night[0];
    return { below, look: "full", reason: reason === undefined ? speech.text("when.full") : violationWords(reason, speech) };
  }
  const note = capacity > 1 && night.remaining <= FEW ? speech.text("when.left", { count: night.remaining }) : undefined;
  if (night.can_check_in) return { below, note, look: "free" };
  const reason = night.reasons?.check_in[0];
  return { below, note, look: "noStart", reason: reason === undefined ? speech.text("when.noArrival") : violationWords(reason, speech) };
}

function roundedMoney({ price }: Night, { locale }: Speech): string {
  return new Intl.NumberFormat(locale, {
    style: "currency",
    currency: price.currency,
    currencyDisplay: "narrowSymbol",
    maximumFractionDigits: 0,
  }).format(price.total / 10 ** price.decimals);
}

function useMediaQuery(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => window.matchMedia(query).matches,
  );
}
