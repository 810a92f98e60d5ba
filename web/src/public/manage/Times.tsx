import { useState } from "react";

import type { Schemas } from "@/api/client";
import { reasonOf } from "@/public/Failed";
import { endsAfter, gridOf, minutesBetween, nearestEnd, type Start, startsOn, type Stretch, stretchesOf } from "@/public/grid";
import type { Editing, Reservation, Wanted } from "@/public/manage/managed";
import styles from "@/public/manage/Manage.module.css";
import { withOwn } from "@/public/manage/times";
import { useOwnSpeech } from "@/public/manage/words";
import { DayStrip, STRIP_DAYS, type StripDay } from "@/public/DayStrip";
import { NothingThen } from "@/public/NothingThen";
import { dayOfSlots, dayOfStarts, FURTHEST_DAYS, stripOf } from "@/public/stripDays";
import { useSite } from "@/public/site";
import { stateOf } from "@/public/slots";
import { type Ranges, type Slots, useListing } from "@/public/useListing";
import { shortInstant } from "@/public/uses";
import { dayIn, daysAfter } from "@/public/wanted";
import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { Select } from "@/ui/Select";
import { Bone, Skeleton } from "@/ui/Skeleton";

interface Props {
  reservation: Reservation;
  resource: Schemas["ResourceDetails"];
  editing: Editing;
  wanted: Wanted;
  onWant: (changed: Partial<Wanted>) => void;
}

/** Another time: a day of a strip that shows where there is something, then one of its slots, or a start and an end on the grid. */
export function Times({ reservation, resource, editing, wanted, onWant }: Props) {
  const site = useSite();
  const speech = useOwnSpeech();
  const { text } = speech;
  const starts = wanted.starts_at ?? reservation.starts_at;
  const today = dayIn(site.timezone, new Date());
  const [on, setOn] = useState(() => dayIn(site.timezone, new Date(starts)));
  const [strip, setStrip] = useState<string | null>(null);
  const moves = editing === "move";
  const first = moves ? (strip ?? stripOf(on, today)) : on;
  const units = resource.policy.capacity_counts === "people" ? wanted.party_size : reservation.quantity;
  // What begins on the last day may go on into the next one.
  const days = (moves ? STRIP_DAYS : 1) + 1;
  const listing = useListing(site.slug, resource.slug, { from: first, days, people: wanted.party_size, quantity: reservation.quantity });
  const data = listing.data;
  const stripDay = (day: string): StripDay => {
    if (data?.mode === "slot") return dayOfSlots(slotsOf(day, data, site.timezone), units, speech, false);
    if (data?.mode === "interval") return dayOfStarts(startsOf(day, data, reservation, resource, site.timezone), speech, false);
    return dayOfStarts([], speech, true);
  };
  const shown = data === undefined || (on >= first && on < daysAfter(first, STRIP_DAYS)) ? on : firstFree(first, stripDay);
  const choose = (day: string) => {
    setStrip(null);
    setOn(day);
  };
  return (
    <>
      {moves && (
        <DayStrip first={first} today={today} furthest={daysAfter(today, FURTHEST_DAYS)} chosen={shown} day={stripDay} onChoose={choose} onMove={setStrip} />
      )}
      {moves && <h3>{speech.day(shown, { weekday: "long", day: "numeric", month: "long" })}</h3>}
      {listing.state === "failed" ? (
        <Notice kind="bad" title={text("load.failed")} choices={[{ key: "retry", label: text("load.retry"), onChoose: listing.retry }]}>
          <p>{reasonOf(listing.refused, speech)}</p>
        </Notice>
      ) : listing.state === "loading" ? (
        <Skeleton label={text("load.waiting")}>
          <Bone height="96px" />
        </Skeleton>
      ) : listing.data.mode === "slot" ? (
        <SlotsOf day={shown} listing={listing.data} units={units} own={reservation} wanted={starts} onWant={onWant} />
      ) : listing.data.mode === "interval" ? (
        <Interval day={shown} listing={listing.data} editing={editing} own={reservation} resource={resource} wanted={wanted} onWant={onWant} />
      ) : null}
    </>
  );
}

/** The first day of a strip that has something free, else its first. */
function firstFree(first: string, stripDay: (on: string) => StripDay): string {
  const days = Array.from({ length: STRIP_DAYS }, (_, index) => daysAfter(first, index));
  return days.find((on) => stripDay(on).look === "free") ?? first;
}

