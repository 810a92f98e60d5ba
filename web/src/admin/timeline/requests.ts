import { api, ask, ifMatch } from "@/admin/client";
import type { Wish } from "@/admin/timeline/wish";
import { failureOf, Refused } from "@/api/problems";
import type { Schemas } from "@/api/client";

export type Money = Schemas["Money"];
export type Alternative = Schemas["AlternativeBody"];
type Previewed = Schemas["PreviewedReservation"];
type Reservation = Schemas["ReservationBody"];

/** What the API says of a wish. */
export type Verdict =
  | { kind: "asking" }
  | { kind: "ok"; change: Money; before: Money; after: Money; waits: boolean; expected: Schemas["ExpectedMoney"] }
  | { kind: "no"; refused: Refused };

interface Sent {
  "If-Match"?: string;
  "Edit-Lock"?: string;
}

function headersOf(wish: Wish, fencing: number | null): Sent {
  return {
    ...(wish.kind === "create" ? {} : { "If-Match": ifMatch(wish.lying.version) }),
    ...(fencing === null ? {} : { "Edit-Lock": String(fencing) }),
  };
}

/** Ask what a wish would come to; nothing is stored. Throws AbortError where it is not wanted any more. */
export async function tryOut(tenant: string, wish: Wish, fencing: number | null, signal: AbortSignal): Promise<Verdict> {
  try {
    return verdictOf(await preview(tenant, wish, fencing, signal));
  } catch (thrown) {
    signal.throwIfAborted();
    return { kind: "no", refused: failureOf(thrown) ?? new Refused("server", null) };
  }
}

function preview(tenant: string, wish: Wish, fencing: number | null, signal: AbortSignal): Promise<Previewed> {
  const header = headersOf(wish, fencing);
  if (wish.kind === "create") {
    const body = { resource_id: wish.resourceId, ...unitOf(wish), ...wish.times };
    return ask(() => api.POST("/v1/tenants/{tenant}/reservations/preview", { params: { path: { tenant }, header }, body, signal }));
  }
  const params = { path: { tenant, reservation: wish.lying.id }, header };
  switch (wish.kind) {
    case "move":
      return ask(() => api.POST("/v1/tenants/{tenant}/reservations/{reservation}/move/preview", { params, body: moveOf(wish), signal }));
    case "confirm":
      return ask(() => api.POST("/v1/tenants/{tenant}/reservations/{reservation}/confirm/preview", { params, signal }));
    case "end":
      return wish.action === "extend"
        ? ask(() => api.POST("/v1/tenants/{tenant}/reservations/{reservation}/extend/preview", { params, body: endOf(wish), signal }))
        : ask(() => api.POST("/v1/tenants/{tenant}/reservations/{reservation}/shorten/preview", { params, body: endOf(wish), signal }));
  }
}

/** Make it so, for the price that was shown. `key` is one for each wish, so that a repetition is no second one. */
export function carryOut(
  tenant: string,
  wish: Exclude<Wish, { kind: "create" }>,
  { key, fencing, expected }: { key: string; fencing: number | null; expected: Schemas["ExpectedMoney"] | null },
): Promise<Reservation> {
  const params = { path: { tenant, reservation: wish.lying.id }, header: { ...headersOf(wish, fencing), "Idempotency-Key": key } };
  const price = expected === null ? {} : { expected_price: expected };
  switch (wish.kind) {
    case "move":
      return ask(() => api.POST("/v1/tenants/{tenant}/reservations/{reservation}/move", { params, body: { ...moveOf(wish), ...price } }));
    case "confirm":
      return ask(() => api.POST("/v1/tenants/{tenant}/reservations/{reservation}/confirm", { params }));
    case "end":
      return wish.action === "extend"
        ? ask(() => api.POST("/v1/tenants/{tenant}/reservations/{reservation}/extend", { params, body: { ...endOf(wish), ...price } }))
        : ask(() => api.POST("/v1/tenants/{tenant}/reservations/{reservation}/shorten", { params, body: { ...endOf(wish), ...price } }));
  }
}

export interface NewGuest {
  name: string;
  email: string;
  phone: string;
  people: number;
  notes: string;
}

/** Reserve for a guest. */
export function reserve(
  tenant: string,
  wish: Extract<Wish, { kind: "create" }>,
  guest: NewGuest,
  { key, fencing, expected }: { key: string; fencing: number | null; expected: Schemas["ExpectedMoney"] | null },
): Promise<unknown> {
  const { name, email, phone, people, notes } = guest;
  const body = {
    resource_id: wish.resourceId,
    ...unitOf(wish),
    ...wish.times,
    quantity: 1,
    party_size: people,
    notes,
    guest: { name, email, ...(phone === "" ? {} : { phone }) },
    ...(expected === null ? {} : { expected_price: expected }),
  };
  const header = { ...headersOf(wish, fencing), "Idempotency-Key": key };
  return ask(() => api.POST("/v1/tenants/{tenant}/reservations", { params: { path: { tenant }, header }, body }));
}

/** Ask the price for so many people, before they are reserved for. */
export function tryOutFor(tenant: string, wish: Extract<Wish, { kind: "create" }>, people: number, fencing: number | null, signal: AbortSignal): Promise<Verdict> {
  const header = headersOf(wish, fencing);
  const body = { resource_id: wish.resourceId, ...unitOf(wish), ...wish.times, party_size: people };
  return ask(() => api.POST("/v1/tenants/{tenant}/reservations/preview", { params: { path: { tenant }, header }, body, signal })).then(verdictOf, (thrown: unknown) => {
    signal.throwIfAborted();
    return { kind: "no" as const, refused: failureOf(thrown) ?? new Refused("server", null) };
  });
}

function unitOf({ unit }: Wish): { unit?: number } {
  return unit === null ? {} : { unit };
}

function moveOf(wish: Extract<Wish, { kind: "move" }>) {
  return { resource_id: wish.resourceId, ...unitOf(wish), ...wish.times };
}

function endOf({ times }: Wish) {
  return "check_out_on" in times ? { check_out_on: times.check_out_on } : { ends_at: times.ends_at };
}

function verdictOf({ new_price: price, price_change: change, pending_change, state }: Previewed): Verdict {
  const { currency, decimals, total } = price;
  const expected = { currency, decimals, total } as Schemas["ExpectedMoney"];
  return {
    kind: "ok",
    change,
    before: { currency, decimals, total: total - change.total },
    after: { currency, decimals, total },
    waits: pending_change != null || state === "pending",
    expected,
  };
}

/** An alternative of a refusal as the wish that it stands for. */
export function wishFor(wish: Wish, alternative: Alternative): Wish | null {
  const { check_in_on, check_out_on, starts_at, ends_at, resource_id: resourceId } = alternative;
  const times = check_in_on != null && check_out_on != null ? { check_in_on, check_out_on } : { starts_at, ends_at };
  const unit = alternative.unit ?? null;
  if (wish.kind === "create") return { kind: "create", resourceId, unit, times };
  const from = wish.kind === "move" ? wish.from : wish.resourceId;
  return wish.kind === "confirm" ? null : { kind: "move", lying: wish.lying, from, resourceId, unit, times };
}
