import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, ask } from "@/admin/client";
import type { Schemas } from "@/api/client";

export type Webhook = Schemas["WebhookBody"];
export type Delivery = Schemas["DeliveryBody"];
export type EventType = NonNullable<Schemas["CreateWebhook"]["events"]>[number];

const PAGE = 50;
/** While something is on its way. */
const LOOK_MS = 2000;
/** As often for an event that was sent a moment ago and is not in the log yet. */
const MOST_LOOKS = 60;

export function webhooksQuery(tenant: string) {
  return queryOptions({
    queryKey: [tenant, "webhooks"],
    queryFn: ({ signal }) => ask(() => api.GET("/v1/tenants/{tenant}/webhooks", { params: { path: { tenant }, query: { limit: PAGE } }, signal })),
  });
}

export function webhookQuery(tenant: string, webhook: string) {
  return queryOptions({
    queryKey: [tenant, "webhook", webhook],
    queryFn: ({ signal }) => ask(() => api.GET("/v1/tenants/{tenant}/webhooks/{webhook}", { params: { path: { tenant, webhook } }, signal })),
  });
}

/** What was sent to it, the latest first; `awaited` is the id of an event that is to be there soon. */
export function deliveriesQuery(tenant: string, webhook: string, state: Delivery["state"] | undefined, awaited: string | null) {
  const query = { limit: PAGE, ...(state === undefined ? {} : { state }) };
  return infiniteQueryOptions({
    queryKey: [tenant, "webhook", webhook, "deliveries", query],
    initialPageParam: null as string | null,
    queryFn: ({ signal, pageParam }) =>
      ask(() =>
        api.GET("/v1/tenants/{tenant}/webhooks/{webhook}/deliveries", {
          params: { path: { tenant, webhook }, query: { ...query, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: ({ next_cursor }) => next_cursor,
    refetchInterval: ({ state: { data, dataUpdateCount } }) => {
      const latest = data?.pages[0]?.items ?? [];
      const isAwaited = awaited !== null && dataUpdateCount < MOST_LOOKS && latest.every(({ event_id }) => event_id !== awaited);
      return isAwaited || latest.some((one) => one.state === "pending") ? LOOK_MS : false;
    },
  });
}

export function deliveryQuery(tenant: string, webhook: string, delivery: string) {
  return queryOptions({
    queryKey: [tenant, "webhook", webhook, "delivery", delivery],
    queryFn: ({ signal }) =>
      ask(() => api.GET("/v1/tenants/{tenant}/webhooks/{webhook}/deliveries/{delivery}", { params: { path: { tenant, webhook, delivery } }, signal })),
  });
}
