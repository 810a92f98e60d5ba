import type { Schemas } from "@/api/client";
import { shortInstant } from "@/public/uses";
import { dayIn } from "@/public/wanted";

/** Starts and ends on the grid of a resource that is reserved from a free start to a free end. */

export interface Grid {
  stepMinutes: number;
  minMinutes: number;
  maxMinutes: number;
}

/** A time in which everything is free, or everything is taken and could be waited for. */
export interface Stretch {
  starts: number;
  ends: number;
  /** Last instant at which a use may begin. */
  latest: number;
  free: boolean;
}

export interface Start {
  at: string;
  free: boolean;
}

type Listing = Pick<Schemas["RangeAvailability"], "ranges" | "unavailable">;

const MINUTE = 60_000;
const DAY_MINUTES = 1440;
const MOST_ENDS = 200;

/** The grid that the policy of a resource says. */
export function gridOf(mode: Record<string, unknown>): Grid {
  const minutes = (name: string, otherwise: number) => (typeof mode[name] === "number" && mode[name] > 0 ? mode[name] : otherwise);
  const stepMinutes = minutes("step_minutes", 15);
  return { stepMinutes, minMinutes: minutes("min_minutes", stepMinutes), maxMinutes: minutes("max_minutes", DAY_MINUTES) };
}

/** What the API lists as free, and what it says is taken by others and nothing else, by time. */
export function stretchesOf({ ranges, unavailable }: Listing): Stretch[] {
  const free = ranges.map((range) => ({
    starts: Date.parse(range.starts_at),
    ends: Date.parse(range.ends_at),
    latest: Date.parse(range.latest_start_at),
    free: true,
  }));
  const taken = (unavailable ?? []).filter(isTaken).map((one) => ({
    starts: Date.parse(one.starts_at),
    ends: Date.parse(one.ends_at),
    latest: Date.parse(one.ends_at) - 1,
    free: false,
  }));
  return [...free, ...taken].sort((one, other) => one.starts - other.starts);
}

function isTaken({ reasons }: Schemas["UnavailableBody"]): boolean {
  return reasons.length > 0 && reasons.every(({ code }) => code === "no_capacity");
}

/** The starts of a day, where the business is. */
export function startsOn(on: string, stretches: Stretch[], { stepMinutes }: Grid, timezone: string): Start[] {
  const found: Start[] = [];
  for (const { starts, ends, latest, free } of stretches) {
    const dayStart = Math.max(starts, startOfSearch(on));
    const dayEnd = Math.min(latest, startOfSearch(on) + 3 * DAY_MINUTES * MINUTE, ends - 1);
    for (let at = onGrid(dayStart, stepMinutes, timezone); at <= dayEnd; at += stepMinutes * MINUTE) {
      const day = dayIn(timezone, new Date(at));
      if (day > on) break;
      if (day === on) found.push({ at: shortInstant(at), free });
    }
  }
  return found.sort((one, other) => one.at.localeCompare(other.at));
}

/** The ends that a start may have: as far as it is free, or as long as is permitted where one would wait for it. */
export function endsAfter(start: string, stretches: Stretch[], { stepMinutes, minMinutes, maxMinutes }: Grid): string[] {
  const at = Date.parse(start);
  const within = stretches.find(({ starts, latest, free }) => free && starts <= at && at <= latest);
  const last = Math.min(within?.ends ?? Infinity, at + maxMinutes * MINUTE);
  const found: string[] = [];
  for (let end = at + minMinutes * MINUTE; end <= last && found.length < MOST_ENDS; end += stepMinutes * MINUTE) found.push(shortInstant(end));
  return found;
}

/** The end that keeps a length where the start has moved, as near as there is one. */
export function nearestEnd(ends: string[], start: string, minutes: number): string {
  const wanted = Date.parse(start) + minutes * MINUTE;
  const distance = (end: string) => Math.abs(Date.parse(end) - wanted);
  return ends.reduce((best, end) => (best === "" || distance(end) < distance(best) ? end : best), "");
}

export function minutesBetween(start: string, end: string): number {
  return Math.round((Date.parse(end) - Date.parse(start)) / MINUTE);
}

/** The first instant of the grid, which is counted from local midnight, at or after another. */
function onGrid(at: number, stepMinutes: number, timezone: string): number {
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: timezone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const whole = Math.ceil(at / MINUTE) * MINUTE;
  const [hours = 0, minutes = 0] = clock.format(new Date(whole)).split(":").map(Number);
  const past = (hours * 60 + minutes) % stepMinutes;
  return past === 0 ? whole : whole + (stepMinutes - past) * MINUTE;
}

/** Before a day begins anywhere on earth. */
function startOfSearch(on: string): number {
  return Date.parse(`${on}T00:00:00Z`) - 15 * 60 * MINUTE;
}
