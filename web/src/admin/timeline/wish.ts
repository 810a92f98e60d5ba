import { addDays, daysBetween } from "@/admin/clock";
import type { Bar, Lying } from "@/admin/timeline/rows";
import type { Scale } from "@/admin/timeline/scale";
import type { Schemas } from "@/api/client";

/** When something is to be: nights by their dates, everything else by instants. */
export type Times = { check_in_on: string; check_out_on: string } | { starts_at: string; ends_at: string };

/** What somebody wants while they drag, as the API is asked for it. */
export type Wish =
  /** `from` is the resource where it is. */
  | { kind: "move"; lying: Lying; from: string; resourceId: string; unit: number | null; times: Times }
  | { kind: "end"; lying: Lying; resourceId: string; unit: number | null; times: Times; action: "extend" | "shorten" }
  /** What is pending is put on its resource: it is confirmed, and the API picks the unit. */
  | { kind: "confirm"; lying: Lying; resourceId: string; unit: null; times: Times }
  | { kind: "create"; resourceId: string; unit: number | null; times: Times };

/** What is dragged: the whole bar, or one of its edges. */
export type Grip = "whole" | "start" | "end";

/** On what grid an instant is put while it is dragged; whether the time is possible is the API's to say. */
const STEP_MS = 15 * 60_000;
const DAY_MS = 86_400_000;

/** How many whole days a way over the columns is. */
function daysOf(scale: Scale, from: number, by: number): number {
  return Math.round((scale.instant(from + by) - scale.instant(from)) / DAY_MS);
}

function snapped(instant: number): string {
  return new Date(Math.round(instant / STEP_MS) * STEP_MS).toISOString();
}

/**
 * What it means to drag a bar by so many columns onto a row.
 *
 * Returns null where nothing would be different, or nothing would be left.
 */
export function wishOf(bar: Bar, grip: Grip, by: number, target: { resourceId: string; unit: number | null }, scale: Scale): Wish | null {
  const { lying } = bar;
  const times = timesAfter(lying, grip, by, bar, scale);
  if (times === null) return null;
  const isSame = sameTimes(times, timesOf(lying));
  if (grip === "end") {
    if (isSame) return null;
    const action = endOf(times) > endOf(timesOf(lying)) ? "extend" : "shorten";
    return { kind: "end", lying, resourceId: bar.resourceId, unit: lying.units[0] ?? null, times, action };
  }
  const place = grip === "start" ? { resourceId: bar.resourceId, unit: lying.units[0] ?? null } : target;
  const stays = place.resourceId === bar.resourceId && (place.unit === null || lying.units.includes(place.unit));
  if (isSame && stays) return null;
  return { kind: "move", lying, from: bar.resourceId, ...place, times };
}

function timesAfter(lying: Lying, grip: Grip, by: number, { from, until }: Bar, scale: Scale): Times | null {
  const [moveStart, moveEnd] = [grip !== "end", grip !== "start"];
  if (lying.check_in_on != null && lying.check_out_on != null) {
    const days = daysOf(scale, grip === "end" ? until : from, by);
    const check_in_on = addDays(lying.check_in_on, moveStart ? days : 0);
    const check_out_on = addDays(lying.check_out_on, moveEnd ? days : 0);
    return check_in_on < check_out_on ? { check_in_on, check_out_on } : null;
  }
  const shift = scale.instant((grip === "end" ? until : from) + by) - scale.instant(grip === "end" ? until : from);
  const starts_at = moveStart ? snapped(Date.parse(lying.starts_at) + shift) : lying.starts_at;
  const ends_at = moveEnd ? snapped(Date.parse(lying.ends_at) + shift) : lying.ends_at;
  return Date.parse(starts_at) < Date.parse(ends_at) ? { starts_at, ends_at } : null;
}

export function timesOf({ check_in_on, check_out_on, starts_at, ends_at }: Lying): Times {
  return check_in_on != null && check_out_on != null ? { check_in_on, check_out_on } : { starts_at, ends_at };
}

export function sameTimes(one: Times, other: Times): boolean {
  return startOf(one) === startOf(other) && endOf(one) === endOf(other);
}

function startOf(times: Times): number {
  return Date.parse("check_in_on" in times ? times.check_in_on : times.starts_at);
}

function endOf(times: Times): number {
  return Date.parse("check_out_on" in times ? times.check_out_on : times.ends_at);
}

/** What it means to drag over free cells: from the column where it began to the one where it is. */
export function creation(resource: Schemas["ResourceOnTimeline"], unit: number | null, from: number, until: number, scale: Scale): Wish | null {
  const [first, last] = [Math.min(from, until), Math.max(from, until)];
  const [start, end] = [scale.columns[Math.floor(first)], scale.columns[Math.floor(last)]];
  if (start === undefined || end === undefined) return null;
  const place = { kind: "create" as const, resourceId: resource.resource_id, unit };
  if (resource.mode === "stay") {
    // The night of a day goes until the next one; two days that are dragged over are the night between them.
    const nights = Math.max(1, daysBetween(start.on, end.on));
    return { ...place, times: { check_in_on: start.on, check_out_on: addDays(start.on, nights) } };
  }
  return { ...place, times: { starts_at: new Date(start.startsAt).toISOString(), ends_at: new Date(end.endsAt).toISOString() } };
}

/** Where a wish would lie, in columns: nights from check-in to check-out as the resource's other stays do. */
export function placeOf(wish: Wish, scale: Scale, hours: { checkIn: number; checkOut: number }): { from: number; until: number } {
  const { times } = wish;
  if ("starts_at" in times) return { from: scale.at(Date.parse(times.starts_at)), until: scale.at(Date.parse(times.ends_at)) };
  return {
    from: dayPlace(scale, times.check_in_on) + hours.checkIn,
    until: dayPlace(scale, times.check_out_on) + hours.checkOut,
  };
}

/** Where a day begins, in columns; also before the first and after the last one. */
function dayPlace(scale: Scale, on: string): number {
  const first = scale.columns[0];
  if (first === undefined) return 0;
  const found = scale.columns.findIndex((column) => column.on === on);
  if (found >= 0) return found;
  const perDay = scale.columns.filter((column) => column.on === first.on).length;
  return daysBetween(first.on, on) * perDay;
}
