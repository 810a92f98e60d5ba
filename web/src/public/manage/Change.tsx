import { lazy, Suspense, useEffect, useRef, useState } from "react";

import type { Schemas } from "@/api/client";
import { failureOf, type Refused } from "@/api/problems";
import { alternativeWords } from "@/public/alternatives";
import { againstOf } from "@/public/manage/against";
import { type Change as Wish, changeOf, type Editing, type Reservation, type Wanted } from "@/public/manage/managed";
import styles from "@/public/manage/Manage.module.css";
import { Times } from "@/public/manage/Times";
import { usePreview, type Verdict } from "@/public/manage/usePreview";
import { useOwnSpeech } from "@/public/manage/words";
import { makeChange } from "@/public/manage/writes";
import { PriceLines } from "@/public/Price";
import { useSite } from "@/public/site";
import { partySizes } from "@/public/sizes";
import { refusalWords } from "@/public/violations";
import { daysAfter, nightsBetween } from "@/public/wanted";
import { Button } from "@/ui/Button";
import { type Choice, Notice } from "@/ui/Notice";
import { Bone, Skeleton } from "@/ui/Skeleton";
import { Stepper } from "@/ui/Stepper";

const StayCalendar = lazy(() => import("@/public/StayCalendar"));
const MOST_NIGHTS = 365;

interface Props {
  reservation: Reservation;
  resource: Schemas["ResourceDetails"];
  token: string;
  editing: Editing;
  onClose: () => void;
  /** Somebody else has changed it: read it again. */
  onStale: () => void;
  onDone: (after: Reservation) => void;
}

/** Choose what should be different; the API says what that comes to before it is made. */
export default function Change({ reservation, resource, token, editing, onClose, onStale, onDone }: Props) {
  const site = useSite();
  const { text } = useOwnSpeech();
  const [wanted, setWanted] = useState<Wanted>(() => firstWish(reservation, editing));
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const change = changeOf(reservation, wanted);
  const verdict = usePreview(site.slug, reservation, token, change);
  const want = (changed: Partial<Wanted>) => setWanted((before) => ({ ...before, ...changed }));
  const isStay = reservation.check_in_on !== null;
  const words = editing === "move" ? (isStay ? "manage.move" : "manage.move.time") : editing === "extend" ? "manage.extend" : "manage.shorten";
  return (
    <section className={styles.panel} aria-labelledby="change-title">
      <h2 id="change-title" ref={title} tabIndex={-1}>
        {text(words)}
      </h2>
      {isStay ? (
        <Nights reservation={reservation} resource={resource} editing={editing} wanted={wanted} refused={verdict.state === "refused"} onWant={want} />
      ) : (
        <Times reservation={reservation} resource={resource} editing={editing} wanted={wanted} onWant={want} />
      )}
      {editing === "move" && <People resource={resource} people={wanted.party_size} onChange={(party_size) => want({ party_size })} />}
      <Outcome
        key={reservation.version}
        reservation={reservation}
        resource={resource}
        token={token}
        change={change}
        verdict={verdict}
        onWant={want}
        onStale={onStale}
        onDone={onDone}
        onClose={onClose}
      />
    </section>
  );
}

/** Who wants it longer wants one night more at first, and so on: the first question is asked at once. */
function firstWish(reservation: Reservation, editing: Editing): Wanted {
  const { check_in_on, check_out_on, starts_at, ends_at, party_size } = reservation;
  if (check_in_on === null || check_out_on === null) return { starts_at, ends_at, party_size };
  const more = editing === "extend" ? 1 : editing === "shorten" ? -1 : 0;
  return { check_in_on, check_out_on: daysAfter(check_out_on, more), party_size };
}

function Nights({
  reservation,
  resource,
  editing,
  wanted,
  refused,
  onWant,
}: Pick<Props, "reservation" | "resource" | "editing"> & { wanted: Wanted; refused: boolean; onWant: (changed: Partial<Wanted>) => void }) {
  const { text, day } = useOwnSpeech();
  const from = wanted.check_in_on ?? "";
  const until = wanted.check_out_on ?? "";
  const [first, last] = [reservation.check_in_on ?? "", reservation.check_out_on ?? ""];
  const nights = nightsBetween(from, until);
  const chosen = (
    <p className="small muted" aria-live="polite">
      {text("when.chosen", { count: nights, from: day(from), until: day(until) })}
    </p>
  );
  if (editing !== "move") {
    const own = nightsBetween(first, last);
    const [min, max] = editing === "extend" ? [own + 1, own + MOST_NIGHTS] : [1, own - 1];
    return (
      <div className={styles.row}>
        <div>
          <p>{text("manage.nights")}</p>
          {chosen}
        </div>
        <Stepper
          value={nights}
          min={min}
          max={max}
          label={text("manage.nights")}
          fewer={text("manage.nights.fewer")}
          more={text("manage.nights.more")}
          onChange={(count) => onWant({ check_out_on: daysAfter(from, count) })}
        />
      </div>
    );
  }
  return (
    <>
      {chosen}
      <Suspense
        fallback={
          <Skeleton label={text("load.waiting")}>
            <Bone height="380px" />
          </Skeleton>
        }
      >
        <StayCalendar
          slug={resource.slug}
          capacity={resource.capacity}
          wanted={{ from, until, on: "", people: wanted.party_size, wishes: [] }}
          people={wanted.party_size}
          onChange={(days) => onWant({ check_in_on: days.from, check_out_on: days.until })}
          refused={refused}
          own={{ from: first, until: last }}
        />
      </Suspense>
    </>
  );
}

