import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { useRouter } from "wouter";

import { failureOf, type Refused } from "@/api/problems";
import { resourcePath } from "@/public/addresses";
import { calendarFile, download } from "@/public/calendarFile";
import { Facts } from "@/public/Facts";
import { type Fact, factsOf } from "@/public/facts";
import frame from "@/public/Frame.module.css";
import { Hold } from "@/public/Hold";
import { Link } from "@/public/Link";
import { managePath } from "@/public/links";
import { Cancel } from "@/public/manage/Cancel";
import { differences, type Editing, type Managed, type Reservation } from "@/public/manage/managed";
import styles from "@/public/manage/Manage.module.css";
import { type OwnSpeech, useOwnSpeech } from "@/public/manage/words";
import { againstOf } from "@/public/manage/against";
import { act } from "@/public/manage/writes";
import { placeOf } from "@/public/place";
import { PlaceMap } from "@/public/PlaceMap";
import { PriceLines, RefundLadder } from "@/public/Price";
import { useSite } from "@/public/site";
import { violationWords } from "@/public/violations";
import { Button, buttonClass } from "@/ui/Button";
import { Icon, type IconName } from "@/ui/Icon";
import { Notice } from "@/ui/Notice";
import { Bone } from "@/ui/Skeleton";
import { StateBadge } from "@/ui/StateBadge";

const Change = lazy(() => import("@/public/manage/Change"));

interface Props {
  managed: Managed;
  /** It is being read again: what is changed next begins with what is there then. */
  isStale: boolean;
  token: string;
  /** Something was written: all of it is read again. */
  onChanged: () => void;
}

type Open = Editing | "cancel" | null;

