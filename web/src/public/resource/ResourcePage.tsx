import { lazy, type ReactNode, Suspense } from "react";
import { useLocation, useSearchParams } from "wouter";

import { api, call, type Schemas } from "@/api/client";
import { useLoaded } from "@/api/useLoaded";
import { resourcePath } from "@/public/addresses";
import { Failed } from "@/public/Failed";
import frame from "@/public/Frame.module.css";
import { Link } from "@/public/Link";
import { Missing } from "@/public/Missing";
import { RefundLadder } from "@/public/Price";
import { PriceBox } from "@/public/resource/PriceBox";
import styles from "@/public/resource/Resource.module.css";
import { useSite } from "@/public/site";
import { usePageTitle } from "@/public/usePageTitle";
import { type Quote, useQuote } from "@/public/useQuote";
import { refusalWords } from "@/public/violations";
import { type Filters, nightsBetween, readFilters, writeFilters } from "@/public/wanted";
import { type Speech, useSpeech } from "@/texts/intl";
import { Icon } from "@/ui/Icon";
import { type Choice, Notice } from "@/ui/Notice";
import { Bone, Skeleton } from "@/ui/Skeleton";
import { Stepper } from "@/ui/Stepper";

const StayCalendar = lazy(() => import("@/public/resource/StayCalendar"));

type Details = Schemas["ResourceDetails"];

/** One thing that is offered: what it is, when it is free, what it costs. */
export default function ResourcePage({ slug }: { slug: string }) {
  const site = useSite();
  const { text } = useSpeech();
  const resource = useLoaded(`resource ${site.slug} ${slug}`, (signal) =>
    call(signal, (signal) =>
      api.GET("/v1/tenants/{tenant}/resources/{resource}", { params: { path: { tenant: site.slug, resource: slug } }, signal }),
    ),
  );
  if (resource.state === "loading") {
    return (
      <div className={frame.wrap}>
        <Skeleton label={text("load.waiting")}>
          <Bone height="min(60vw, 430px)" />
        </Skeleton>
      </div>
    );
  }
  if (resource.state === "failed") {
    return resource.refused.kind === "missing" ? <Missing /> : <Failed refused={resource.refused} retry={resource.retry} />;
  }
  return <Offer resource={resource.data} />;
}

function Offer({ resource }: { resource: Details }) {
  const site = useSite();
  const speech = useSpeech();
  const { text } = speech;
  usePageTitle(resource.name);
  const times = resource.policy.mode;
  const pictures = [...resource.images, ...(site.image === null ? [] : [site.image])];
  const where = placeOf(resource);
  return (
    <div className={`${frame.wrap} ${styles.page}`}>
      <Link to="/" className={styles.back}>
        <Icon name="left" small />
        {text("offer.back")}
      </Link>
      <div className={styles.gallery} role="group" aria-label={text("offer.pictures")} tabIndex={pictures.length > 1 ? 0 : undefined}>
        {pictures.map((image, index) => (
          <div key={image.url}>
            <img
              src={image.url}
              alt={image.alt}
              width={image.width ?? 1200}
              height={image.height ?? 800}
              fetchPriority={index === 0 ? "high" : "auto"}
              loading={index < 2 ? "eager" : "lazy"}
            />
          </div>
        ))}
      </div>
      <Choose resource={resource}>
        <section className={styles.head}>
          <h1>{resource.name}</h1>
          <p className={styles.lead}>{resource.summary}</p>
          <ul className={styles.facts}>
            <li>
              <Icon name="people" />
              {text("offers.people", { count: resource.max_party_size })}
            </li>
            {typeof times["check_in_time"] === "string" && typeof times["check_out_time"] === "string" && (
              <li>
                <Icon name="clock" />
                {text("offer.facts.times", { from: clock(times["check_in_time"], speech), until: clock(times["check_out_time"], speech) })}
              </li>
            )}
            {where !== null && (
              <li>
                <Icon name="pin" />
                {where.href === null ? where.words : <a href={where.href}>{where.words}</a>}
              </li>
            )}
          </ul>
          {resource.amenities.length > 0 && (
            <ul className={styles.tags} aria-label={text("offer.amenities")}>
              {resource.amenities.map((code) => (
                <li key={code}>{speech.amenity(code)}</li>
              ))}
            </ul>
          )}
        </section>
      </Choose>
    </div>
  );
}

/** Nights are chosen here; what is reserved by times is reserved by asking, until it has its page. */
function Choose({ resource, children }: { resource: Details; children: ReactNode }) {
  const { contact } = useSite();
  const { text } = useSpeech();
  if (resource.mode === "stay") return <Stay resource={resource}>{children}</Stay>;
  return (
    <div className={styles.main}>
      {children}
      <Notice title={text("offer.call")}>
        {contact?.phones.map(({ label, number }) => (
          <p key={number}>
            {label}: <a href={`tel:${number.replaceAll(/[^+\d]/g, "")}`}>{number}</a>
          </p>
        ))}
        {contact?.email != null && (
          <p>
            <a href={`mailto:${contact.email}`}>{contact.email}</a>
          </p>
        )}
      </Notice>
      <About resource={resource} />
    </div>
  );
}

