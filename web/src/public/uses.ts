import type { Schemas } from "@/api/client";
import { readCount, readDay, readFilters, writeFilters } from "@/public/wanted";

/** What is wanted of a resource, as the API takes it: nights by two days, everything else by two instants. */
export type Use = StayUse | TimesUse;

export interface StayUse {
  resource_id: string;
  check_in_on: string;
  check_out_on: string;
  party_size: number;
}

export interface TimesUse {
  resource_id: string;
  starts_at: string;
  ends_at: string;
  quantity: number;
  party_size: number;
}

type Resource = Pick<Schemas["ResourceDetails"], "id" | "mode" | "slug">;

/** Times as they stand in the address: ?on=2026-12-05&start=2026-12-05T02:30Z&end=2026-12-05T05:30Z&people=2&quantity=1 */
export interface Times {
  /** The day that is shown, where the business is. */
  on: string;
  start: string;
  end: string;
  people: number | null;
  quantity: number | null;
}

const NO_TIMES: Times = { on: "", start: "", end: "", people: null, quantity: null };
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z$/;

export function readTimes(search: URLSearchParams): Times {
  const start = readInstant(search.get("start"));
  const end = readInstant(search.get("end"));
  return {
    on: readDay(search.get("on")),
    start,
    // An end that is not after the start is none.
    end: start !== "" && Date.parse(end) > Date.parse(start) ? end : "",
    people: readCount(search.get("people")),
    quantity: readCount(search.get("quantity")),
  };
}

export function writeTimes(times: Partial<Times>): URLSearchParams {
  const { on, start, end, people, quantity } = { ...NO_TIMES, ...times };
  const search = new URLSearchParams();
  if (on !== "") search.set("on", on);
  if (start !== "") search.set("start", shortInstant(start));
  if (end !== "") search.set("end", shortInstant(end));
  if (people !== null) search.set("people", String(people));
  if (quantity !== null) search.set("quantity", String(quantity));
  return search;
}

/** What an address wants of a resource; null where its days or times are missing. */
export function readUse({ id, mode }: Resource, search: URLSearchParams): Use | null {
  if (mode === "stay") {
    const { from, until, people } = readFilters(search);
    return until === "" ? null : { resource_id: id, check_in_on: from, check_out_on: until, party_size: people ?? 1 };
  }
  const { start, end, people, quantity } = readTimes(search);
  return end === "" ? null : { resource_id: id, starts_at: start, ends_at: end, quantity: quantity ?? 1, party_size: people ?? 1 };
}

/** An alternative of the API, as an address wants it. */
export function searchOf(one: Schemas["AlternativeBody"]): URLSearchParams {
  return one.check_in_on !== null && one.check_out_on !== null
    ? writeFilters({ from: one.check_in_on, until: one.check_out_on, people: one.party_size })
    : writeTimes({ start: one.starts_at, end: one.ends_at, people: one.party_size, quantity: one.quantity });
}

/** Whether an answer of the API is about this use, and not yet about the one before. */
export function isOf(answer: Schemas["QuoteBody"], use: Use): boolean {
  if (answer.resource_id !== use.resource_id || answer.party_size !== use.party_size) return false;
  if ("check_in_on" in use) return answer.check_in_on === use.check_in_on && answer.check_out_on === use.check_out_on;
  return (
    Date.parse(answer.starts_at) === Date.parse(use.starts_at) &&
    Date.parse(answer.ends_at) === Date.parse(use.ends_at) &&
    answer.quantity === use.quantity
  );
}

/** Instants of reservations lie on whole minutes; shorter ones make shorter addresses. */
export function shortInstant(at: string | number): string {
  return `${new Date(at).toISOString().slice(0, 16)}Z`;
}

function readInstant(text: string | null): string {
  if (text === null || !INSTANT.test(text) || Number.isNaN(Date.parse(text))) return "";
  // 30 February is read as 2 March by some: what is written must be what it is.
  return shortInstant(text) === text ? text : "";
}
