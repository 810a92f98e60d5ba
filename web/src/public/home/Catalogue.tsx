import { Suspense } from "react";
import { useSearchParams } from "wouter";

import { api, call, type Schemas } from "@/api/client";
import { type Loaded, useLoaded } from "@/api/useLoaded";
import { resourcePath } from "@/public/addresses";
import { behind } from "@/public/behind";
import { Failed } from "@/public/Failed";
import { EVERYTHING, type Filters, nightsBetween, readFilters, writeFilters } from "@/public/wanted";
import styles from "@/public/home/Home.module.css";
import { Search } from "@/public/home/Search";
import { Link } from "@/public/Link";
import { useSite } from "@/public/site";
import { useSpeech } from "@/texts/intl";
import { Button } from "@/ui/Button";
import { Empty } from "@/ui/Empty";
import { Bone, Skeleton } from "@/ui/Skeleton";

type Resource = Schemas["ResourceBody"];
type Match = Schemas["MatchBody"];

const FreeTimes = behind(() => import("@/public/home/FreeTimes"));

const MOST_PAGES = 5;
const SHOWN_WISHES = 3;
/** Cards that say when they are free on a day: each is a question to the API. */
const MOST_ASKED = 24;

interface Offer {
  resource: Resource;
  /** What the API says of the days that were asked for; null where none were. */
  match: Match | null;
}

/** Everything that is offered, whatever is looked for. */
export function useOffered(): Loaded<Resource[]> {
  const { slug } = useSite();
  return useLoaded(`mode ${slug}`, (signal) => loadResources(signal, slug, EVERYTHING));
}

