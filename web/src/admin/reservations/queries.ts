import { parseDate, toZoned } from "@internationalized/date";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, ask } from "@/admin/client";
import { addDays } from "@/admin/clock";
import { type ReservationsSearch, statesOf } from "@/admin/reservations/search";
import type { Schemas } from "@/api/client";

export type Reservation = Schemas["ReservationBody"];
export type HistoryEvent = Schemas["EventBody"];

const PAGE = 50;

/** The reservations that the address asks for, page by page. */
export function listQuery(tenant: string, timezone: string, search: ReservationsSearch) {
  const states = statesOf(search.state);
  const at = (day: string) => new Date(toZoned(parseDate(day), timezone).toDate().getTime()).toISOString();
  const query = {
    limit: PAGE,
    ...(search.text === undefined ? {} : { text: search.text }),
    ...(states.length === 0 ? {} : { state: states }),
    ...(search.resource === undefined ? {} : { resource_id: search.resource }),
    ...(search.guest === undefined ? {} : { guest_id: search.guest }),
    ...(search.from === undefined ? {} : { from: at(search.from) }),
    ...(search.until === undefined ? {} : { until: at(addDays(search.until, 1)) }),
    ...(search.sort === undefined ? {} : { sort: search.sort }),
  };
  return infiniteQueryOptions({
    queryKey: [tenant, "reservations", "list", query],
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) =>
      ask(() =>
        api.GET("/v1/tenants/{tenant}/reservations", {
          params: { path: { tenant }, query: { ...query, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          // The API takes several states with commas between them.
          querySerializer: { array: { style: "form", explode: false } },
          signal,
        }),
      ),
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });
}

export function reservationQuery(tenant: string, reservation: string) {
  return queryOptions({
    queryKey: [tenant, "reservation", reservation],
    queryFn: ({ signal }) =>
      ask(() => api.GET("/v1/tenants/{tenant}/reservations/{reservation}", { params: { path: { tenant, reservation } }, signal })),
  });
}

export function actionsQuery(tenant: string, reservation: string) {
  return queryOptions({
    queryKey: [tenant, "reservation", reservation, "actions"],
    queryFn: ({ signal }) =>
      ask(() => api.GET("/v1/tenants/{tenant}/reservations/{reservation}/actions", { params: { path: { tenant, reservation } }, signal })),
  });
}

export function cancellationQuery(tenant: string, reservation: string) {
  return queryOptions({
    queryKey: [tenant, "reservation", reservation, "cancellation"],
    queryFn: ({ signal }) =>
      ask(() => api.GET("/v1/tenants/{tenant}/reservations/{reservation}/cancellation", { params: { path: { tenant, reservation } }, signal })),
  });
}

export function historyQuery(tenant: string, reservation: string) {
  return queryOptions({
    queryKey: [tenant, "reservation", reservation, "history"],
    queryFn: ({ signal }) =>
      ask(() => api.GET("/v1/tenants/{tenant}/reservations/{reservation}/history", { params: { path: { tenant, reservation } }, signal })),
  });
}

export function asOfQuery(tenant: string, reservation: string, at: string) {
  return queryOptions({
    queryKey: [tenant, "reservation", reservation, "as-of", at],
    queryFn: ({ signal }) =>
      ask(() =>
        api.GET("/v1/tenants/{tenant}/reservations/{reservation}/as-of", { params: { path: { tenant, reservation }, query: { at } }, signal }),
      ),
    staleTime: Infinity,
  });
}

export function resourceQuery(tenant: string, resource: string) {
  return queryOptions({
    queryKey: [tenant, "resource", resource],
    queryFn: ({ signal }) => ask(() => api.GET("/v1/tenants/{tenant}/resources/{resource}", { params: { path: { tenant, resource } }, signal })),
    staleTime: 60_000,
  });
}
