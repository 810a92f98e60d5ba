import { useSearchParams } from "wouter";

import type { Schemas } from "@/api/client";
import { resourcePath } from "@/public/addresses";
import { countsUnits } from "@/public/resource/Sections";
import { FURTHEST_DAYS } from "@/public/stripDays";
import { useSite } from "@/public/site";
import { partySizes } from "@/public/sizes";
import { useQuote } from "@/public/useQuote";
import { readTimes, readUse, type Times, writeTimes } from "@/public/uses";
import { dayIn, daysAfter } from "@/public/wanted";

/** What a guest wants of a resource that is reserved by times, as the address has it, and what it costs. */
export function useTimes(resource: Schemas["ResourceDetails"]) {
  const site = useSite();
  const [search, setSearch] = useSearchParams();
  const wanted = readTimes(search);
  const { min, max } = partySizes(resource);
  const people = Math.min(Math.max(wanted.people ?? min, min), max);
  const quantity = countsUnits(resource) ? Math.min(wanted.quantity ?? 1, resource.capacity) : 1;
  const settled = { ...wanted, people, quantity };
  const use = readUse(resource, writeTimes(settled));
  const quote = useQuote(site.slug, use);
  const today = dayIn(site.timezone, new Date());
  const dayOf = (at: string) => dayIn(site.timezone, new Date(at));
  const on = wanted.on !== "" ? wanted.on : wanted.start !== "" ? dayOf(wanted.start) : "";
  return {
    wanted,
    people,
    quantity,
    /** Units that it takes: people where these are counted. */
    units: resource.policy.capacity_counts === "people" ? people : quantity,
    use,
    quote,
    refused: quote.state === "full" && !quote.isStale && quote.data?.bookable === false ? quote.data : null,
    today,
    furthest: daysAfter(today, FURTHEST_DAYS),
    /** The chosen day, "" while none is. */
    on: on < today ? "" : on,
    dayOf,
    set: (changed: Partial<Times>) => setSearch(writeTimes({ ...settled, ...changed }), { replace: true }),
    reservePath: `${resourcePath(resource.slug)}/reserve?${writeTimes({ ...settled, on: "" }).toString()}`,
  };
}