/** The state, what was reserved, what cancelling gives back, and everything that can be done; one thing is open at a time. */
export function Overview({ managed, isStale, token, onChanged }: Props) {
  const { reservation, resource, actions, cancellation } = managed;
  const speech = useOwnSpeech();
  const { text, money } = speech;
  const [open, setOpen] = useState<Open>(null);
  const [said, setSaid] = useState<string | null>(null);
  const [known, setKnown] = useState(reservation);
  const [changed, setChanged] = useState<ReturnType<typeof differences>>([]);
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (said !== null) title.current?.focus();
  }, [said]);
  // What somebody else has changed is said once it is read; what was done here is no news.
  if (known !== reservation) {
    setKnown(reservation);
    if (open !== null && known.version !== reservation.version) setChanged(differences(wordsOf(known, speech), wordsOf(reservation, speech)));
  }
  const toggle = (next: Open) => {
    setChanged([]);
    setSaid(null);
    setOpen(open === next ? null : next);
  };
  const done = (words: string) => {
    setOpen(null);
    setChanged([]);
    setSaid(words);
    onChanged();
  };
  const again = resource === null ? "/" : resourcePath(resource.slug);
  const isOver = OVER.has(reservation.state);
  const image = resource?.images[0];
  const against = [...actions.values()].filter(({ action }) => SHOWN.has(action)).flatMap(({ violation }) => violation ?? []);
  const reasons = [...new Set(against.map((violation) => violationWords(violation, speech)))];
  return (
    <div className={`${frame.wrap} ${styles.page}`}>
      <div className={styles.head}>
        <p className={styles.state}>
          <StateBadge state={reservation.state} label={text(`state.${reservation.state}`)} />
          <span className="muted">
            {text("done.code")} <b className="numbers">{reservation.code}</b>
          </span>
        </p>
        <h1 ref={title} tabIndex={-1}>
          {text(isOver ? "manage.title" : "manage.for", { name: reservation.guest.name })}
        </h1>
      </div>
      <div className={styles.columns}>
        <div className={styles.main}>
          {said !== null && <Notice kind="ok" title={said} />}
          {changed.length > 0 && <Changed facts={changed} />}
          <StateNotice managed={managed} onDone={done} token={token} onChanged={onChanged} again={again} />
          {open === "cancel" && (
            <Cancel
              managed={managed}
              token={token}
              onKeep={() => setOpen(null)}
              onStale={onChanged}
              onDone={(after) =>
                done(after.refund !== null && after.refund.total > 0 ? text("manage.cancelled.refund", { amount: money(after.refund) }) : text("manage.cancelled"))
              }
            />
          )}
          {open !== null && open !== "cancel" && resource !== null && (
            <Suspense fallback={<Bone height="320px" />}>
              <Change
                key={open}
                reservation={reservation}
                resource={resource}
                token={token}
                editing={open}
                onClose={() => setOpen(null)}
                onStale={onChanged}
                onDone={(after) => done(text(after.pending_change === null ? "manage.changed" : "manage.asked"))}
              />
            </Suspense>
          )}
          {open !== "cancel" && cancellation.possible && cancellation.refund_steps.length > 0 && reservation.price.total > 0 && (
            <Panel title={text("cancel.title")}>
              <RefundLadder steps={cancellation.refund_steps} />
            </Panel>
          )}
          <section className={styles.panel} aria-label={resource?.name ?? text("manage.title")}>
            <div className={styles.what}>
              {image !== undefined && <img src={image.url} alt="" width={image.width ?? 1200} height={image.height ?? 800} />}
              <div>
                <h2>{resource?.name ?? text("manage.title")}</h2>
                {resource !== null && <p className="small muted">{resource.summary}</p>}
              </div>
            </div>
            <Facts facts={factsOfReservation(reservation, speech)} className={styles.facts} />
          </section>
          <Way resource={resource} />
        </div>
        <div className={styles.side}>
          {(reservation.price.total > 0 || reservation.retained.total > 0) && (
            <Panel title={text("price.title")}>
              <PriceLines price={reservation.price} />
              {reservation.due.total !== reservation.price.total && !WAITS.has(reservation.state) && (
                <p className={styles.due}>
                  {text("manage.due")} <b className="numbers">{money(reservation.due)}</b>
                </p>
              )}
            </Panel>
          )}
          <Panel title={text("manage.menu")}>
            <Menu managed={managed} isStale={isStale} open={open} onOpen={toggle} />
            <Extras managed={managed} token={token} />
          </Panel>
          {isOver && (
            <Link to={again} className={buttonClass("line")}>
              {text("manage.again")}
            </Link>
          )}
          {reasons.length > 0 && (
            <div className={styles.later}>
              {reasons.map((reason) => (
                <p key={reason} className="small muted">
                  {reason}
                </p>
              ))}
            </div>
          )}
        </div>
      </div>
    </div>
  );
}

const OVER = new Set<Reservation["state"]>(["completed", "cancelled", "rejected", "expired", "no_show"]);
const WAITS = new Set<Reservation["state"]>(["held", "pending"]);
const SHOWN = new Set(["move", "extend", "shorten", "cancel"]);

