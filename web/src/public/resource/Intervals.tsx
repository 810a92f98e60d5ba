import { type ReactNode, useState } from "react";

import type { Schemas } from "@/api/client";
import { DayBar } from "@/public/resource/DayBar";
import { STRIP_DAYS } from "@/public/DayStrip";
import { endsAfter, gridOf, minutesBetween, nearestEnd, startsOn, stretchesOf } from "@/public/grid";
import { NothingThen } from "@/public/NothingThen";
import styles from "@/public/resource/Resource.module.css";
import { dayOfStarts, stripOf } from "@/public/stripDays";
import { TimesLayout } from "@/public/resource/TimesLayout";
import { useTimes } from "@/public/resource/useTimes";
import { useSite } from "@/public/site";
import { useListing } from "@/public/useListing";
import { daysAfter } from "@/public/wanted";
import { type Speech, useSpeech } from "@/texts/intl";
import { Select } from "@/ui/Select";

type Details = Schemas["ResourceDetails"];

/** Rooms, desks, boats: a day, a start and an end on the grid, from what the API lists as free. */
export default function Intervals({ resource, children }: { resource: Details; children: ReactNode }) {
  const site = useSite();
  const speech = useSpeech();
  const { text } = speech;
  const times = useTimes(resource);
  const { wanted, people, quantity, refused, today, set } = times;
  const [strip, setStrip] = useState<string | null>(null);
  const first = strip ?? stripOf(times.on, today);
  // A use of the last day may go on into the next one.
  const listing = useListing(site.slug, resource.slug, { from: first, days: STRIP_DAYS + 1, people, quantity });
  const found = listing.data?.mode === "interval" ? listing.data : { ranges: [], unavailable: [] };
  const grid = gridOf(resource.policy.mode);
  const stretches = stretchesOf(found);
  const days = new Map(
    Array.from({ length: STRIP_DAYS }, (_, index) => daysAfter(first, index)).map((on) => [on, startsOn(on, stretches, grid, site.timezone)]),
  );
  const firstFree = [...days].find(([, starts]) => starts.some(({ free }) => free))?.[0];
  const shown = times.on !== "" && days.has(times.on) ? times.on : (firstFree ?? first);
  const starts = days.get(shown) ?? [];
  const start = starts.find(({ at }) => at === wanted.start)?.at ?? "";
  const ends = start === "" ? [] : endsAfter(start, stretches, grid);
  const end = ends.includes(wanted.end) ? wanted.end : "";
  const broken = [...(refused?.violations ?? []), ...(found.unavailable ?? []).flatMap(({ reasons }) => reasons)];
  const queues = resource.policy.confirmation.kind === "pending" && refused?.violations.length === 0;
  const length = wanted.end === "" || wanted.start === "" ? grid.minMinutes : minutesBetween(wanted.start, wanted.end);
  const begin = (at: string) => {
    const possible = endsAfter(at, stretches, grid);
    set({ on: shown, start: at, end: nearestEnd(possible, at, length) });
  };

  return (
    <TimesLayout
      resource={resource}
      times={times}
      listing={listing}
      violations={broken}
      at={starts[0]?.at ?? `${shown}T12:00:00Z`}
      queues={queues}
      first={first}
      shown={shown}
      day={(on) => dayOfStarts(days.get(on) ?? [], speech, listing.state === "loading")}
      onChoose={(on) => {
        setStrip(null);
        set({ on, start: "", end: "" });
      }}
      onMove={setStrip}
      head={children}
    >
      {starts.length === 0 ? (
        <NothingThen
          reasons={(found.unavailable ?? []).filter(({ starts_at }) => times.dayOf(starts_at) === shown).map(({ reasons }) => reasons)}
          all={firstFree === undefined}
        />
      ) : (
        <>
          <DayBar starts={starts} stepMinutes={grid.stepMinutes} day={shown} start={start} end={end} onChoose={begin} />
          <div className={styles.pair} role="group" aria-labelledby="day-title">
            <Select
              label={text("when.start")}
              blank={text("when.pick")}
              value={start}
              options={starts.map(({ at, free }) => ({ value: at, label: free ? speech.time(at) : text("when.taken", { time: speech.time(at) }) }))}
              onChange={begin}
            />
            <Select
              label={text("when.end")}
              blank={text("when.pick")}
              value={end}
              disabled={start === ""}
              options={ends.map((at) => ({ value: at, label: endWords(at, start, shown, speech, times.dayOf) }))}
              onChange={(at) => set({ on: shown, start, end: at })}
            />
          </div>
        </>
      )}
    </TimesLayout>
  );
}

/** An end with its length, and its day where that is the next one: 11:30 (1 hr 30 min). */
function endWords(at: string, start: string, on: string, speech: Speech, dayOf: (at: string) => string): string {
  const time = dayOf(at) === on ? speech.time(at) : speech.instant(at, { weekday: "short", hour: "numeric", minute: "2-digit" });
  return `${time} (${speech.duration(minutesBetween(start, at), "short")})`;
}
