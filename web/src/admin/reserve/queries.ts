import { queryOptions } from "@tanstack/react-query";

import { api, ask } from "@/admin/client";
import { addDays } from "@/admin/clock";
import type { wantedOf } from "@/admin/reserve/wish";

const MOST_KNOWN = 5;

/** What a use costs, whether it is possible, and what is instead. `wanted` is the use as JSON. */
export function quoteQuery(tenant: string, wanted: string) {
  return queryOptions({
    queryKey: [tenant, "quote", wanted],
    queryFn: ({ signal }) => {
      const body = { ...(JSON.parse(wanted) as NonNullable<ReturnType<typeof wantedOf>>), alternatives: true };
      return ask(() => api.POST("/v1/tenants/{tenant}/quotes", { params: { path: { tenant } }, body, signal }));
    },
    retry: false,
    staleTime: 0,
  });
}

/** The slots that begin on a day, with what is left in each. */
export function slotsQuery(tenant: string, resource: string, on: string, people: number, quantity: number) {
  const query = { from: on, until: addDays(on, 1), party_size: people, quantity, reasons: true };
  return queryOptions({
    queryKey: [tenant, "slots", resource, query],
    queryFn: async ({ signal }) => {
      const found = await ask(() => api.GET("/v1/tenants/{tenant}/resources/{resource}/availability", { params: { path: { tenant, resource }, query }, signal }));
      return found.mode === "slot" ? found.slots : [];
    },
  });
}

/** Some guests whose name, email address or telephone number has this text. */
export function knownQuery(tenant: string, text: string) {
  return queryOptions({
    queryKey: [tenant, "guests", "known", text],
    queryFn: ({ signal }) => ask(() => api.GET("/v1/tenants/{tenant}/guests", { params: { path: { tenant }, query: { text, limit: MOST_KNOWN } }, signal })),
  });
}
