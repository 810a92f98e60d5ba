import { type SyntheticEvent, useEffect, useState } from "react";

import { reasonOf } from "@/admin/Failed";
import { spanOf } from "@/admin/timeline/BarLink";
import { type NewGuest, reserve, tryOutFor, type Verdict } from "@/admin/timeline/requests";
import type { TimelineResource } from "@/admin/timeline/rows";
import styles from "@/admin/timeline/Timeline.module.css";
import type { Wish } from "@/admin/timeline/wish";
import { failureOf, messagesByField, Refused } from "@/api/problems";
import { useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Field } from "@/ui/Field";
import { Notice } from "@/ui/Notice";

export interface Draft {
  /** Of this form: a double click, or a repetition after a lost answer, makes one reservation. */
  key: string;
  wish: Extract<Wish, { kind: "create" }>;
  fencing: number | null;
  verdict: Verdict;
}

interface Props {
  tenant: string;
  draft: Draft;
  resource: TimelineResource;
  close: () => void;
  done: (guest: string) => Promise<void>;
}

const FIELDS = ["name", "email", "phone", "party_size", "notes"] as const;
const PAUSE_MS = 200;
const MOST_PEOPLE = 9999;

/** For whom the free cells are that were dragged over, and what it costs. */
export function NewReservation({ tenant, draft, resource, close, done }: Props) {
  const words = useWords();
  const { text } = words;
  const { wish, fencing } = draft;
  const [guest, setGuest] = useState<NewGuest>({ name: "", email: "", phone: "", people: 1, notes: "" });
  const [verdict, setVerdict] = useState(draft.verdict);
  /** For how many people that is. */
  const [priced, setPriced] = useState(1);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [key, setKey] = useState(draft.key);
  const [isBusy, setBusy] = useState(false);
  const { people } = guest;

  useEffect(() => {
    if (isBusy || people === priced) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      const take = (found: Verdict) => {
        setVerdict(found);
        setPriced(people);
      };
      tryOutFor(tenant, wish, people, fencing, stop.signal).then(take, () => undefined);
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [tenant, wish, people, priced, fencing, isBusy]);

  const errors = messagesByField(refused?.problem ?? null, FIELDS);
  const whole = refused === null ? [] : refused.problem === null ? [reasonOf(refused, words)] : (errors.get("") ?? []);
  const change = (changes: Partial<NewGuest>) => setGuest((before) => ({ ...before, ...changes }));

  const send = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setRefused(null);
    try {
      await reserve(tenant, wish, guest, { key, fencing, expected: verdict.kind === "ok" ? verdict.expected : null });
      await done(guest.name);
    } catch (thrown) {
      const why = failureOf(thrown) ?? new Refused("server", null);
      setRefused(why);
      // What was refused was not made; what nobody answered may have been, and is repeated under its key.
      if (why.kind === "refused" || why.kind === "missing") setKey(crypto.randomUUID());
    } finally {
      setBusy(false);
    }
  };

  const unit = resource.units?.find(({ number }) => number === wish.unit);
  const place = unit === undefined ? resource.name : `${resource.name}, ${unit.label ?? text("timeline.unit.number", { number: unit.number })}`;
  return (
    <Dialog
      title={text("timeline.new")}
      isOpen
      onClose={close}
      actions={
        <>
          <Button onClick={close}>{text("timeline.cancel")}</Button>
          <Button kind="primary" type="submit" form="new-reservation" busy={isBusy}>
            {text("timeline.reserve")}
          </Button>
        </>
      }
    >
      <p>
        <b>{place}</b>, {text("timeline.span", spanOf(wish.times, words))}
      </p>
      {verdict.kind === "ok" && <p className="muted">{words.money(verdict.after)}</p>}
      {verdict.kind === "no" && refused === null && (
        <Notice kind="bad" title={text("timeline.refused")}>
          <p>{reasonOf(verdict.refused, words)}</p>
        </Notice>
      )}
      {whole.length > 0 && (
        <Notice kind="bad" title={text("timeline.refused")}>
          {whole.map((one) => (
            <p key={one}>{one}</p>
          ))}
        </Notice>
      )}
      <form id="new-reservation" className={styles.form} onSubmit={(event) => void send(event)}>
        <Field label={text("timeline.form.name")} value={guest.name} required maxLength={200} autoComplete="off" errors={errors.get("name") ?? []} onChange={(event) => change({ name: event.target.value })} />
        <Field label={text("timeline.form.email")} type="email" value={guest.email} required maxLength={254} autoComplete="off" errors={errors.get("email") ?? []} onChange={(event) => change({ email: event.target.value })} />
        <div className={styles.two}>
          <Field label={text("timeline.form.phone")} type="tel" value={guest.phone} maxLength={40} autoComplete="off" errors={errors.get("phone") ?? []} onChange={(event) => change({ phone: event.target.value })} />
          <Field
            label={text("timeline.form.people")}
            type="number"
            inputMode="numeric"
            min={1}
            max={MOST_PEOPLE}
            value={String(people)}
            errors={errors.get("party_size") ?? []}
            onChange={(event) => change({ people: Math.min(MOST_PEOPLE, Math.max(1, Math.trunc(event.target.valueAsNumber) || 1)) })}
          />
        </div>
        <Field label={text("timeline.form.notes")} lines rows={2} value={guest.notes} maxLength={2000} errors={errors.get("notes") ?? []} onChange={(event) => change({ notes: event.target.value })} />
      </form>
    </Dialog>
  );
}
