import { parseDate, toZoned } from "@internationalized/date";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, ask } from "@/admin/client";
import { addDays } from "@/admin/clock";
import type { WaitlistSearch } from "@/admin/waitlist/search";
import type { Schemas } from "@/api/client";

export type Entry = Schemas["EntryBody"];

const PAGE = 50;

/** Who waits as the address asks for it, the oldest first, page by page. */
export function waitlistQuery(tenant: string, timezone: string, search: WaitlistSearch) {
  const at = (day: string) => toZoned(parseDate(day), timezone).toDate().toISOString();
  const query = {
    limit: PAGE,
    ...(search.ended === true ? {} : { state: ["waiting", "offered"] satisfies Entry["state"][] }),
    ...(search.resource === undefined ? {} : { resource_id: search.resource }),
    ...(search.from === undefined ? {} : { from: at(search.from) }),
    ...(search.until === undefined ? {} : { until: at(addDays(search.until, 1)) }),
  };
  return infiniteQueryOptions({
    queryKey: [tenant, "waitlist", query],
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) =>
      ask(() =>
        api.GET("/v1/tenants/{tenant}/waitlist", {
          params: { path: { tenant }, query: { ...query, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          // The API takes several states with commas between them.
          querySerializer: { array: { style: "form", explode: false } },
          signal,
        }),
      ),
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });
}

/** The reservation that is held for an entry while it is offered: it has the entry's id. */
export function offerQuery(tenant: string, entry: string) {
  return queryOptions({
    queryKey: [tenant, "reservation", entry],
    queryFn: ({ signal }) => ask(() => api.GET("/v1/tenants/{tenant}/reservations/{reservation}", { params: { path: { tenant, reservation: entry } }, signal })),
  });
}
