import { useEffect, useState } from "react";

import { api, call, type Schemas } from "@/api/client";
import { failureOf, type Refused } from "@/api/problems";
import { monthAfter } from "@/public/wanted";

export type Night = Schemas["NightBody"];

interface Found {
  of: string;
  nights: Map<string, Night>;
  months: Set<string>;
  refused: Refused | null;
}

/**
 * The nights of the months from `first` (a first day of a month) on, as the API lists them for so many people.
 *
 * What was loaded stays while other months are; `today` is where the listing begins.
 */
export function useNights(tenant: string, resource: string, people: number, first: string, count: number, today: string) {
  const of = `${tenant} ${resource} ${people}`;
  const [found, setFound] = useState<Found>(() => empty(of));
  const [attempt, setAttempt] = useState(0);
  const current = found.of === of ? found : empty(of);
  const months = Array.from({ length: count }, (_, index) => monthAfter(first, index)).filter((month) => monthAfter(month, 1) > today);
  const missing = months.filter((month) => !current.months.has(month)).join(" ");
  useEffect(() => {
    if (missing === "") return;
    const controller = new AbortController();
    for (const month of missing.split(" ")) {
      const query = { from: month < today ? today : month, until: monthAfter(month, 1), party_size: people, reasons: true };
      call(controller.signal, (signal) =>
        api.GET("/v1/tenants/{tenant}/resources/{resource}/availability", { params: { path: { tenant, resource }, query }, signal }),
      ).then(
        (listing) => {
          const nights = listing.mode === "stay" ? listing.nights : [];
          setFound((before) => {
            const kept = before.of === of ? before : empty(of);
            return {
              of,
              nights: new Map([...kept.nights, ...nights.map((night) => [night.on, night] as const)]),
              months: new Set([...kept.months, month]),
              refused: null,
            };
          });
        },
        (thrown: unknown) => {
          const refused = failureOf(thrown);
          if (refused !== null && !controller.signal.aborted) setFound((before) => ({ ...(before.of === of ? before : empty(of)), refused }));
        },
      );
    }
    return () => controller.abort();
  }, [missing, of, tenant, resource, people, today, attempt]);
  return { nights: current.nights, refused: current.refused, retry: () => setAttempt((number) => number + 1) };
}

function empty(of: string): Found {
  return { of, nights: new Map(), months: new Set(), refused: null };
}
