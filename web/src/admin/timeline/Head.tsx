import type { TimelineResource } from "@/admin/timeline/rows";
import type { Scale } from "@/admin/timeline/scale";
import styles from "@/admin/timeline/Tape.module.css";
import { useWords } from "@/texts/admin";

interface Props {
  scale: Scale;
  resources: readonly TimelineResource[];
  column: number;
  from: number;
  until: number;
  today: string;
  now: number;
  isByHour: boolean;
}

/** Above each column its day, or its hour, and how much is taken then. */
export function Head({ scale, resources, column, from, until, today, now, isByHour }: Props) {
  const words = useWords();
  const index = isByHour ? null : takenByDay(resources);
  return scale.columns.slice(from, until).map(({ on, startsAt, endsAt }, number) => {
    const at = from + number;
    const taken = index?.get(on);
    const isFirst = scale.columns[at - 1]?.on !== on;
    const isNow = isByHour ? startsAt <= now && now < endsAt : on === today;
    const isPast = isByHour ? endsAt <= now : on < today;
    const classes = [styles.day, isPast && styles.past, isNow && styles.today].filter(Boolean).join(" ");
    if (isByHour) {
      return (
        <div key={startsAt} className={classes} style={{ left: at * column }}>
          <span>{isFirst ? words.day(on, { weekday: "short", day: "numeric" }) : ""}</span>
          <b>{words.instant(new Date(startsAt).toISOString(), { hour: "numeric" })}</b>
        </div>
      );
    }
    return (
      <div key={startsAt} className={classes} style={{ left: at * column }}>
        <span>{words.day(on, { weekday: "short" })}</span>
        <b>{words.day(on, { day: "numeric" })}</b>
        <span>{taken === undefined ? "" : `${taken.occupied}/${taken.capacity}`}</span>
      </div>
    );
  });
}

export interface Taken {
  occupied: number;
  capacity: number;
  arrivals: number;
  departures: number;
}

/** What the API counted for each resource, of all of them together. */
export function takenByDay(resources: readonly TimelineResource[]): Map<string, Taken> {
  const sums = new Map<string, Taken>();
  for (const { capacity, days } of resources) {
    for (const { on, occupied, closed, arrivals, departures } of days) {
      const sum = sums.get(on) ?? { occupied: 0, capacity: 0, arrivals: 0, departures: 0 };
      sum.occupied += occupied;
      sum.capacity += capacity - closed;
      sum.arrivals += arrivals;
      sum.departures += departures;
      sums.set(on, sum);
    }
  }
  return sums;
}