function People({ resource, people, onChange }: { resource: Schemas["ResourceDetails"]; people: number; onChange: (people: number) => void }) {
  const { text } = useOwnSpeech();
  const { min, max } = partySizes(resource);
  if (min === max) return null;
  return (
    <div className={styles.row}>
      <div>
        <p>{text("price.people")}</p>
        <p className="small muted">{text("offers.people", { count: max })}</p>
      </div>
      <Stepper
        value={people}
        min={min}
        max={Math.max(max, people)}
        label={text("price.people")}
        fewer={text("who.fewer")}
        more={text("who.more")}
        onChange={onChange}
      />
    </div>
  );
}

interface OutcomeProps extends Pick<Props, "reservation" | "resource" | "token" | "onStale" | "onDone" | "onClose"> {
  change: Wish | null;
  verdict: Verdict;
  onWant: (changed: Partial<Wanted>) => void;
}

/** What the change comes to, or why it is not possible and what is instead; the button says what follows. */
function Outcome({ reservation, resource, token, change, verdict, onWant, onStale, onDone, onClose }: OutcomeProps) {
  const site = useSite();
  const speech = useOwnSpeech();
  const { text, money } = speech;
  const [refused, setRefused] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const [key, setKey] = useState(() => crypto.randomUUID());
  const wish = JSON.stringify(change);
  const [tried, setTried] = useState(wish);
  if (tried !== wish) {
    // What was refused was another wish.
    setTried(wish);
    setRefused(null);
    setKey(crypto.randomUUID());
  }
  const possible = verdict.state === "possible" ? verdict.preview : null;
  const send = async () => {
    if (change === null || possible === null) return;
    setBusy(true);
    setRefused(null);
    try {
      onDone(await makeChange(site.slug, reservation, token, change, possible.new_price, key));
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (failure?.kind === "refused") setKey(crypto.randomUUID());
      if (failure?.problem?.code === "version_mismatch") onStale();
      else setRefused(failure);
      setBusy(false);
    }
  };
  const against = refused ?? (verdict.state === "refused" ? verdict.refused : null);
  const difference = possible?.price_change.total ?? 0;
  const back = possible?.refund ?? null;
  return (
    <div className={styles.outcome} aria-live="polite">
      {against !== null && <Against refused={against} reservation={reservation} resource={resource} onWant={onWant} />}
      {possible !== null && against === null && (
        <>
          {possible.pending_change !== null && (
            <Notice title={text(possible.pending_change.waits_for === "approval" ? "manage.would.approval" : "manage.would.room")} />
          )}
          {possible.new_price.total > 0 && <PriceLines price={possible.new_price} />}
          {difference !== 0 && (
            <p className={styles.sum}>
              {text(difference > 0 ? "manage.costs.more" : "manage.costs.less")}{" "}
              <b className="numbers">{money({ ...possible.price_change, total: Math.abs(difference) })}</b>
            </p>
          )}
          {possible.retained.total > 0 && <p className="small">{text("manage.cancel.kept", { amount: money(possible.retained) })}</p>}
        </>
      )}
      <div className={styles.buttons}>
        <Button kind="primary" busy={busy || verdict.state === "waiting"} disabled={possible === null && verdict.state !== "waiting"} onClick={() => void send()}>
          {verdict.state === "waiting"
            ? text("price.waiting")
            : possible?.pending_change != null
              ? text("manage.ask")
              : difference > 0
                ? text("manage.send.more", { amount: money(possible?.price_change ?? reservation.due) })
                : back !== null && back.total > 0
                  ? text("manage.send.back", { amount: money(back) })
                  : text("manage.send")}
        </Button>
        <Button onClick={onClose}>{text("manage.close")}</Button>
      </div>
    </div>
  );
}

/** Why not, in words, and what of the same resource is instead. */
function Against({ refused, reservation, resource, onWant }: { refused: Refused } & Pick<OutcomeProps, "reservation" | "resource" | "onWant">) {
  const speech = useOwnSpeech();
  const { text, money } = speech;
  const problem = refused.problem;
  if (problem?.code === "price_changed" && problem.quote != null) {
    return <Notice title={text("book.price_changed", { price: money(problem.quote) })} />;
  }
  const isFull = problem?.code === "no_capacity";
  const words = isFull ? refusalWords({ violations: problem.violations ?? [], check_in_on: reservation.check_in_on }, speech) : againstOf(refused, speech).split("\n");
  const choices = (problem?.alternatives ?? [])
    .filter((one) => one.resource_id === resource.id)
    .map((one): Choice => ({
      key: `${one.starts_at} ${one.ends_at} ${one.party_size}`,
      label: alternativeWords(one, reservation, speech),
      aside: one.price === null ? undefined : speech.shortMoney(one.price),
      onChoose: () =>
        onWant(
          one.check_in_on !== null && one.check_out_on !== null
            ? { check_in_on: one.check_in_on, check_out_on: one.check_out_on, party_size: one.party_size }
            : { starts_at: one.starts_at, ends_at: one.ends_at, party_size: one.party_size },
        ),
    }));
  return (
    <Notice kind="bad" title={text("manage.refused")} choices={choices} choicesLabel={text("refused.instead")}>
      {words.map((one) => (
        <p key={one}>{one}</p>
      ))}
    </Notice>
  );
}
