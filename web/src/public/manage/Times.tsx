import { useId, useState } from "react";

import type { Schemas } from "@/api/client";
import { reasonOf } from "@/public/Failed";
import { endsAfter, gridOf, minutesBetween, nearestEnd, startsOn, stretchesOf } from "@/public/grid";
import type { Editing, Reservation, Wanted } from "@/public/manage/managed";
import styles from "@/public/manage/Manage.module.css";
import { withOwn } from "@/public/manage/times";
import { useOwnSpeech } from "@/public/manage/words";
import { useSite } from "@/public/site";
import { stateOf } from "@/public/slots";
import { type Ranges, type Slots, useListing } from "@/public/useListing";
import { shortInstant } from "@/public/uses";
import { dayIn } from "@/public/wanted";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Bone, Skeleton } from "@/ui/Skeleton";

interface Props {
  reservation: Reservation;
  resource: Schemas["ResourceDetails"];
  editing: Editing;
  wanted: Wanted;
  onWant: (changed: Partial<Wanted>) => void;
}

/** Another time: a day, then one of its slots, or a start and an end on the grid. One's own time counts as free. */
export function Times({ reservation, resource, editing, wanted, onWant }: Props) {
  const site = useSite();
  const speech = useOwnSpeech();
  const { text } = speech;
  const starts = wanted.starts_at ?? reservation.starts_at;
  const [on, setOn] = useState(() => dayIn(site.timezone, new Date(starts)));
  const units = resource.policy.capacity_counts === "people" ? wanted.party_size : reservation.quantity;
  const listing = useListing(site.slug, resource.slug, { from: on, days: 2, people: wanted.party_size, quantity: reservation.quantity });
  const today = dayIn(site.timezone, new Date());
  return (
    <>
      {editing === "move" && (
        <Field label={text("when.date")} type="date" min={today} value={on} onChange={({ target }) => target.value >= today && setOn(target.value)} />
      )}
      {listing.state === "failed" ? (
        <Notice kind="bad" title={text("load.failed")} choices={[{ key: "retry", label: text("load.retry"), onChoose: listing.retry }]}>
          <p>{reasonOf(listing.refused, speech)}</p>
        </Notice>
      ) : listing.state === "loading" ? (
        <Skeleton label={text("load.waiting")}>
          <Bone height="96px" />
        </Skeleton>
      ) : listing.data.mode === "slot" ? (
        <SlotsOf day={on} listing={listing.data} units={units} own={reservation} wanted={starts} onWant={onWant} />
      ) : listing.data.mode === "interval" ? (
        <Interval day={on} listing={listing.data} editing={editing} own={reservation} resource={resource} wanted={wanted} onWant={onWant} />
      ) : null}
    </>
  );
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
  const found = listing.slots.filter((slot) => dayIn(site.timezone, new Date(slot.starts_at)) === day);
  if (found.length === 0) return <p>{text("when.nothing")}</p>;
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
  const stretches = withOwn(stretchesOf(listing), own, grid);
  const [start, end] = [shortInstant(wanted.starts_at ?? own.starts_at), shortInstant(wanted.ends_at ?? own.ends_at)];
  const starts = startsOn(day, stretches, grid, site.timezone).filter(({ free }) => free);
  const known = starts.some(({ at }) => at === start);
  const ownEnd = shortInstant(own.ends_at);
  const ends = endsAfter(start, stretches, grid).filter((at) => (editing === "extend" ? at > ownEnd : editing === "shorten" ? at < ownEnd : true));
  const begin = (at: string) => {
    const next = nearestEnd(endsAfter(at, stretches, grid), at, minutesBetween(start, end));
    if (next !== "") onWant({ starts_at: at, ends_at: next });
  };
  return (
    <div className={styles.selects}>
      {editing === "move" && (
        <Select label={text("when.start")} value={known ? start : ""} options={starts.map(({ at }) => ({ value: at, words: time(at) }))} onChange={begin} />
      )}
      {(known || editing !== "move") && (
        <Select
          label={text("when.end")}
          value={ends.includes(end) ? end : ""}
          options={ends.map((at) => ({ value: at, words: time(at) }))}
          onChange={(at) => onWant({ ends_at: at })}
        />
      )}
    </div>
  );
}

function Select({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: string;
  options: { value: string; words: string }[];
  onChange: (value: string) => void;
}) {
  const { text } = useOwnSpeech();
  const id = useId();
  return (
    <label className={styles.select} htmlFor={id}>
      <span>{label}</span>
      <select id={id} value={value} onChange={({ target }) => target.value !== "" && onChange(target.value)}>
        {value === "" && <option value="">{text("when.pick")}</option>}
        {options.map((one) => (
          <option key={one.value} value={one.value}>
            {one.words}
          </option>
        ))}
      </select>
    </label>
  );
}