/** What has to be known of its state: how long it is held, what it waits for, what became of it. */
function StateNotice({
  managed: { reservation, actions },
  token,
  again,
  onDone,
  onChanged,
}: Omit<Props, "isStale"> & { again: string; onDone: (words: string) => void }) {
  const site = useSite();
  const speech = useOwnSpeech();
  const { text, moment } = speech;
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [key] = useState(() => crypto.randomUUID());
  const write = async (action: "extend-hold" | "withdraw-change", words: string) => {
    setBusy(true);
    setRefused(null);
    try {
      await act(site.slug, reservation, token, action, `${key} ${reservation.version}`);
      onDone(words);
    } catch (thrown) {
      setRefused(failureOf(thrown));
    }
    setBusy(false);
  };
  const problem = refused !== null && (
    <Notice kind="bad" title={text("manage.refused")}>
      <p>{againstOf(refused, speech)}</p>
    </Notice>
  );
  const change = reservation.pending_change;
  return (
    <>
      {reservation.state === "held" && reservation.hold_expires_at !== null && (
        <div className={styles.hold}>
          <Hold
            key={reservation.version}
            reservation={reservation}
            token={token}
            again={again}
            onChanged={() => onDone(text("done.confirmed"))}
            onLeave={onChanged}
          />
          {actions.get("extend_hold")?.possible === true && (
            <Button busy={busy} onClick={() => void write("extend-hold", text("manage.held_longer"))}>
              <Icon name="clock" />
              {text("manage.hold_longer")}
            </Button>
          )}
        </div>
      )}
      {reservation.state === "pending" && (
        <Notice title={text("done.pending")}>
          <p>{text("done.pending.hint")}</p>
          {reservation.pending_until !== null && <p>{text("manage.pending.until", { until: moment(reservation.pending_until) })}</p>}
        </Notice>
      )}
      {change !== null && (
        <Notice title={text(change.waits_for === "approval" ? "manage.change.approval" : "manage.change.room")}>
          <p>{text("manage.change.hint", { until: moment(change.pending_until) })}</p>
          <Facts facts={factsOf(change, speech)} className={styles.facts} />
          <p>
            <Button busy={busy} onClick={() => void write("withdraw-change", text("manage.withdrawn"))}>
              {text("manage.withdraw")}
            </Button>
          </p>
        </Notice>
      )}
      {problem}
    </>
  );
}

