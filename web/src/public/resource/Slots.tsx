import { type ReactNode, useState } from "react";

import type { Schemas } from "@/api/client";
import { Failed } from "@/public/Failed";
import { About } from "@/public/resource/About";
import { DayStrip, STRIP_DAYS, type StripDay } from "@/public/resource/DayStrip";
import { Instead } from "@/public/resource/Instead";
import { NothingThen } from "@/public/resource/NothingThen";
import { PriceBox } from "@/public/resource/PriceBox";
import styles from "@/public/resource/Resource.module.css";
import { HowMany, IfYouCancel, Refusal, Who } from "@/public/resource/Sections";
import { SlotChoice } from "@/public/resource/SlotChoice";
import { byDay, lowestPrice, stateOf } from "@/public/slots";
import { useListing } from "@/public/useListing";
import { stripOf, useTimes } from "@/public/resource/useTimes";
import { ZoneNote } from "@/public/resource/ZoneNote";
import { useSite } from "@/public/site";
import { type Speech, useSpeech } from "@/texts/intl";
import { Bone, Skeleton } from "@/ui/Skeleton";

const MOST_WIDE = 8;

type Slot = Schemas["SlotBody"];
type Details = Schemas["ResourceDetails"];

/** Departures, lessons, hours: a day, then one of its times. What is full is waited for where the price was. */
export default function Slots({ resource, children }: { resource: Details; children: ReactNode }) {
  const site = useSite();
  const speech = useSpeech();
  const { text, day } = speech;
  const times = useTimes(resource);
  const { wanted, people, quantity, units, quote, refused, today, set } = times;
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
  const isFull = refused !== null && refused.waitlist !== null;

  return (
    <div className={styles.columns}>
      <div className={styles.main}>
        {children}
        <Who resource={resource} people={people} violations={broken} onChange={(number) => set({ people: number })} />
        <HowMany resource={resource} quantity={quantity} violations={broken} onChange={(number) => set({ quantity: number })} />
        <section className={styles.section} id="when" aria-labelledby="when-title">
          <div>
            <h2 id="when-title">{text("when.title")}</h2>
            <ZoneNote at={slots[0]?.starts_at ?? `${shown}T12:00:00Z`} />
          </div>
          {refused !== null && !isFull && <Refusal quote={refused} title={text("refused.title.time")} />}
          {listing.state === "failed" ? (
            <Failed refused={listing.refused} retry={listing.retry} />
          ) : (
            <>
              <DayStrip
                first={first}
                today={today}
                furthest={times.furthest}
                chosen={shown}
                day={(on) => stripDay(days.get(on) ?? [], units, speech, listing.state === "loading")}
                onChoose={(on) => {
                  setStrip(null);
                  set({ on });
                }}
                onMove={setStrip}
              />
              <div className={styles.times} data-stale={(listing.state === "full" && listing.isStale) || undefined}>
                <h3 id="day-title">{day(shown, { weekday: "long", day: "numeric", month: "long" })}</h3>
                {listing.state === "loading" ? (
                  <Skeleton label={text("load.waiting")}>
                    <Bone height="100px" />
                  </Skeleton>
                ) : slots.length === 0 ? (
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
              </div>
            </>
          )}
        </section>
        <IfYouCancel quote={quote} />
        <About resource={resource} />
      </div>
      <div className={styles.sticky}>
        <PriceBox
          resource={resource}
          quote={quote}
          use={times.use}
          reservePath={times.reservePath}
          instead={isFull ? <Instead quote={refused} /> : undefined}
        />
      </div>
    </div>
  );
}

function stripDay(slots: Slot[], units: number, { text, shortMoney }: Speech, loading: boolean): StripDay {
  if (slots.length === 0) return { below: "", look: loading ? "free" : "nothing", words: loading ? "" : text("when.nothing") };
  const states = slots.map((slot) => stateOf(slot, units));
  const free = states.filter((state) => state === "free").length;
  const price = lowestPrice(slots, units);
  const cost = price === null || price.total === 0 ? text("when.free") : shortMoney(price);
  if (free > 0) return { below: cost, look: "free", words: text("when.free.of", { free, all: slots.length }) };
  if (states.includes("full")) return { below: text("when.full.short"), look: "full", words: "" };
  return { below: "", look: "nothing", words: text("when.nothing") };
}
