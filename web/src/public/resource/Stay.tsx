import { lazy, type ReactNode, Suspense } from "react";
import { useSearchParams } from "wouter";

import type { Schemas } from "@/api/client";
import { resourcePath } from "@/public/addresses";
import { About } from "@/public/resource/About";
import { PriceBox } from "@/public/resource/PriceBox";
import styles from "@/public/resource/Resource.module.css";
import { IfYouCancel, Refusal, Who } from "@/public/resource/Sections";
import { useSite } from "@/public/site";
import { partySizes } from "@/public/sizes";
import { useQuote } from "@/public/useQuote";
import { type Filters, nightsBetween, readFilters, writeFilters } from "@/public/wanted";
import { useSpeech } from "@/texts/intl";
import { Bone, Skeleton } from "@/ui/Skeleton";

const StayCalendar = lazy(() => import("@/public/StayCalendar"));

const USUAL_PEOPLE = 2;

/** When, who and what it costs, in that order on a phone; what is wanted stands in the address. */
export default function Stay({ resource, children }: { resource: Schemas["ResourceDetails"]; children: ReactNode }) {
  const site = useSite();
  const speech = useSpeech();
  const { text, day } = speech;
  const [search, setSearch] = useSearchParams();
  const wanted = readFilters(search);
  const { min, max } = partySizes(resource);
  const people = Math.min(Math.max(wanted.people ?? USUAL_PEOPLE, min), max);
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
          {refused !== null && <Refusal quote={refused} title={text("refused.title")} />}
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
        <Who resource={resource} people={people} onChange={(number) => set({ people: number })} />
        <IfYouCancel quote={quote} />
        <About resource={resource} />
      </div>
      <div className={styles.sticky}>
        <PriceBox resource={resource} quote={quote} use={stay} reservePath={reservePath} />
      </div>
    </div>
  );
}
