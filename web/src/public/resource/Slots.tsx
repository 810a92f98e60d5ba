import { type ReactNode, useState } from "react";

import type { Schemas } from "@/api/client";
import { STRIP_DAYS } from "@/public/DayStrip";
import { NothingThen } from "@/public/NothingThen";
import styles from "@/public/resource/Resource.module.css";
import { SlotChoice } from "@/public/resource/SlotChoice";
import { dayOfSlots, stripOf } from "@/public/stripDays";
import { byDay, stateOf } from "@/public/slots";
import { TimesLayout } from "@/public/resource/TimesLayout";
import { useTimes } from "@/public/resource/useTimes";
import { useSite } from "@/public/site";
import { useListing } from "@/public/useListing";
import { useSpeech } from "@/texts/intl";

const MOST_WIDE = 8;

type Details = Schemas["ResourceDetails"];

/** Departures, lessons, hours: a day, then one of its times. What is full is waited for where the price was. */
export default function Slots({ resource, children }: { resource: Details; children: ReactNode }) {
  const site = useSite();
  const speech = useSpeech();
  const times = useTimes(resource);
  const { wanted, people, quantity, units, refused, today, set } = times;
  const [strip, setStrip] = useState<string | null>(null);
  const first = strip ?? stripOf(times.on, today);
  const listing = useListing(site.slug, resource.slug, { from: first, days: STRIP_DAYS, people, quantity });
  const found = listing.data?.mode === "slot" ? listing.data : null;
  const days = byDay(found?.slots ?? [], times.dayOf);
  const firstFree = [...days].find(([, slots]) => slots.some((slot) => stateOf(slot, units) === "free"))?.[0];
  const shown = times.on !== "" && stripOf(times.on, today) === first ? times.on : (firstFree ?? first);
  const slots = days.get(shown) ?? [];
  const compact = resource.capacity === 1 || slots.length > MOST_WIDE;
  const broken = [...(refused?.violations ?? []), ...(found?.slots ?? []).flatMap(({ reasons }) => reasons ?? [])];
  const nothing = (found?.unavailable ?? []).filter(({ starts_at }) => times.dayOf(starts_at) === shown).map(({ reasons }) => reasons);

  return (
    <TimesLayout
      resource={resource}
      times={times}
      listing={listing}
      violations={broken}
      at={slots[0]?.starts_at ?? `${shown}T12:00:00Z`}
      first={first}
      shown={shown}
      day={(on) => dayOfSlots(days.get(on) ?? [], units, speech, listing.state === "loading")}
      onChoose={(on) => {
        setStrip(null);
        set({ on });
      }}
      onMove={setStrip}
      head={children}
    >
      {slots.length === 0 ? (
        <NothingThen reasons={nothing} all={days.size === 0} />
      ) : (
        <div className={compact ? `${styles.slots} ${styles.compact}` : styles.slots} role="group" aria-labelledby="day-title">
          {slots.map((slot) => (
            <SlotChoice
              key={slot.starts_at}
              slot={slot}
              resource={resource}
              units={units}
              compact={compact}
              chosen={wanted.start !== "" && Date.parse(slot.starts_at) === Date.parse(wanted.start)}
              onChoose={() => set({ on: shown, start: slot.starts_at, end: slot.ends_at })}
            />
          ))}
        </div>
      )}
    </TimesLayout>
  );
}
