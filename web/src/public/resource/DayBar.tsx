import type { MouseEvent } from "react";

import styles from "@/public/resource/DayBar.module.css";
import type { Start } from "@/public/grid";
import { useSpeech } from "@/texts/intl";

const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const HOUR = 60 * MINUTE;
const HOURS = [1, 2, 3, 4, 6];
const MOST_LABELS = 6;

interface Props {
  starts: Start[];
  stepMinutes: number;
  day: string;
  start: string;
  end: string;
  onChoose: (at: string) => void;
}

/**
 * A day as a line: free, taken, chosen. A finger or mouse chooses a start on it.
 *
 * The lists below it say and do the same, so it is no control for the keyboard.
 */
export function DayBar({ starts, stepMinutes, day, start, end, onChoose }: Props) {
  const { text, instant, timezone, day: written } = useSpeech();
  const step = stepMinutes * MINUTE;
  const [first, last] = [Date.parse(starts[0]?.at ?? ""), Date.parse(starts.at(-1)?.at ?? "") + step];
  const place = (at: number) => `${(100 * (Math.min(Math.max(at, first), last) - first)) / (last - first)}%`;
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: timezone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const hours = hoursOf(first, last, (at) => {
    const [hour = 0, minute = 0] = clock.format(new Date(at)).split(":").map(Number);
    return { hour, minute };
  });
  const choose = (event: MouseEvent<HTMLDivElement>) => {
    const { left, right, width } = event.currentTarget.getBoundingClientRect();
    const isRtl = getComputedStyle(event.currentTarget).direction === "rtl";
    const share = (isRtl ? right - event.clientX : event.clientX - left) / width;
    const at = first + share * (last - first);
    const near = starts.filter((one) => Date.parse(one.at) <= at).at(-1);
    if (near !== undefined) onChoose(near.at);
  };
  return (
    <div className={styles.frame}>
      <div className={styles.bar} role="img" aria-label={text("when.bar", { day: written(day) })} onClick={choose}>
        {pieces(starts, step).map(({ from, until, free }) => (
          <i
            key={from}
            className={free ? styles.free : styles.taken}
            style={{ insetInlineStart: place(from), insetInlineEnd: `calc(100% - ${place(until)})` }}
          />
        ))}
        {hours.map((at) => (
          <s key={at} style={{ insetInlineStart: place(at) }} />
        ))}
        {start !== "" && end !== "" && (
          <b
            className={styles.chosen}
            style={{ insetInlineStart: place(Date.parse(start)), insetInlineEnd: `calc(100% - ${place(Date.parse(end))})` }}
          />
        )}
      </div>
      <ol className={styles.hours} aria-hidden="true">
        {hours.map((at) => (
          <li key={at} style={{ insetInlineStart: place(at) }}>
            {instant(new Date(at).toISOString(), { hour: "numeric" })}
          </li>
        ))}
      </ol>
      <ul className={styles.legend}>
        <li>
          <i className={styles.free} /> {text("when.bar.free")}
        </li>
        {starts.some(({ free }) => !free) && (
          <li>
            <i className={styles.taken} /> {text("when.bar.taken")}
          </li>
        )}
        {start !== "" && end !== "" && (
          <li>
            <i className={styles.chosen} /> {text("when.bar.chosen")}
          </li>
        )}
      </ul>
    </div>
  );
}

/** Neighbours of one kind are one piece. */
function pieces(starts: Start[], step: number): { from: number; until: number; free: boolean }[] {
  const found: { from: number; until: number; free: boolean }[] = [];
  for (const { at, free } of starts) {
    const from = Date.parse(at);
    const before = found.at(-1);
    if (before !== undefined && before.until === from && before.free === free) before.until = from + step;
    else found.push({ from, until: from + step, free });
  }
  return found;
}

/** Whole hours of the line for its labels, evenly and not too many. */
function hoursOf(first: number, last: number, hourOf: (at: number) => { hour: number; minute: number }): number[] {
  const each = HOURS.find((hours) => (last - first) / (hours * HOUR) <= MOST_LABELS) ?? 6;
  const found: number[] = [];
  for (let at = first; at < last && found.length < 24; at += QUARTER) {
    const { hour, minute } = hourOf(at);
    if (minute === 0 && hour % each === 0) found.push(at);
  }
  // The last label would stand beyond the line.
  return found.filter((at) => (last - at) / (last - first) > 0.05);
}
