import { type SubmitEvent, useEffect, useRef, useState } from "react";
import { useLocation, useSearchParams } from "wouter";

import { api, call, type Schemas } from "@/api/client";
import { failureOf, messagesByField, type Refused } from "@/api/problems";
import { useLoaded } from "@/api/useLoaded";
import { resourcePath } from "@/public/addresses";
import { answered, attemptOf, forget, type Made } from "@/public/booking/attempt";
import styles from "@/public/booking/Booking.module.css";
import { Done } from "@/public/booking/Done";
import { Failed, reasonOf } from "@/public/Failed";
import frame from "@/public/Frame.module.css";
import { Link } from "@/public/Link";
import { Missing } from "@/public/Missing";
import { PriceLines, useRefundWords } from "@/public/Price";
import { useSite } from "@/public/site";
import { usePageTitle } from "@/public/usePageTitle";
import { type Quote, type Stay, useQuote } from "@/public/useQuote";
import { refusalWords } from "@/public/violations";
import { readFilters, writeFilters } from "@/public/wanted";
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
  const wanted = readFilters(search);
  const resource = useLoaded(`resource ${site.slug} ${slug}`, (signal) =>
    call(signal, (signal) =>
      api.GET("/v1/tenants/{tenant}/resources/{resource}", { params: { path: { tenant: site.slug, resource: slug } }, signal }),
    ),
  );
  const people = wanted.people ?? 1;
  // While another is loading, the former is still there.
  const found = resource.data?.slug === slug ? resource.data : undefined;
  const stay =
    found?.mode !== "stay" || wanted.until === ""
      ? null
      : { resource_id: found.id, check_in_on: wanted.from, check_out_on: wanted.until, party_size: people };
  const quote = useQuote(site.slug, stay);
  const back = `${resourcePath(slug)}?${writeFilters({ ...wanted, wishes: [] }).toString()}`;
  usePageTitle(text("book.for", { resource: found?.name ?? slug }));

  if (resource.state === "failed") {
    return resource.refused.kind === "missing" ? <Missing /> : <Failed refused={resource.refused} retry={resource.retry} />;
  }
  if (found !== undefined && stay === null) {
    return (
      <div className={`${frame.wrap} ${frame.alone}`}>
        <Empty title={text("book.days")}>
          <Link to={back}>{text("book.days.link")}</Link>
        </Empty>
      </div>
    );
  }
  if (quote.state === "failed") return <Failed refused={quote.refused} retry={quote.retry} />;
  if (found === undefined || stay === null || quote.data == null || !isOf(quote.data, stay)) {
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
      key={JSON.stringify(stay)}
      slug={slug}
      resource={found}
      stay={stay}
      quote={quote.data}
      back={back}
      values={values}
      onType={setValues}
    />
  );
}

/** Whether a quote is of this stay, and not yet of the one before. */
function isOf(quote: Quote, stay: Stay): boolean {
  return (
    quote.resource_id === stay.resource_id &&
    quote.check_in_on === stay.check_in_on &&
    quote.check_out_on === stay.check_out_on &&
    quote.party_size === stay.party_size
  );
}

interface Props {
  slug: string;
  resource: Schemas["ResourceDetails"];
  stay: Stay;
  quote: Quote;
  back: string;
  values: typeof BLANK;
  onType: (change: (before: typeof BLANK) => typeof BLANK) => void;
}

function Booking({ slug, resource, stay, quote, back, values, onType }: Props) {
  const site = useSite();
  const { text, moment } = useSpeech();
  const refundWords = useRefundWords();
  const id = `${site.slug} ${JSON.stringify(stay)}`;
  const [made, setMade] = useState<Made | null>(() => attemptOf(id).made);
  const image = resource.images[0];

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
        {text("book.back")}
      </Link>
      <h1>{text("book.for", { resource: resource.name })}</h1>
      <div className={styles.columns}>
        <GuestForm
          id={id}
          slug={slug}
          stay={stay}
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
          <dl className={styles.facts}>
            <div>
              <dt>{text("price.in")}</dt>
              <dd>{moment(quote.starts_at)}</dd>
            </div>
            <div>
              <dt>{text("price.out")}</dt>
              <dd>{moment(quote.ends_at)}</dd>
            </div>
            <div>
              <dt>{text("price.people")}</dt>
              <dd>{quote.party_size}</dd>
            </div>
          </dl>
          <PriceLines price={quote.price} />
          <p className="small">{refundWords(quote.refund_steps)}</p>
        </aside>
      </div>
    </div>
  );
}

