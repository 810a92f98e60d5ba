import { daysBetween } from "@/admin/clock";
import type { Schemas } from "@/api/client";

type Resource = Pick<Schemas["ResourceBody"], "id" | "mode">;
type Alternative = Schemas["AlternativeBody"];

/** What is typed: days where nights are reserved, instants where slots are, else local times such as 2026-12-14T15:00. */
export interface Wish {
  start: string;
  end: string;
  people: string;
  quantity: string;
}

/** For whom. */
export interface Who {
  name: string;
  email: string;
  phone: string;
  notes: string;
}

/** What has been typed so far; it outlives the dialog until it was sent. */
export interface Draft {
  /** Id of the resource; "" while none is chosen. */
  resource: string;
  wish: Wish;
  who: Who;
}

export const EMPTY: Draft = { resource: "", wish: { start: "", end: "", people: "1", quantity: "1" }, who: { name: "", email: "", phone: "", notes: "" } };

const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/;
const MOST = 9999;

/** What the API is asked for; null as long as something is missing. Whether it is possible is the API's to say. */
export function wantedOf({ id, mode }: Resource, { start, end, people, quantity }: Wish) {
  const [party_size, units] = [Number(people), Number(quantity)];
  if (start === "" || end === "" || ![party_size, units].every((count) => Number.isInteger(count) && count >= 1 && count <= MOST)) return null;
  const isStay = mode === "stay";
  if (isStay && !(daysBetween(start, end) > 0)) return null;
  if (mode === "interval" && !(LOCAL.test(start) && LOCAL.test(end) && start < end)) return null;
  return { resource_id: id, party_size, quantity: units, ...(isStay ? { check_in_on: start, check_out_on: end } : { starts_at: start, ends_at: end }) };
}

/** An alternative as the wish that it stands for; `localTime` says an instant as fields have it. */
export function wishFor(one: Alternative, mode: Resource["mode"], localTime: (at: string) => string): Wish {
  const counts = { people: String(one.party_size), quantity: String(one.quantity) };
  if (mode === "stay") return { start: one.check_in_on ?? "", end: one.check_out_on ?? "", ...counts };
  if (mode === "slot") return { start: one.starts_at, end: one.ends_at, ...counts };
  return { start: localTime(one.starts_at), end: localTime(one.ends_at), ...counts };
}