/** Everything that is offered, or what fits; what is looked for stands in the address. */
export function Catalogue({ all }: { all: Loaded<Resource[]> }) {
  const site = useSite();
  const { text } = useSpeech();
  const [search, setSearch] = useSearchParams();
  const filters = readFilters(search);
  const set = (wanted: Filters) => setSearch(writeFilters(wanted), { replace: true });
  const offers = useLoaded(`offers ${site.slug} ${writeFilters(filters).toString()}`, (signal) => loadOffers(signal, site.slug, filters));
  const modes = new Set(all.data?.map(({ mode }) => mode));
  const mode = modes.size === 1 ? [...modes][0] : undefined;

  return (
    <>
      <Search filters={filters} onSearch={set} resources={all.data ?? []} />
      <section className={styles.band} id="offers" aria-labelledby="offers-title">
        <h2 id="offers-title">{text(`offers.${mode ?? "interval"}`)}</h2>
        {offers.state === "loading" && <Cards label={text("load.waiting")} />}
        {offers.state === "failed" && <Failed refused={offers.refused} retry={offers.retry} page={false} />}
        {offers.state === "full" && (
          <>
            <p className="hidden-visually" role="status">
              {text("offers.found", { count: offers.data.filter(isFree).length })}
            </p>
            {offers.data.length === 0 ? (
              <Empty title={text("offers.none")} hint={text("offers.none.hint")}>
                <Button onClick={() => set(EVERYTHING)}>{text("offers.clear")}</Button>
              </Empty>
            ) : (
              <ul className={`${styles.cards} ${cardLayout(offers.data.length)}`} data-stale={offers.isStale || undefined}>
                {[...offers.data.filter(isFree), ...offers.data.filter((offer) => !isFree(offer))].map((offer, index) => (
                  <li key={offer.resource.id}>
                    <Card offer={offer} filters={filters} eager={index < 2} asks={index < MOST_ASKED} />
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </section>
    </>
  );
}

function isFree({ match }: Offer): boolean {
  return match === null || match.bookable;
}

/** Rows that come out even: five are two large ones and three, seven are two, two and three. */
function cardLayout(count: number): string | undefined {
  if (count % 3 === 2) return styles.twoThree;
  return count % 3 === 1 && count > 1 ? styles.twoTwo : undefined;
}

function Card({ offer: { resource, match }, filters, eager, asks }: { offer: Offer; filters: Filters; eager: boolean; asks: boolean }) {
  const { text, money, shortMoney, amenity } = useSpeech();
  const image = resource.images[0];
  const price = resource.from_price;
  const free = isFree({ resource, match });
  const query = writeFilters({ ...filters, wishes: [] }).toString();
  return (
    <article className={free ? styles.card : `${styles.card} ${styles.taken}`}>
      <div className={styles.cardPicture}>
        {image !== undefined && (
          <img src={image.url} alt={image.alt} width={image.width ?? 1200} height={image.height ?? 800} loading={eager ? "eager" : "lazy"} />
        )}
      </div>
      <div className={styles.cardWords}>
        <h3>
          <Link to={`${resourcePath(resource.slug)}${query === "" ? "" : `?${query}`}`}>{resource.name}</Link>
        </h3>
        <p>{resource.summary}</p>
        <ul className={styles.facts}>
          <li>{text("offers.people", { count: resource.max_party_size })}</li>
          {resource.amenities.slice(0, SHOWN_WISHES - 1).map((code) => (
            <li key={code}>{amenity(code)}</li>
          ))}
        </ul>
        {resource.mode !== "stay" && filters.on !== "" && asks && (
          <Suspense fallback={<p className={styles.free}>{"\u00A0"}</p>}>
            <FreeTimes slug={resource.slug} on={filters.on} people={filters.people} />
          </Suspense>
        )}
        {match !== null && !match.bookable ? (
          <p className={styles.reason}>{match.violations[0]?.message ?? text("offers.taken")}</p>
        ) : match !== null ? (
          <p className={styles.price}>
            <b>{money(match.price)}</b>
            <span>{text("offers.for.nights", { count: nightsBetween(filters.from, filters.until) })}</span>
          </p>
        ) : price.total === 0 ? (
          <p className={styles.price}>
            <b>{text("offers.free")}</b>
          </p>
        ) : (
          <p className={styles.price}>
            <span>{text("offers.from")}</span>
            <b>{shortMoney(price)}</b>
            <span>{text(`offers.per.${price.per}`)}</span>
          </p>
        )}
      </div>
    </article>
  );
}

function Cards({ label }: { label: string }) {
  return (
    <Skeleton label={label}>
      <div className={styles.cards}>
        {[1, 2, 3].map((number) => (
          <div key={number} className={styles.card}>
            <Bone height="220px" />
            <Bone width="60%" />
            <Bone />
          </div>
        ))}
      </div>
    </Skeleton>
  );
}

async function loadOffers(signal: AbortSignal, tenant: string, filters: Filters): Promise<Offer[]> {
  const resources = await loadResources(signal, tenant, filters);
  const matches = filters.until === "" ? null : await loadMatches(signal, tenant, filters);
  const byId = new Map(matches?.map((match) => [match.resource_id, match]));
  return resources.map((resource) => ({ resource, match: byId.get(resource.id) ?? null }));
}

function loadResources(signal: AbortSignal, tenant: string, filters: Filters): Promise<Resource[]> {
  return pages(async (cursor) => {
    const query = { limit: 200, ...wanted(filters), ...(cursor === null ? {} : { cursor }) };
    return await call(signal, (signal) => api.GET("/v1/tenants/{tenant}/resources", { params: { path: { tenant }, query }, signal }));
  });
}

function loadMatches(signal: AbortSignal, tenant: string, filters: Filters): Promise<Match[]> {
  return pages(async (cursor) => {
    const query = { from: filters.from, until: filters.until, limit: 50, ...wanted(filters), ...(cursor === null ? {} : { cursor }) };
    return await call(signal, (signal) => api.GET("/v1/tenants/{tenant}/availability", { params: { path: { tenant }, query }, signal }));
  });
}

function wanted({ people, wishes }: Filters) {
  return { ...(people === null ? {} : { party_size: people }), ...(wishes.length === 0 ? {} : { amenity: wishes }) };
}

async function pages<Item>(read: (cursor: string | null) => Promise<{ items: Item[]; next_cursor: string | null }>): Promise<Item[]> {
  const found: Item[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { items, next_cursor } = await read(cursor);
    found.push(...items);
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  return found;
}
