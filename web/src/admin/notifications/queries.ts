import { queryOptions } from "@tanstack/react-query";

import { api, ask } from "@/admin/client";
import type { Schemas } from "@/api/client";

export type Device = Schemas["PushDeviceBody"];
export type Preferences = Schemas["PushPreferencesBody"];
export type EventName = Preferences["events"][number];

/** In the order in which a member reads them. */
export const EVENTS: readonly EventName[] = [
  "reservation.created",
  "reservation.change_requested",
  "reservation.cancelled",
  "reservation.moved",
  "reservation.extended",
  "reservation.shortened",
  "reservation.confirmed",
  "reservation.checked_in",
  "reservation.no_show",
  "reservation.expired",
];

export function devicesQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "push", "devices"],
    queryFn: ({ signal }) => ask(() => api.GET("/v1/tenants/{tenant}/push-subscriptions", { params: { path: { tenant } }, signal })),
  });
}

export function preferencesQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "push", "preferences"],
    queryFn: ({ signal }) => ask(() => api.GET("/v1/tenants/{tenant}/push-preferences", { params: { path: { tenant } }, signal })),
  });
}
