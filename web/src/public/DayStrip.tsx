import { useEffect, useId, useRef } from "react";

import styles from "@/public/DayStrip.module.css";
import { daysAfter } from "@/public/wanted";
import { useSpeech } from "@/texts/intl";
import { Button } from "@/ui/Button";
import { Icon } from "@/ui/Icon";

export const STRIP_DAYS = 10;

export interface StripDay {
  /** Below the number, such as a price. */
  below: string;
  look: "free" | "full" | "nothing";
  /** The same in words, for who cannot see it. */
  words: string;
}

interface Props {
  first: string;
  today: string;
  furthest: string;
  chosen: string;
  day: (on: string) => StripDay;
  onChoose: (on: string) => void;
  onMove: (first: string) => void;
}

/** Some days in a row, one of which is chosen; the arrows show others, and a date can be given. */
export function DayStrip({ first, today, furthest, chosen, day, onChoose, onMove }: Props) {
  const { text, day: written } = useSpeech();
  const strip = useRef<HTMLDivElement>(null);
  const id = useId();
  const days = Array.from({ length: STRIP_DAYS }, (_, index) => daysAfter(first, index));
  useEffect(() => {
    const [list, one] = [strip.current, strip.current?.querySelector<HTMLElement>('[aria-pressed="true"]')];
    if (list == null || one == null) return;
    const [outer, inner] = [list.getBoundingClientRect(), one.getBoundingClientRect()];
    list.scrollBy({ left: inner.left - outer.left - (outer.width - inner.width) / 2 });
  }, [chosen, first]);
  return (
    <div className={styles.choose}>
      <div className={styles.ways}>
        <label className={styles.date} htmlFor={id}>
          <span className="hidden-visually">{text("when.date")}</span>
          <input
            id={id}
            type="date"
            min={today}
            max={furthest}
            value={chosen}
            onChange={({ target }) => {
              if (target.value >= today && target.value <= furthest) onChoose(target.value);
            }}
          />
        </label>
        <Button
          kind="round"
          aria-label={text("when.days.previous")}
          aria-disabled={first <= today}
          onClick={() => first > today && onMove(earlier(first, today))}
        >
          <Icon name="left" />
        </Button>
        <Button
          kind="round"
          aria-label={text("when.days.next")}
          aria-disabled={days.at(-1) === undefined || daysAfter(first, STRIP_DAYS) > furthest}
          onClick={() => daysAfter(first, STRIP_DAYS) <= furthest && onMove(daysAfter(first, STRIP_DAYS))}
        >
          <Icon name="right" />
        </Button>
      </div>
      <div ref={strip} className={styles.days} role="group" aria-label={text("when.days")}>
        {days.map((on) => {
          const { below, look, words } = day(on);
          return (
            <button
              key={on}
              type="button"
              className={look === "free" ? styles.day : `${styles.day} ${styles[look]}`}
              aria-pressed={on === chosen}
              onClick={() => onChoose(on)}
            >
              <span>{written(on, { weekday: "short" })}</span>
              <b>{written(on, { day: "numeric" })}</b>
              <span className="hidden-visually">{written(on, { month: "long" })}</span>
              <span>{below === "" ? "\u00A0" : below}</span>
              <span className="hidden-visually">{words}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}

function earlier(first: string, today: string): string {
  const wanted = daysAfter(first, -STRIP_DAYS);
  return wanted < today ? today : wanted;
}
