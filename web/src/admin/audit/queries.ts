import { parseDate, toZoned } from "@internationalized/date";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import type { AuditSearch } from "@/admin/audit/search";
import { api, ask } from "@/admin/client";
import { addDays } from "@/admin/clock";
import type { Schemas } from "@/api/client";

export type AuditEvent = Schemas["EventBody"];

const PAGE = 50;

/** The events that the address asks for, the latest first, page by page. */
export function auditQuery(tenant: string, timezone: string, search: AuditSearch) {
  const query = filterOf(timezone, search);
  return infiniteQueryOptions({
    queryKey: [tenant, "audit", query],
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) =>
      ask(() =>
        api.GET("/v1/tenants/{tenant}/audit", {
          params: { path: { tenant }, query: { ...query, limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });
}

/** How many events there are after the latest one that is shown: up to a page of them. */
export function newEventsQuery(tenant: string, timezone: string, search: AuditSearch, latest: string) {
  const query = { ...filterOf(timezone, search), limit: PAGE };
  return queryOptions({
    queryKey: [tenant, "audit-new", query, latest],
    queryFn: async ({ signal }) => {
      const { items } = await ask(() => api.GET("/v1/tenants/{tenant}/audit", { params: { path: { tenant }, query }, signal }));
      const known = items.findIndex(({ id }) => id === latest);
      return known === -1 ? items.length : known;
    },
    refetchInterval: 30_000,
  });
}

/** The same as a table for spreadsheets, as the API writes it. */
export function auditTable(tenant: string, timezone: string, search: AuditSearch): Promise<Blob> {
  return ask(() => api.GET("/v1/tenants/{tenant}/audit.csv", { params: { path: { tenant }, query: filterOf(timezone, search) }, parseAs: "blob" }));
}

function filterOf(timezone: string, search: AuditSearch) {
  const at = (day: string) => toZoned(parseDate(day), timezone).toDate().toISOString();
  return {
    ...(search.actor === undefined ? {} : { actor_kind: search.actor }),
    ...(search.kind === undefined ? {} : { entity_kind: search.kind }),
    ...(search.thing === undefined ? {} : { entity_id: search.thing }),
    ...(search.by === undefined ? {} : { actor_id: search.by }),
    ...(search.from === undefined ? {} : { from: at(search.from) }),
    ...(search.until === undefined ? {} : { until: at(addDays(search.until, 1)) }),
  };
}
