import { type SubmitEvent, useEffect, useRef, useState } from "react";
import { useLocation, useSearchParams } from "wouter";

import { api, call, type Schemas } from "@/api/client";
import { failureOf, messagesByField, type Refused } from "@/api/problems";
import { useLoaded } from "@/api/useLoaded";
import { resourcePath } from "@/public/addresses";
import { alternativeWords } from "@/public/alternatives";
import { answered, attemptOf, forget } from "@/public/attempt";
import styles from "@/public/booking/Booking.module.css";
import { Done, type Made } from "@/public/booking/Done";
import { Facts } from "@/public/Facts";
import { factsOf } from "@/public/facts";
import { Failed, reasonOf } from "@/public/Failed";
import frame from "@/public/Frame.module.css";
import { Link } from "@/public/Link";
import { Missing } from "@/public/Missing";
import { PriceLines, useRefundWords } from "@/public/Price";
import { useSite } from "@/public/site";
import { usePageTitle } from "@/public/usePageTitle";
import { type Quote, useQuote } from "@/public/useQuote";
import { isOf, readUse, searchOf, type Use } from "@/public/uses";
import { refusalWords } from "@/public/violations";
import { useSpeech } from "@/texts/intl";
import { Button, buttonClass } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Field } from "@/ui/Field";
import { Icon } from "@/ui/Icon";
import { type Choice, Notice } from "@/ui/Notice";
import { Bone, Skeleton } from "@/ui/Skeleton";

const FIELDS = ["name", "email", "phone", "notes"] as const;
const BLANK = { name: "", email: "", phone: "", notes: "" };
const LONGEST_NOTES = 2000;

/** Who comes: the details of a guest on one screen, then what was reserved. */
export default function BookingPage({ slug }: { slug: string }) {
  const site = useSite();
  const { text } = useSpeech();
  const [search] = useSearchParams();
  // What was typed stays when other days are taken instead.
  const [values, setValues] = useState(BLANK);
  const resource = useLoaded(`resource ${site.slug} ${slug}`, (signal) =>
    call(signal, (signal) =>
      api.GET("/v1/tenants/{tenant}/resources/{resource}", { params: { path: { tenant: site.slug, resource: slug } }, signal }),
    ),
  );
  // While another is loading, the former is still there.
  const found = resource.data?.slug === slug ? resource.data : undefined;
  const use = found === undefined ? null : readUse(found, search);
  const quote = useQuote(site.slug, use);
  const back = `${resourcePath(slug)}?${search.toString()}`;
  usePageTitle(text("book.for", { resource: found?.name ?? slug }));

  if (resource.state === "failed") {
    return resource.refused.kind === "missing" ? <Missing /> : <Failed refused={resource.refused} retry={resource.retry} />;
  }
  if (found !== undefined && use === null) {
    return (
      <div className={`${frame.wrap} ${frame.alone}`}>
        <Empty title={text(found.mode === "stay" ? "book.days" : "book.time")} page>
          <Link to={back}>{text(found.mode === "stay" ? "book.days.link" : "book.time.link")}</Link>
        </Empty>
      </div>
    );
  }
  if (quote.state === "failed") return <Failed refused={quote.refused} retry={quote.retry} />;
  if (found === undefined || use === null || quote.data == null || !isOf(quote.data, use)) {
    return (
      <div className={`${frame.wrap} ${frame.alone}`}>
        <Skeleton label={text("load.waiting")}>
          <Bone height="320px" />
        </Skeleton>
      </div>
    );
  }
  return (
    <Booking
      key={JSON.stringify(use)}
      resource={found}
      use={use}
      quote={quote.data}
      back={back}
      values={values}
      onType={setValues}
    />
  );
}

interface Props {
  resource: Schemas["ResourceDetails"];
  use: Use;
  quote: Quote;
  back: string;
  values: typeof BLANK;
  onType: (change: (before: typeof BLANK) => typeof BLANK) => void;
}

