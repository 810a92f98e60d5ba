import { queryOptions } from "@tanstack/react-query";

import { api, ask } from "@/admin/client";
import { addDays } from "@/admin/clock";
import type { Schemas } from "@/api/client";

export type CalendarDay = Schemas["CalendarDayBody"];
export type Day = Schemas["DayBody"];
export type Planned = Schemas["PlannedReservation"];

/** What the API answers at once. */
const MOST_DAYS = 92;

/** The days of a period, which may be longer than what the API answers at once. */
export function daysQuery(tenant: string, from: string, until: string, resource: string | undefined) {
  return queryOptions({
    queryKey: [tenant, "calendar", from, until, resource ?? null],
    queryFn: async ({ signal }) => {
      const parts: [string, string][] = [];
      for (let first = from; first < until; first = addDays(first, MOST_DAYS)) {
        const last = addDays(first, MOST_DAYS);
        parts.push([first, last < until ? last : until]);
      }
      const found = await Promise.all(
        parts.map(([first, last]) => {
          const query = { from: first, until: last, ...(resource === undefined ? {} : { resource_id: resource }) };
          return ask(() => api.GET("/v1/tenants/{tenant}/calendar", { params: { path: { tenant }, query }, signal }));
        }),
      );
      return found.flatMap(({ items }) => items);
    },
  });
}

export function dayQuery(tenant: string, date: string) {
  return queryOptions({
    queryKey: [tenant, "day", date],
    queryFn: ({ signal }) => ask(() => api.GET("/v1/tenants/{tenant}/calendar/{date}", { params: { path: { tenant, date } }, signal })),
  });
}

const MOST_WAITING = 20;

/** What waits for room or for somebody's approval, the earliest stay first. */
export function waitingQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "reservations", "waiting"],
    queryFn: ({ signal }) => {
      const query = { state: ["pending" as const], limit: MOST_WAITING };
      return ask(() => api.GET("/v1/tenants/{tenant}/reservations", { params: { path: { tenant }, query }, signal }));
    },
  });
}
