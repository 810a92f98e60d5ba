import { type ReactNode, type SubmitEvent, useEffect, useRef, useState } from "react";
import { useRouter } from "wouter";

import { api, call, type Schemas } from "@/api/client";
import { failureOf, messagesByField, type Refused } from "@/api/problems";
import { answered, attemptOf, forget } from "@/public/attempt";
import { reasonOf } from "@/public/Failed";
import { type Joined, thingOf } from "@/public/joined";
import { useSite } from "@/public/site";
import type { Use } from "@/public/uses";
import { isFinal, leaveWaitlist, useEntry } from "@/public/waiting";
import styles from "@/public/Waitlist.module.css";
import { useSpeech } from "@/texts/intl";
import { Button } from "@/ui/Button";
import { Field } from "@/ui/Field";
import { Icon } from "@/ui/Icon";
import { Notice } from "@/ui/Notice";

const FIELDS = ["name", "email"] as const;
const typed = { name: "", email: "" };

/** Waiting for what is full: who waits, then the place in the queue. `when` says what for; `instead` stands below. */
export default function Waitlist({ use, when, instead }: { use: Use; when: string; instead?: ReactNode }) {
  const site = useSite();
  const thing = thingOf(site.slug, use);
  const [joined, setJoined] = useState<Joined | null>(() => attemptOf<Joined>(thing).made);
  if (joined === null) return <JoinForm thing={thing} use={use} when={when} instead={instead} onJoined={setJoined} />;
  if (joined.state === "unconfirmed") return <AwaitsEmail joined={joined} />;
  return (
    <Place
      joined={joined}
      when={when}
      onAgain={() => {
        forget(thing);
        setJoined(null);
      }}
    />
  );
}

function JoinForm({
  thing,
  use,
  when,
  instead,
  onJoined,
}: {
  thing: string;
  use: Use;
  when: string;
  instead: ReactNode;
  onJoined: (joined: Joined) => void;
}) {
  const site = useSite();
  const speech = useSpeech();
  const { text } = speech;
  const [values, setValues] = useState(() => ({ ...typed }));
  const [errors, setErrors] = useState<Map<string, string[]>>(new Map());
  const [refused, setRefused] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const sending = useRef<AbortController | null>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => () => sending.current?.abort(), []);
  useEffect(() => {
    if (errors.size > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [errors]);

  const words = ({ rule, message }: Schemas["ViolationBody"], name: string) =>
    rule === "request" && name === "email" ? text("book.email.wrong") : message;
  const send = async () => {
    const controller = new AbortController();
    sending.current = controller;
    setBusy(true);
    try {
      const params = { path: { tenant: site.slug }, header: { "Idempotency-Key": attemptOf<Joined>(thing).key } };
      const body = { ...use, guest: { name: values.name.trim(), email: values.email.trim() } };
      const made = await call(controller.signal, (signal) => api.POST("/v1/tenants/{tenant}/waitlist", { params, body, signal }));
      answered(thing, made);
      onJoined(made);
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (failure === null) return;
      // An answer that refuses ends this request; where none came, the same one is repeated, by the same key.
      if (failure.kind === "refused" || failure.kind === "missing") answered(thing, null);
      setErrors(failure.kind === "refused" ? messagesByField(failure.problem, FIELDS, words) : new Map());
      setRefused(failure);
      setBusy(false);
    }
  };
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const missing = FIELDS.filter((name) => values[name].trim() === "");
    setRefused(null);
    setErrors(new Map(missing.map((name) => [name, [text("book.required")]])));
    if (missing.length === 0) void send();
  };
  const field = (name: (typeof FIELDS)[number]) => ({
    name,
    value: values[name],
    errors: errors.get(name) ?? [],
    onChange: ({ target }: { target: { value: string } }) => {
      // Somebody who looks at another full time types their name once.
      typed[name] = target.value;
      setValues((before) => ({ ...before, [name]: target.value }));
    },
  });
  const whole = errors.get("") ?? [];
  return (
    <form ref={form} className={styles.waitlist} onSubmit={submit} noValidate aria-labelledby="wait-title">
      <h2 id="wait-title">{text("wait.title", { when })}</h2>
      <p className="small muted">{text("wait.hint")}</p>
      {refused !== null && (refused.kind !== "refused" || whole.length > 0) && (
        <Notice kind="bad" title={text("wait.refused")}>
          {(refused.kind === "refused" ? whole : [reasonOf(refused, speech)]).map((one) => (
            <p key={one}>{one}</p>
          ))}
        </Notice>
      )}
      <Field label={text("book.name")} autoComplete="name" maxLength={200} {...field("name")} />
      <Field label={text("book.email")} type="email" inputMode="email" autoComplete="email" maxLength={254} {...field("email")} />
      <Button kind="primary" type="submit" busy={busy} full>
        {!busy && <Icon name="bell" />}
        {text(busy ? "wait.joining" : "wait.join")}
      </Button>
      {instead}
    </form>
  );
}

function AwaitsEmail({ joined }: { joined: Schemas["AwaitsConfirmation"] }) {
  const { text, moment } = useSpeech();
  return (
    <div className={styles.waitlist} role="status">
      <h2>{text("done.email")}</h2>
      <p className="small">{text("wait.email", { email: joined.email, until: moment(joined.expires_at) })}</p>
    </div>
  );
}

/** Where one stands in the queue now, and the way out of it. */
function Place({ joined, when, onAgain }: { joined: Schemas["JoinedEntry"]; when: string; onAgain: () => void }) {
  const site = useSite();
  const speech = useSpeech();
  const { text } = speech;
  const { base } = useRouter();
  const [entry, setEntry] = useEntry(site.slug, joined.id, joined.manage_token, joined);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    setRefused(null);
    try {
      setEntry(await leaveWaitlist(site.slug, entry, joined.manage_token));
    } catch (thrown) {
      setRefused(failureOf(thrown));
    }
    setBusy(false);
  };
  const page = `${base}/waitlist/${entry.id}#${joined.manage_token}`;
  if (entry.state !== "waiting") {
    return (
      <div className={styles.waitlist} role="status">
        <h2>{when}</h2>
        <p>{text(`wait.state.${entry.state}`)}</p>
        {isFinal(entry.state) ? <Button onClick={onAgain}>{text("wait.again")}</Button> : <a href={page}>{text("wait.offer")}</a>}
      </div>
    );
  }
  return (
    <div className={styles.waitlist} role="status">
      <p className={styles.badge}>
        <Icon name="check" small />
        {text("wait.joined")}
      </p>
      <h2>{text("wait.place.for", { place: entry.place ?? 1, when })}</h2>
      <p className="small muted">{text("wait.next", { email: entry.guest.email })}</p>
      <p className="small">
        <a href={page}>{text("wait.look")}</a>
      </p>
      {refused !== null && (
        <Notice kind="bad" title={text("book.refused")}>
          <p>{reasonOf(refused, speech)}</p>
        </Notice>
      )}
      <Button full busy={busy} onClick={() => void leave()}>
        {text("wait.leave")}
      </Button>
    </div>
  );
}