function Booking({ resource, use, quote, back, values, onType }: Props) {
  const site = useSite();
  const speech = useSpeech();
  const { text } = speech;
  const refundWords = useRefundWords();
  const id = `${site.slug} ${JSON.stringify(use)}`;
  const [made, setMade] = useState<Made | null>(() => attemptOf<Made>(id).made);
  const image = resource.images[0];
  const isStay = resource.mode === "stay";

  if (made !== null) {
    return (
      <Done
        made={made}
        resource={resource}
        again={back}
        onChanged={(changed) => {
          answered(id, changed);
          setMade(changed);
        }}
        onLeave={() => forget(id)}
      />
    );
  }
  return (
    <div className={`${frame.wrap} ${styles.page}`}>
      <Link to={back} className={styles.back}>
        <Icon name="left" small />
        {text(isStay ? "book.back" : "book.back.time")}
      </Link>
      <h1>{text("book.for", { resource: resource.name })}</h1>
      <div className={styles.columns}>
        <GuestForm
          id={id}
          resource={resource}
          use={use}
          quote={quote}
          back={back}
          values={values}
          onType={onType}
          onMade={(answer) => {
            setMade(answer);
            window.scrollTo(0, 0);
          }}
        />
        <aside className={styles.summary} aria-label={text("price.title")}>
          {image !== undefined && <img src={image.url} alt="" width={image.width ?? 1200} height={image.height ?? 800} />}
          <Facts facts={factsOf(quote, speech)} className={styles.facts} />
          {quote.price.total > 0 && (
            <>
              <PriceLines price={quote.price} />
              <p className="small">{refundWords(quote.refund_steps)}</p>
            </>
          )}
        </aside>
      </div>
    </div>
  );
}

function GuestForm({ id, resource, use, quote, back, values, onType, onMade }: Props & { id: string; onMade: (made: Made) => void }) {
  const site = useSite();
  const speech = useSpeech();
  const { text, money } = speech;
  const [errors, setErrors] = useState<Map<string, string[]>>(new Map());
  const [refused, setRefused] = useState<Refused | null>(null);
  const [newPrice, setNewPrice] = useState<Schemas["Price"] | null>(null);
  const [busy, setBusy] = useState(false);
  const sending = useRef<AbortController | null>(null);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => () => sending.current?.abort(), []);
  const price = newPrice ?? quote.price;
  const toTimes = resource.mode === "stay" ? "book.days.link" : "book.time.link";
  // What is taken can be asked for where it queues.
  const asks = !quote.bookable && quote.violations.length === 0 && quote.waitlist === null;

  // The API says what is wrong in English; of an email only its form can be.
  const fieldWords = ({ rule, message }: Schemas["ViolationBody"], name: string) =>
    rule === "request" && name === "email" ? text("book.email.wrong") : message;
  const send = async () => {
    const controller = new AbortController();
    sending.current = controller;
    setBusy(true);
    const body = {
      ...use,
      guest: { name: values.name.trim(), email: values.email.trim(), ...(values.phone.trim() === "" ? {} : { phone: values.phone.trim() }) },
      notes: values.notes,
      expected_price: { currency: price.currency as Schemas["ExpectedMoney"]["currency"], total: price.total },
    };
    try {
      const params = { path: { tenant: site.slug }, header: { "Idempotency-Key": attemptOf<Made>(id).key } };
      const answer = await call(controller.signal, (signal) => api.POST("/v1/tenants/{tenant}/reservations", { params, body, signal }));
      answered(id, answer);
      onMade(answer);
    } catch (thrown) {
      const failure = failureOf(thrown);
      if (failure === null) return;
      // An answer that refuses ends this request; where none came, the same one is repeated, by the same key.
      if (failure.kind === "refused" || failure.kind === "missing") answered(id, null);
      const problem = failure.problem;
      setNewPrice(problem?.code === "price_changed" ? (problem.quote ?? null) : newPrice);
      setErrors(failure.kind === "refused" ? messagesByField(problem, FIELDS, fieldWords) : new Map());
      setRefused(failure);
      setBusy(false);
    }
  };

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const missing = (["name", "email"] as const).filter((name) => values[name].trim() === "");
    setRefused(null);
    setErrors(new Map(missing.map((name) => [name, [text("book.required")]])));
    if (missing.length === 0) void send();
  };
  // Where something is wrong, one goes on there.
  useEffect(() => {
    if (errors.size > 0) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [errors]);
  // What is about the whole stands on top, which on a phone is out of sight when one sends.
  useEffect(() => {
    if (refused !== null && form.current?.querySelector('[aria-invalid="true"]') == null) form.current?.scrollIntoView({ block: "start" });
  }, [refused]);

  const field = (name: (typeof FIELDS)[number]) => ({
    name,
    value: values[name],
    errors: errors.get(name) ?? [],
    onChange: ({ target }: { target: { value: string } }) => onType((before) => ({ ...before, [name]: target.value })),
  });
  return (
    <form ref={form} className={styles.form} onSubmit={submit} noValidate aria-labelledby="details-title">
      <h2 id="details-title">{text("book.title")}</h2>
      {!quote.bookable && !asks && refused === null && (
        <Notice kind="bad" title={text(resource.mode === "stay" ? "refused.title" : "refused.title.time")}>
          {refusalWords(quote, speech).map((words) => (
            <p key={words}>{words}</p>
          ))}
          <p>
            <Link to={back}>{text(toTimes)}</Link>
          </p>
        </Notice>
      )}
      {asks && <Notice title={text("price.ask.hint")} />}
      {refused !== null && <Refusal refused={refused} whole={errors.get("") ?? []} price={newPrice} back={back} quote={quote} />}
      <Field label={text("book.name")} autoComplete="name" maxLength={200} {...field("name")} />
      <Field label={text("book.email")} hint={text("book.email.hint")} type="email" inputMode="email" autoComplete="email" maxLength={254} {...field("email")} />
      <Field label={text("book.phone")} aside={text("book.optional")} type="tel" autoComplete="tel" maxLength={50} {...field("phone")} />
      <Field label={text("book.notes")} aside={text("book.optional")} lines maxLength={LONGEST_NOTES} {...field("notes")} />
      <Button kind="primary" type="submit" busy={busy} full>
        {busy ? text("book.sending") : asks ? text("price.ask") : price.total === 0 ? text("book.send.free") : text("book.send", { price: money(price) })}
      </Button>
    </form>
  );
}