/** When, who and what it costs, in that order on a phone; what is wanted stands in the address. */
function Stay({ resource, children }: { resource: Details; children: ReactNode }) {
  const site = useSite();
  const speech = useSpeech();
  const { text, day } = speech;
  const [search, setSearch] = useSearchParams();
  const wanted = readFilters(search);
  const people = Math.min(wanted.people ?? Math.min(2, resource.max_party_size), resource.max_party_size);
  const set = (changed: Partial<Filters>) => setSearch(writeFilters({ ...wanted, people, ...changed }), { replace: true });
  const stay =
    wanted.until === "" ? null : { resource_id: resource.id, check_in_on: wanted.from, check_out_on: wanted.until, party_size: people };
  const quote = useQuote(site.slug, stay);
  const refused = quote.state === "full" && !quote.isStale && quote.data?.bookable === false ? quote.data : null;
  const reservePath = `${resourcePath(resource.slug)}/reserve?${writeFilters({ ...wanted, people, wishes: [] }).toString()}`;
  return (
    <div className={styles.columns}>
      <div className={styles.main}>
        {children}
        <section className={styles.section} id="when" aria-labelledby="when-title">
          <div>
            <h2 id="when-title">{text("when.title")}</h2>
            <p className="small muted" aria-live="polite">
              {wanted.until === ""
                ? text("when.hint")
                : text("when.chosen", { count: nightsBetween(wanted.from, wanted.until), from: day(wanted.from), until: day(wanted.until) })}
            </p>
          </div>
          {refused !== null && <Refusal quote={refused} resource={resource} onChoose={set} />}
          <Suspense
            fallback={
              <Skeleton label={text("load.waiting")}>
                <Bone height="420px" />
              </Skeleton>
            }
          >
            <StayCalendar
              slug={resource.slug}
              capacity={resource.capacity}
              wanted={wanted}
              people={people}
              onChange={(days) => set(days)}
              refused={refused !== null}
            />
          </Suspense>
        </section>
        <section className={styles.section} aria-labelledby="who-title">
          <div className={styles.row}>
            <div>
              <h2 id="who-title">{text("who.title")}</h2>
              <p className="small muted">{text("offers.people", { count: resource.max_party_size })}</p>
            </div>
            <Stepper
              value={people}
              min={1}
              max={resource.max_party_size}
              label={text("search.people")}
              fewer={text("who.fewer")}
              more={text("who.more")}
              onChange={(number) => set({ people: number })}
            />
          </div>
        </section>
        {quote.data != null && quote.data.bookable && quote.data.refund_steps.length > 0 && quote.data.price.total > 0 && (
          <section className={styles.section} aria-labelledby="cancel-title">
            <h2 id="cancel-title">{text("cancel.title")}</h2>
            <RefundLadder steps={quote.data.refund_steps} />
          </section>
        )}
        <About resource={resource} />
      </div>
      <div className={styles.sticky}>
        <PriceBox resource={resource} quote={quote} people={people} reservePath={reservePath} />
      </div>
    </div>
  );
}

function About({ resource }: { resource: Details }) {
  const { text } = useSpeech();
  if (resource.description === "") return null;
  return (
    <section className={styles.section} aria-labelledby="about-title">
      <h2 id="about-title">{text("offer.about")}</h2>
      <div className={styles.prose}>
        {resource.description.split(/\n{2,}/).map((paragraph, index) => (
          <p key={index}>{paragraph}</p>
        ))}
      </div>
    </section>
  );
}

/** Why the chosen days are not possible, and what is, each one tap away. */
function Refusal({ quote, resource, onChoose }: { quote: Quote; resource: Details; onChoose: (changed: Partial<Filters>) => void }) {
  const speech = useSpeech();
  const [, navigate] = useLocation();
  const { text } = speech;
  const choices = quote.alternatives
    .filter((one) => one.check_in_on !== null && one.check_out_on !== null)
    .map((one): Choice => {
      const [from, until] = [one.check_in_on ?? "", one.check_out_on ?? ""];
      const other = one.resource_id !== resource.id;
      return {
        key: `${one.resource_id} ${from} ${until}`,
        label: other ? `${one.resource_name}, ${days(from, until, speech)}` : alternativeWords(quote, from, until, speech),
        aside: one.price === null ? undefined : speech.shortMoney(one.price),
        onChoose: () => {
          const found = writeFilters({ from, until, people: one.party_size, wishes: [] }).toString();
          if (other) navigate(`${resourcePath(one.resource_slug)}?${found}`);
          else onChoose({ from, until });
        },
      };
    });
  return (
    <Notice kind="bad" title={text("refused.title")} choices={choices} choicesLabel={text("refused.instead")}>
      {refusalWords(quote, speech).map((words) => (
        <p key={words}>{words}</p>
      ))}
    </Notice>
  );
}

function alternativeWords(quote: Quote, from: string, until: string, speech: Speech): string {
  const words = days(from, until, speech);
  const more = nightsBetween(from, until) - nightsBetween(quote.check_in_on ?? "", quote.check_out_on ?? "");
  if (from !== quote.check_in_on || more === 0) return words;
  return speech.text(more > 0 ? "refused.more" : "refused.fewer", { count: Math.abs(more), days: words });
}

function days(from: string, until: string, { locale }: Speech): string {
  const format = new Intl.DateTimeFormat(locale, { timeZone: "UTC", day: "numeric", month: "short" });
  return format.formatRange(new Date(`${from}T00:00:00Z`), new Date(`${until}T00:00:00Z`));
}

/** A time of day such as 16:00, as people write it there. */
function clock(time: string, { locale }: Speech): string {
  const minutes = time.endsWith(":00") && !/^(?:de|es|fr)/.test(locale) ? {} : { minute: "2-digit" as const };
  return new Intl.DateTimeFormat(locale, { timeZone: "UTC", hour: "numeric", ...minutes }).format(new Date(`1970-01-01T${time.slice(0, 5)}:00Z`));
}

function placeOf({ location }: Details): { words: string; href: string | null } | null {
  const words = location?.["description"];
  if (typeof words !== "string" || words === "") return null;
  const [latitude, longitude] = [location?.["latitude"], location?.["longitude"]];
  const known = typeof latitude === "number" && typeof longitude === "number";
  return { words, href: known ? `https://www.openstreetmap.org/directions?to=${latitude}%2C${longitude}` : null };
}