function slotsOf(day: string, listing: Slots, timezone: string): Slots["slots"] {
  return listing.slots.filter((slot) => dayIn(timezone, new Date(slot.starts_at)) === day);
}

function stretchesWithOwn(listing: Ranges, own: Reservation, resource: Schemas["ResourceDetails"]): Stretch[] {
  return withOwn(stretchesOf(listing), own, gridOf(resource.policy.mode));
}

function startsOf(day: string, listing: Ranges, own: Reservation, resource: Schemas["ResourceDetails"], timezone: string): Start[] {
  return startsOn(day, stretchesWithOwn(listing, own, resource), gridOf(resource.policy.mode), timezone);
}

/** Why a day has no times, as the API says it. */
function NothingOn({ day, listing }: { day: string; listing: Slots | Ranges }) {
  const site = useSite();
  const reasons = (listing.unavailable ?? []).filter(({ starts_at }) => dayIn(site.timezone, new Date(starts_at)) === day).map((one) => one.reasons);
  return <NothingThen reasons={reasons} all={false} />;
}

function SlotsOf({
  day,
  listing,
  units,
  own,
  wanted,
  onWant,
}: {
  day: string;
  listing: Slots;
  units: number;
  own: Reservation;
  wanted: string;
  onWant: Props["onWant"];
}) {
  const site = useSite();
  const { text, times } = useOwnSpeech();
  const found = slotsOf(day, listing, site.timezone);
  if (found.length === 0) return <NothingOn day={day} listing={listing} />;
  return (
    <div className={styles.slots} role="group" aria-label={text("price.when")}>
      {found.map((slot) => {
        const isOwn = Date.parse(slot.starts_at) === Date.parse(own.starts_at);
        const chosen = Date.parse(slot.starts_at) === Date.parse(wanted);
        const free = isOwn || stateOf(slot, units) === "free";
        return (
          <Button
            key={slot.starts_at}
            kind={chosen ? "primary" : "line"}
            aria-pressed={chosen}
            disabled={!free}
            onClick={() => onWant({ starts_at: slot.starts_at, ends_at: slot.ends_at })}
          >
            {times(slot.starts_at, slot.ends_at)}
            <small>{isOwn ? text("when.bar.chosen") : free ? text("when.seats", { count: slot.remaining }) : text("when.full.short")}</small>
          </Button>
        );
      })}
    </div>
  );
}

function Interval({
  day,
  listing,
  editing,
  own,
  resource,
  wanted,
  onWant,
}: {
  day: string;
  listing: Ranges;
  editing: Editing;
  own: Reservation;
  resource: Schemas["ResourceDetails"];
  wanted: Wanted;
  onWant: Props["onWant"];
}) {
  const site = useSite();
  const { text, time } = useOwnSpeech();
  const grid = gridOf(resource.policy.mode);
  const stretches = stretchesWithOwn(listing, own, resource);
  const [start, end] = [shortInstant(wanted.starts_at ?? own.starts_at), shortInstant(wanted.ends_at ?? own.ends_at)];
  const starts = startsOf(day, listing, own, resource, site.timezone).filter(({ free }) => free);
  const known = starts.some(({ at }) => at === start);
  const ownEnd = shortInstant(own.ends_at);
  const ends = endsAfter(start, stretches, grid).filter((at) => (editing === "extend" ? at > ownEnd : editing === "shorten" ? at < ownEnd : true));
  const begin = (at: string) => {
    const next = nearestEnd(endsAfter(at, stretches, grid), at, minutesBetween(start, end));
    if (next !== "") onWant({ starts_at: at, ends_at: next });
  };
  if (editing === "move" && starts.length === 0) return <NothingOn day={day} listing={listing} />;
  return (
    <div className={styles.selects}>
      {editing === "move" && (
        <Select
          label={text("when.start")}
          blank={text("when.pick")}
          value={known ? start : ""}
          options={starts.map(({ at }) => ({ value: at, label: time(at) }))}
          onChange={begin}
        />
      )}
      {(known || editing !== "move") && (
        <Select
          label={text("when.end")}
          blank={text("when.pick")}
          value={ends.includes(end) ? end : ""}
          options={ends.map((at) => ({ value: at, label: time(at) }))}
          onChange={(at) => onWant({ ends_at: at })}
        />
      )}
    </div>
  );
}
