import { parseDate, toZoned } from "@internationalized/date";
import { queryOptions } from "@tanstack/react-query";

import { api, ask } from "@/admin/client";
import { addDays } from "@/admin/clock";
import type { ClosuresSearch } from "@/admin/closures/search";
import { everything } from "@/admin/pages";
import type { Schemas } from "@/api/client";

export type Closure = Schemas["ClosureBody"];

const PAGE = 100;

/** The closures that the address asks for, by start; up to a thousand. */
export function closuresQuery(tenant: string, timezone: string, search: ClosuresSearch) {
  const at = (day: string) => toZoned(parseDate(day), timezone).toDate().toISOString();
  const query = {
    limit: PAGE,
    ...(search.resource === undefined ? {} : { resource_id: search.resource }),
    ...(search.from === undefined ? {} : { from: at(search.from) }),
    ...(search.until === undefined ? {} : { until: at(addDays(search.until, 1)) }),
  };
  return queryOptions({
    queryKey: [tenant, "closures", query],
    queryFn: async ({ signal }) => ({
      items: await everything<Closure>((cursor) => ask(() => api.GET("/v1/tenants/{tenant}/closures", { params: { path: { tenant }, query: { ...query, ...cursor } }, signal }))),
    }),
  });
}

/** With its units. */
export function resourceQuery(tenant: string, resource: string) {
  return queryOptions({
    queryKey: [tenant, "resource", resource],
    queryFn: ({ signal }) => ask(() => api.GET("/v1/tenants/{tenant}/resources/{resource}", { params: { path: { tenant, resource } }, signal })),
    staleTime: 60_000,
    enabled: resource !== "",
  });
}

/** Whom a closure would conflict with. */
export function previewQuery(tenant: string, body: Schemas["CloseUnits"] | null) {
  return queryOptions({
    queryKey: [tenant, "reservations", "closure-preview", body],
    queryFn: ({ signal }) =>
      ask(() =>
        api.POST("/v1/tenants/{tenant}/closures/preview", {
          params: { path: { tenant } },
          // The reason is typed last and changes nothing.
          body: { ...(body as Schemas["CloseUnits"]), reason: "?" },
          signal,
        }),
      ),
    enabled: body !== null,
    retry: false,
  });
}
