import { api, call, type Schemas } from "@/api/client";
import { failureOf } from "@/api/problems";
import { bearer } from "@/public/waiting";

/** What the page of one's own reservation shows, as the API says it. */

export type Reservation = Schemas["ReservationBody"];
/** What of it is changed: its days and people, or its end alone. */
export type Editing = "move" | "extend" | "shorten";

export interface Managed {
  reservation: Reservation;
  actions: Map<string, Schemas["ActionBody"]>;
  cancellation: Schemas["CancellationBody"];
  /** What was reserved; null where it is offered no more. */
  resource: Schemas["ResourceDetails"] | null;
}

export async function loadManaged(signal: AbortSignal, tenant: string, id: string, token: string): Promise<Managed> {
  const options = { params: { path: { tenant, reservation: id } }, headers: bearer(token) };
  const [reservation, actions, cancellation] = await Promise.all([
    call(signal, (signal) => api.GET("/v1/tenants/{tenant}/reservations/{reservation}", { ...options, signal })),
    call(signal, (signal) => api.GET("/v1/tenants/{tenant}/reservations/{reservation}/actions", { ...options, signal })),
    call(signal, (signal) => api.GET("/v1/tenants/{tenant}/reservations/{reservation}/cancellation", { ...options, signal })),
  ]);
  const params = { path: { tenant, resource: reservation.resource_id } };
  const resource = await call(signal, (signal) => api.GET("/v1/tenants/{tenant}/resources/{resource}", { params, signal })).catch(
    (thrown: unknown) => {
      if (failureOf(thrown)?.kind === "missing") return null;
      throw thrown;
    },
  );
  return { reservation, actions: new Map(actions.items.map((one) => [one.action, one])), cancellation, resource };
}

/** Which write takes a reservation to what is wanted: the API has words of its own for a later and an earlier end. */
export type Change =
  | { action: "move"; body: Schemas["MoveReservation"] }
  | { action: "extend" | "shorten"; body: Schemas["NewEnd"] };

export interface Wanted {
  check_in_on?: string;
  check_out_on?: string;
  starts_at?: string;
  ends_at?: string;
  party_size: number;
}

/** The change from what there is to what is wanted; null where nothing is different. */
export function changeOf(now: Pick<Reservation, "check_in_on" | "check_out_on" | "starts_at" | "ends_at" | "party_size">, wanted: Wanted): Change | null {
  const stays = now.check_in_on !== null && now.check_out_on !== null;
  const start = stays ? [now.check_in_on, wanted.check_in_on ?? now.check_in_on] : [instant(now.starts_at), instant(wanted.starts_at ?? now.starts_at)];
  const end = stays ? [now.check_out_on, wanted.check_out_on ?? now.check_out_on] : [instant(now.ends_at), instant(wanted.ends_at ?? now.ends_at)];
  const [samePeople, sameStart, sameEnd] = [now.party_size === wanted.party_size, start[0] === start[1], end[0] === end[1]];
  if (samePeople && sameStart && sameEnd) return null;
  if (samePeople && sameStart) {
    const action = String(end[1]) > String(end[0]) ? "extend" : "shorten";
    return { action, body: stays ? { check_out_on: end[1] ?? null } : { ends_at: end[1] ?? null } };
  }
  const people = samePeople ? {} : { party_size: wanted.party_size };
  if (sameStart && sameEnd) return { action: "move", body: people };
  const times = stays
    ? { check_in_on: start[1] ?? null, check_out_on: end[1] ?? null }
    : { starts_at: start[1] ?? null, ends_at: end[1] ?? null };
  return { action: "move", body: { ...times, ...people } };
}

function instant(at: string): string {
  return new Date(at).toISOString();
}

/** In which facts two versions of a reservation differ, by the words of each: what somebody else has changed. */
export function differences(before: Map<string, string>, after: Map<string, string>): { label: string; before: string; after: string }[] {
  const labels = [...new Set([...before.keys(), ...after.keys()])];
  return labels
    .map((label) => ({ label, before: before.get(label) ?? "–", after: after.get(label) ?? "–" }))
    .filter((one) => one.before !== one.after);
}