function GuestForm({ id, slug, stay, quote, back, values, onType, onMade }: Omit<Props, "resource"> & { id: string; onMade: (made: Made) => void }) {
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

  // The API says what is wrong in English; of an email only its form can be.
  const fieldWords = ({ rule, message }: Schemas["ViolationBody"], name: string) =>
    rule === "request" && name === "email" ? text("book.email.wrong") : message;
  const send = async () => {
    const controller = new AbortController();
    sending.current = controller;
    setBusy(true);
    const body = {
      ...stay,
      guest: { name: values.name.trim(), email: values.email.trim(), ...(values.phone.trim() === "" ? {} : { phone: values.phone.trim() }) },
      notes: values.notes,
      expected_price: { currency: price.currency as Schemas["ExpectedMoney"]["currency"], total: price.total },
    };
    try {
      const params = { path: { tenant: site.slug }, header: { "Idempotency-Key": attemptOf(id).key } };
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
      {!quote.bookable && (
        <Notice kind="bad" title={text("refused.title")}>
          {refusalWords(quote, speech).map((words) => (
            <p key={words}>{words}</p>
          ))}
          <p>
            <Link to={back}>{text("book.days.link")}</Link>
          </p>
        </Notice>
      )}
      {refused !== null && <Refusal refused={refused} whole={errors.get("") ?? []} price={newPrice} back={back} slug={slug} />}
      <Field label={text("book.name")} autoComplete="name" maxLength={200} {...field("name")} />
      <Field label={text("book.email")} hint={text("book.email.hint")} type="email" inputMode="email" autoComplete="email" maxLength={254} {...field("email")} />
      <Field label={text("book.phone")} aside={text("book.optional")} type="tel" autoComplete="tel" maxLength={50} {...field("phone")} />
      <Field label={text("book.notes")} aside={text("book.optional")} lines maxLength={LONGEST_NOTES} {...field("notes")} />
      <Button kind="primary" type="submit" busy={busy} full>
        {busy ? text("book.sending") : price.total === 0 ? text("book.send.free") : text("book.send", { price: money(price) })}
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
  slug,
}: {
  refused: Refused;
  whole: string[];
  price: Schemas["Price"] | null;
  back: string;
  slug: string;
}) {
  const speech = useSpeech();
  const [, navigate] = useLocation();
  const { text, money } = speech;
  const code = refused.problem?.code;
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
    const words = refused.problem?.violations?.length ? refusalWords({ violations: refused.problem.violations }, speech) : whole;
    const ofStay = code === "no_capacity" || code === "rule_violations";
    if (words.length === 0 || (!ofStay && whole.length === 0)) return null;
    const choices = (refused.problem?.alternatives ?? []).flatMap((one): Choice[] => {
      if (one.check_in_on === null || one.check_out_on === null) return [];
      const days = { from: one.check_in_on, until: one.check_out_on };
      const wanted = writeFilters({ ...days, people: one.party_size, wishes: [] }).toString();
      const other = one.resource_slug !== slug;
      return [
        {
          key: `${one.resource_id} ${wanted}`,
          label: [...(other ? [one.resource_name] : []), `${speech.day(days.from)} – ${speech.day(days.until)}`].join(", "),
          aside: one.price === null ? undefined : speech.shortMoney(one.price),
          onChoose: () => navigate(`${resourcePath(one.resource_slug)}/reserve?${wanted}`),
        },
      ];
    });
    return (
      <Notice kind="bad" title={text("book.refused")} choices={choices} choicesLabel={text("refused.instead")}>
        {(code === "no_capacity" ? [text("refused.taken")] : words).map((one) => (
          <p key={one}>{one}</p>
        ))}
        {ofStay && (
          <p>
            <Link to={back} className={buttonClass("line")}>
              {text("price.change")}
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
