import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, ask } from "@/admin/client";
import type { Schemas } from "@/api/client";

export type Guest = Schemas["GuestDetailsBody"];
export type Stay = Schemas["ReservationBody"];

const PAGE = 50;

/** Guests by name, email address or telephone number, page by page. */
export function guestsQuery(tenant: string, text: string | undefined) {
  const query = { limit: PAGE, ...(text === undefined ? {} : { text }) };
  return infiniteQueryOptions({
    queryKey: [tenant, "guests", query],
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) =>
      ask(() =>
        api.GET("/v1/tenants/{tenant}/guests", {
          params: { path: { tenant }, query: { ...query, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });
}

export function guestQuery(tenant: string, guest: string) {
  return queryOptions({
    queryKey: [tenant, "guest", guest],
    queryFn: ({ signal }) => ask(() => api.GET("/v1/tenants/{tenant}/guests/{guest}", { params: { path: { tenant, guest } }, signal })),
  });
}

/** All reservations of a guest, those that begin last first. */
export function stayQuery(tenant: string, guest: string) {
  return infiniteQueryOptions({
    queryKey: [tenant, "reservations", "of-guest", guest],
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) =>
      ask(() =>
        api.GET("/v1/tenants/{tenant}/reservations", {
          params: {
            path: { tenant },
            query: { guest_id: guest, sort: "-starts_at", limit: PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) },
          },
          signal,
        }),
      ),
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });
}
