import type { MouseEvent } from "react";

import styles from "@/public/resource/DayBar.module.css";
import type { Start } from "@/public/resource/grid";
import { useSpeech } from "@/texts/intl";

const MINUTE = 60_000;
const MOST_LABELS = 7;

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
  const { text, time, day: written } = useSpeech();
  const step = stepMinutes * MINUTE;
  const [first, last] = [Date.parse(starts[0]?.at ?? ""), Date.parse(starts.at(-1)?.at ?? "") + step];
  const place = (at: number) => `${(100 * (Math.min(Math.max(at, first), last) - first)) / (last - first)}%`;
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
        {starts.map(({ at, free }) => (
          <i
            key={at}
            className={free ? styles.free : styles.taken}
            style={{ insetInlineStart: place(Date.parse(at)), width: `${(100 * step) / (last - first)}%` }}
          />
        ))}
        {start !== "" && end !== "" && (
          <b
            className={styles.chosen}
            style={{ insetInlineStart: place(Date.parse(start)), insetInlineEnd: `calc(100% - ${place(Date.parse(end))})` }}
          />
        )}
      </div>
      <ol className={styles.hours} aria-hidden="true">
        {hours(first, last, stepMinutes).map((at) => (
          <li key={at} style={{ insetInlineStart: place(at) }}>
            {time(new Date(at).toISOString())}
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

/** Some instants of the line for its labels, evenly. */
function hours(first: number, last: number, stepMinutes: number): number[] {
  const all = (last - first) / (stepMinutes * MINUTE);
  const each = Math.max(1, Math.ceil(all / MOST_LABELS));
  return Array.from({ length: Math.floor(all / each) + 1 }, (_, index) => first + index * each * stepMinutes * MINUTE).filter((at) => at < last);
}