/** A refusal of the whole stands on top of the form, in words, with what can be done. */
function Refusal({
  refused,
  whole,
  price,
  back,
  quote,
}: {
  refused: Refused;
  whole: string[];
  price: Schemas["Price"] | null;
  back: string;
  quote: Quote;
}) {
  const speech = useSpeech();
  const [, navigate] = useLocation();
  const { text, money } = speech;
  const code = refused.problem?.code;
  const isStay = quote.check_in_on !== null;
  if (code === "price_changed" && price !== null) {
    return (
      <Notice title={text("book.price_changed", { price: money(price) })}>
        <p>{text("book.price_changed.hint")}</p>
      </Notice>
    );
  }
  if (code === "idempotency_mismatch") {
    return (
      <Notice kind="bad" title={text("book.refused")}>
        <p>{text("book.already")}</p>
      </Notice>
    );
  }
  if (refused.kind === "refused" || refused.kind === "missing") {
    const words = refused.problem?.violations?.length ? refusalWords({ violations: refused.problem.violations, check_in_on: quote.check_in_on }, speech) : whole;
    const ofStay = code === "no_capacity" || code === "rule_violations";
    if (words.length === 0 || (!ofStay && whole.length === 0)) return null;
    const choices = (refused.problem?.alternatives ?? []).map((one): Choice => {
      const search = searchOf(one).toString();
      return {
        key: `${one.resource_id} ${search}`,
        label: alternativeWords(one, quote, speech),
        aside: one.price === null || one.price.total === 0 ? undefined : speech.shortMoney(one.price),
        onChoose: () => navigate(`${resourcePath(one.resource_slug)}/reserve?${search}`),
      };
    });
    return (
      <Notice kind="bad" title={text("book.refused")} choices={choices} choicesLabel={text("refused.instead")}>
        {(code === "no_capacity" ? refusalWords({ violations: [], check_in_on: quote.check_in_on }, speech) : words).map((one) => (
          <p key={one}>{one}</p>
        ))}
        {ofStay && (
          <p>
            <Link to={back} className={buttonClass("line")}>
              {text(isStay ? "price.change" : "price.change.time")}
            </Link>
          </p>
        )}
      </Notice>
    );
  }
  return (
    <Notice kind="bad" title={refused.kind === "busy" ? text("book.refused") : text("book.unclear")}>
      <p>{reasonOf(refused, speech)}</p>
      {refused.kind !== "busy" && <p>{text("book.unclear.hint")}</p>}
    </Notice>
  );
}
