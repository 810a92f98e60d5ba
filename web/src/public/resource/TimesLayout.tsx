import type { ReactNode } from "react";

import type { Schemas } from "@/api/client";
import { Failed } from "@/public/Failed";
import { About } from "@/public/resource/About";
import { DayStrip, type StripDay } from "@/public/DayStrip";
import { Instead } from "@/public/resource/Instead";
import { PriceBox } from "@/public/resource/PriceBox";
import styles from "@/public/resource/Resource.module.css";
import { HowMany, IfYouCancel, Refusal, Who } from "@/public/resource/Sections";
import type { useTimes } from "@/public/resource/useTimes";
import { ZoneNote } from "@/public/resource/ZoneNote";
import type { useListing } from "@/public/useListing";
import { useSpeech } from "@/texts/intl";
import { Bone, Skeleton } from "@/ui/Skeleton";

interface Props {
  resource: Schemas["ResourceDetails"];
  times: ReturnType<typeof useTimes>;
  listing: ReturnType<typeof useListing>;
  /** What stands against people and number, of the quote and of the listing. */
  violations: Schemas["ViolationBody"][];
  /** An instant of the shown day, by which its zone is told. */
  at: string;
  /** It is asked for as it is, so a quote that finds it taken is no refusal. */
  queues?: boolean;
  /** The first day of the strip, and the one whose times are shown. */
  first: string;
  shown: string;
  day: (on: string) => StripDay;
  onChoose: (on: string) => void;
  onMove: (first: string) => void;
  /** What the resource is, above the choice. */
  head: ReactNode;
  /** The times of the day. */
  children: ReactNode;
}

/** A day, then its times, with the price beside: what is full is waited for where the price was. */
export function TimesLayout({ resource, times, listing, violations, at, queues = false, first, shown, day, onChoose, onMove, head, children }: Props) {
  const { text, day: say } = useSpeech();
  const { people, quantity, quote, refused, set } = times;
  const isFull = refused !== null && refused.waitlist !== null;
  return (
    <div className={styles.columns}>
      <div className={styles.main}>
        {head}
        <Who resource={resource} people={people} violations={violations} onChange={(number) => set({ people: number })} />
        <HowMany resource={resource} quantity={quantity} violations={violations} onChange={(number) => set({ quantity: number })} />
        <section className={styles.section} id="when" aria-labelledby="when-title">
          <div>
            <h2 id="when-title">{text("when.title")}</h2>
            <ZoneNote at={at} />
          </div>
          {refused !== null && !isFull && !queues && <Refusal quote={refused} title={text("refused.title.time")} />}
          {listing.state === "failed" ? (
            <Failed refused={listing.refused} retry={listing.retry} />
          ) : (
            <>
              <DayStrip first={first} today={times.today} furthest={times.furthest} chosen={shown} day={day} onChoose={onChoose} onMove={onMove} />
              <div className={styles.times} data-stale={(listing.state === "full" && listing.isStale) || undefined}>
                <h3 id="day-title">{say(shown, { weekday: "long", day: "numeric", month: "long" })}</h3>
                {listing.state === "loading" ? (
                  <Skeleton label={text("load.waiting")}>
                    <Bone height="120px" />
                  </Skeleton>
                ) : (
                  children
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
