import { fromAbsolute, parseDateTime, toZoned } from "@internationalized/date";

import type { Closure } from "@/admin/closures/queries";
import type { Schemas } from "@/api/client";

/** What is typed into the form: times as the clocks of the business show them, such as 2026-12-14T08:00. */
export interface Wish {
  resource: string;
  from: string;
  /** "" is until it is ended. */
  until: string;
  /** None: the whole resource. */
  units: number[];
  reason: string;
}

/** The API says so of a closure that lasts until it is ended. */
const WITHOUT_END = 2199;
const UNTIL_ENDED = `${WITHOUT_END}-12-31T00:00:00Z`;

/** Null where it lasts until somebody ends it. */
export function endOf({ ends_at }: Pick<Closure, "ends_at">): string | null {
  return new Date(ends_at).getUTCFullYear() >= WITHOUT_END ? null : ends_at;
}

export function wishOf(closure: Closure, timezone: string): Wish {
  const end = endOf(closure);
  return {
    resource: closure.resource_id,
    from: typed(closure.starts_at, timezone),
    until: end === null ? "" : typed(end, timezone),
    units: closure.units ?? [],
    reason: closure.reason,
  };
}

/** What the API is asked; null while something that it needs is missing. */
export function requestOf(wish: Wish, timezone: string): Schemas["CloseUnits"] | null {
  const startsAt = instantOf(wish.from, timezone);
  const endsAt = wish.until === "" ? null : instantOf(wish.until, timezone);
  if (wish.resource === "" || startsAt === null || (wish.until !== "" && endsAt === null)) return null;
  return {
    resource_id: wish.resource,
    starts_at: startsAt,
    reason: wish.reason,
    units: wish.units.toSorted((one, other) => one - other),
    ...(endsAt === null ? {} : { ends_at: endsAt }),
  };
}

/** What to change of a closure: what was not touched in the form stays, to the second. Null while something is half typed. */
export function changesOf(before: Wish, after: Wish, timezone: string): Schemas["ChangeClosure"] | null {
  const asked = requestOf(after, timezone);
  if (asked === null) return null;
  const units = after.units.toSorted((one, other) => one - other);
  return {
    ...(after.from === before.from ? {} : { starts_at: asked.starts_at }),
    ...(after.until === before.until ? {} : { ends_at: asked.ends_at ?? UNTIL_ENDED }),
    ...(after.reason === before.reason ? {} : { reason: after.reason }),
    ...(units.join() === before.units.toSorted((one, other) => one - other).join() ? {} : { units }),
  };
}

function typed(at: string, timezone: string): string {
  return fromAbsolute(Date.parse(at), timezone).toString().slice(0, 16);
}

function instantOf(local: string, timezone: string): string | null {
  if (local === "") return null;
  try {
    return toZoned(parseDateTime(local), timezone).toDate().toISOString();
  } catch {
    return null; // half typed
  }
}
