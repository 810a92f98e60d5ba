import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { addDays } from "@/admin/clock";
import { reasonOf } from "@/admin/Failed";
import { localTime } from "@/admin/localTime";
import styles from "@/admin/reserve/Reserve.module.css";
import { slotsQuery } from "@/admin/reserve/queries";
import type { Wish } from "@/admin/reserve/wish";
import { type Resource, useDesk } from "@/admin/tenant";
import { useWords } from "@/texts/admin";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";

interface Props {
  resource: Resource;
  wish: Wish;
  /** Today where the business is. */
  today: string;
  onChange: (times: Pick<Wish, "start" | "end">) => void;
}

/** From when to when, as the resource is reserved: by nights, in slots, or from one time to another. */
export function Times({ resource, wish, today, onChange }: Props) {
  const { text } = useWords();
  if (resource.mode === "slot") return <Slots resource={resource} wish={wish} today={today} onChange={onChange} />;
  const isStay = resource.mode === "stay";
  const type = isStay ? "date" : "datetime-local";
  return (
    <div className={isStay ? styles.two : styles.form}>
      <Field
        label={text("stay.arrives")}
        type={type}
        required
        value={wish.start}
        onChange={({ target }) => onChange({ start: target.value, end: isStay && target.value !== "" && wish.end <= target.value ? addDays(target.value, 1) : wish.end })}
      />
      <Field label={text("stay.leaves")} type={type} required value={wish.end} onChange={({ target }) => onChange({ start: wish.start, end: target.value })} />
    </div>
  );
}

function Slots({ resource, wish, today, onChange }: Props) {
  const speech = useWords();
  const { text } = speech;
  const { tenant } = useDesk();
  const [typed, setOn] = useState(today);
  // An alternative may be on another day than the one that was looked at.
  const on = wish.start === "" ? typed : localTime(wish.start, resource.timezone).slice(0, 10);
  const [people, quantity] = [Math.max(1, Math.trunc(Number(wish.people)) || 1), Math.max(1, Math.trunc(Number(wish.quantity)) || 1)];
  const found = useQuery({ ...slotsQuery(tenant, resource.id, on, people, quantity), enabled: on !== "" });
  return (
    <>
      <Field
        label={text("reserve.day")}
        type="date"
        required
        value={on}
        onChange={({ target }) => {
          setOn(target.value);
          onChange({ start: "", end: "" });
        }}
      />
      {found.isError && <Notice kind="bad" title={reasonOf(found.error, speech)} choices={[{ key: "retry", label: text("load.retry"), onChoose: () => void found.refetch() }]} />}
      {found.data?.length === 0 && <p className="muted">{text("reserve.slots.none")}</p>}
      {found.data !== undefined && found.data.length > 0 && (
        <fieldset className={styles.slots}>
          <legend>{text("reserve.slots")}</legend>
          {found.data.map(({ starts_at, ends_at, remaining }) => (
            <label key={starts_at} className={styles.slot}>
              <input type="radio" name="slot" required checked={wish.start === starts_at} onChange={() => onChange({ start: starts_at, end: ends_at })} />
              <b>{speech.times(starts_at, ends_at)}</b>
              <span className="muted">{remaining === 0 ? text("timeline.full") : text("timeline.free", { count: remaining })}</span>
            </label>
          ))}
        </fieldset>
      )}
    </>
  );
}