function Panel({ title, className, children }: { title: string; className?: string | undefined; children: ReactNode }) {
  return (
    <section className={[styles.panel, className].filter(Boolean).join(" ")} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** What somebody else has changed while one was typing: one's own wish stays, and can be sent for what is there now. */
function Changed({ facts }: { facts: ReturnType<typeof differences> }) {
  const { text } = useOwnSpeech();
  return (
    <Notice title={text("manage.meanwhile")}>
      <ul className={styles.changes}>
        {facts.map(({ label, before, after }) => (
          <li key={label}>
            {label}: <s>{before}</s> {after}
          </li>
        ))}
      </ul>
      <p>{text("manage.meanwhile.hint")}</p>
    </Notice>
  );
}

/** The things that can be done, one below the other; what the API does not list is not there. */
function Menu({
  managed: { reservation, resource, actions },
  isStale,
  open,
  onOpen,
}: Pick<Props, "managed" | "isStale"> & { open: Open; onOpen: (open: Open) => void }) {
  const { text } = useOwnSpeech();
  const isStay = reservation.check_in_on !== null;
  const can = (action: string) => actions.get(action)?.possible === true;
  const lengths = resource?.mode !== "slot";
  const items: { open: Exclude<Open, null>; icon: IconName; words: string; shown: boolean }[] = [
    { open: "move", icon: "calendar", words: text(isStay ? "manage.move" : "manage.move.time"), shown: can("move") && resource !== null },
    { open: "extend", icon: "plus", words: text("manage.extend"), shown: can("extend") && lengths && resource !== null },
    { open: "shorten", icon: "minus", words: text("manage.shorten"), shown: can("shorten") && lengths && resource !== null && canBeShorter(reservation) },
    { open: "cancel", icon: "close", words: text("manage.cancel"), shown: can("cancel") },
  ];
  const shown = items.filter((item) => item.shown);
  if (shown.length === 0) return null;
  return (
    <ul className={styles.menu}>
      {shown.map((item) => (
        <li key={item.open}>
          <button
            type="button"
            className={item.open === "cancel" ? styles.danger : undefined}
            aria-expanded={open === item.open}
            disabled={isStale && open === null}
            onClick={() => onOpen(item.open)}
          >
            <Icon name={item.icon} />
            {item.words}
            <Icon name="right" small />
          </button>
        </li>
      ))}
    </ul>
  );
}

function canBeShorter({ check_in_on, check_out_on }: Reservation): boolean {
  return check_in_on === null || check_out_on === null || Date.parse(check_out_on) - Date.parse(check_in_on) > 86_400_000;
}

/** What changes nothing: the calendar file, and the link for another device. */
function Extras({ managed: { reservation, resource }, token }: { managed: Managed; token: string }) {
  const site = useSite();
  const { text } = useOwnSpeech();
  const { base } = useRouter();
  const [copied, setCopied] = useState<"yes" | "no" | null>(null);
  const place = addressOf(site);
  const name = resource?.name ?? site.name;
  const save = () => {
    const entry = { id: reservation.id, startsAt: reservation.starts_at, endsAt: reservation.ends_at, title: `${name}, ${site.name}`, place, details: reservation.code };
    download(calendarFile(entry, new Date()), `${reservation.code}.ics`);
  };
  const copy = () => {
    const link = `${window.location.origin}${base}${managePath(reservation.id, token)}`;
    navigator.clipboard.writeText(link).then(
      () => setCopied("yes"),
      () => setCopied("no"),
    );
  };
  return (
    <ul className={styles.menu}>
      {!OVER.has(reservation.state) && (
        <li>
          <button type="button" onClick={save}>
            <Icon name="calendar" />
            {text("done.calendar")}
          </button>
        </li>
      )}
      <li>
        <button type="button" onClick={copy}>
          <Icon name="mail" />
          {text("manage.copy")}
        </button>
        <p className="small muted" role="status">
          {copied === "yes" ? text("manage.copied") : copied === "no" ? text("manage.not_copied") : text("manage.copy.hint")}
        </p>
      </li>
    </ul>
  );
}

/** How one gets there. */
function Way({ resource }: Pick<Managed, "resource">) {
  const site = useSite();
  const own = placeOf(resource?.location, resource?.name ?? site.name) ?? placeOf(site.position, site.name);
  const { text } = useOwnSpeech();
  const place = addressOf(site);
  const phone = site.contact?.phones[0];
  if (place === "" && phone === undefined && own === null) return null;
  return (
    <Panel title={text("contact.way")} className={styles.way}>
      {own !== null && <PlaceMap places={[own]} rings />}
      {place !== "" && <p>{place}</p>}
      {site.directions !== null && <p className="small">{site.directions}</p>}
      <p className={styles.ways}>
        {own !== null && (
          <a href={`https://www.openstreetmap.org/directions?to=${own.latitude}%2C${own.longitude}`} rel="noreferrer">
            <Icon name="pin" />
            {text("contact.directions")}
          </a>
        )}
        {phone !== undefined && (
          <a href={`tel:${phone.number.replaceAll(/[^+\d]/g, "")}`}>
            <Icon name="phone" />
            {phone.number}
          </a>
        )}
      </p>
    </Panel>
  );
}

function addressOf({ address }: ReturnType<typeof useSite>): string {
  return [address?.street, [address?.postal_code, address?.locality].filter(Boolean).join(" ")].filter(Boolean).join(", ");
}

function factsOfReservation(reservation: Reservation, speech: OwnSpeech): Fact[] {
  const { text } = speech;
  return [
    ...factsOf(reservation, speech),
    { label: text("done.guest"), value: reservation.guest.name },
    { label: text("book.email"), value: reservation.guest.email },
    ...(reservation.guest.phone === null ? [] : [{ label: text("book.phone"), value: reservation.guest.phone }]),
    ...(reservation.notes === "" ? [] : [{ label: text("manage.notes"), value: reservation.notes }]),
  ];
}

/** What a version says, by the words of each fact. */
function wordsOf(reservation: Reservation, speech: OwnSpeech): Map<string, string> {
  const { text, money } = speech;
  const facts = factsOfReservation(reservation, speech).map(({ label, value }) => [label, value] as const);
  return new Map([[text("manage.state"), text(`state.${reservation.state}`)], ...facts, [text("price.total"), money(reservation.price)]]);
}
