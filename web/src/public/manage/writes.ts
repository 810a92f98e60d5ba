import { api, call, type Schemas } from "@/api/client";
import type { Change, Reservation } from "@/public/manage/managed";
import { bearer } from "@/public/waiting";

/** Ask what a change would come to. Throws `Refused`. */
export function preview(
  signal: AbortSignal,
  tenant: string,
  id: string,
  token: string,
  change: Change,
): Promise<Schemas["PreviewedReservation"]> {
  const options = { params: { path: { tenant, reservation: id } }, headers: bearer(token) };
  return call(signal, (signal) => {
    switch (change.action) {
      case "move":
        return api.POST("/v1/tenants/{tenant}/reservations/{reservation}/move/preview", { ...options, body: change.body, signal });
      case "extend":
        return api.POST("/v1/tenants/{tenant}/reservations/{reservation}/extend/preview", { ...options, body: change.body, signal });
      case "shorten":
        return api.POST("/v1/tenants/{tenant}/reservations/{reservation}/shorten/preview", { ...options, body: change.body, signal });
    }
  });
}

/** Make the change, once for each key, and only of the version that the guest has seen. Throws `Refused`. */
export function makeChange(tenant: string, reservation: Reservation, token: string, change: Change, expected: Schemas["Price"], key: string): Promise<Reservation> {
  const params = { path: { tenant, reservation: reservation.id }, header: { "Idempotency-Key": key, "If-Match": `"${reservation.version}"` } };
  const headers = bearer(token);
  const expected_price = { currency: expected.currency as Schemas["ExpectedMoney"]["currency"], total: expected.total };
  const body = { ...change.body, expected_price };
  return call(new AbortController().signal, (signal) => {
    switch (change.action) {
      case "move":
        return api.POST("/v1/tenants/{tenant}/reservations/{reservation}/move", { params, headers, body, signal });
      case "extend":
        return api.POST("/v1/tenants/{tenant}/reservations/{reservation}/extend", { params, headers, body, signal });
      case "shorten":
        return api.POST("/v1/tenants/{tenant}/reservations/{reservation}/shorten", { params, headers, body, signal });
    }
  });
}

/** What takes no more than the guest's word: cancel, hold for longer, take a waiting change back. Throws `Refused`. */
export function act(tenant: string, reservation: Reservation, token: string, action: "cancel" | "extend-hold" | "withdraw-change", key: string): Promise<Reservation> {
  const params = { path: { tenant, reservation: reservation.id }, header: { "Idempotency-Key": key, "If-Match": `"${reservation.version}"` } };
  const headers = bearer(token);
  return call(new AbortController().signal, (signal) => {
    switch (action) {
      case "cancel":
        return api.POST("/v1/tenants/{tenant}/reservations/{reservation}/cancel", { params, headers, signal });
      case "extend-hold":
        return api.POST("/v1/tenants/{tenant}/reservations/{reservation}/extend-hold", { params, headers, signal });
      case "withdraw-change":
        return api.POST("/v1/tenants/{tenant}/reservations/{reservation}/withdraw-change", { params, headers, signal });
    }
  });
}
