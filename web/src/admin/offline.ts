import type { QueryCacheNotifyEvent } from "@tanstack/react-query";

import { dayOf } from "@/admin/clock";
import type { Schemas } from "@/api/client";

/**
 * What is shown without a network: the calendar and today's arrivals as they were read last, with their age.
 *
 * Of one business, the one that was worked for last, and no longer than somebody is signed in here.
 */
export interface Snapshot {
  tenantName: string;
  timezone: string;
  locale: string;
  at: number;
  days: Pick<Schemas["CalendarDayBody"], "on" | "capacity" | "occupied" | "arrivals" | "departures">[];
  arrivals: { on: string; guests: Arrival[] } | null;
}

interface Arrival {
  id: string;
  name: string;
  code: string;
  units: string;
}

const KEPT = "berth-offline";
const MOST_DAYS = 42;
const MOST_ARRIVALS = 200;

export function readSnapshot(): Snapshot | null {
  try {
    const text = localStorage.getItem(KEPT);
    return text === null ? null : (JSON.parse(text) as Snapshot);
  } catch {
    return null;
  }
}

export function forgetSnapshot(): void {
  try {
    localStorage.removeItem(KEPT);
  } catch {
    // Then there is none.
  }
}

/** Listens to what is read from the API, and keeps what is shown without it. */
export function keeper(tenant: string, site: Schemas["SiteBody"]): (event: QueryCacheNotifyEvent) => void {
  let kept: Snapshot = { tenantName: site.name, timezone: site.timezone, locale: site.locale, at: 0, days: [], arrivals: null };
  return (event) => {
    if (event.type !== "updated" || event.action.type !== "success") return;
    const [of, kind, from, until, resource] = event.query.queryKey as readonly unknown[];
    const data: unknown = event.query.state.data;
    const today = dayOf(Date.now(), site.timezone);
    if (of !== tenant) return;
    if (kind === "calendar" && resource === null && String(from) <= today && today < String(until)) {
      const days = (data as Schemas["CalendarDayBody"][]).filter(({ on }) => on >= today).slice(0, MOST_DAYS);
      kept = { ...kept, days: days.map(({ on, capacity, occupied, arrivals, departures }) => ({ on, capacity, occupied, arrivals, departures })) };
    } else if (kind === "day" && from === today) {
      const guests = (data as Schemas["DayBody"]).arrivals.slice(0, MOST_ARRIVALS);
      const arrivals = guests.map(({ id, guest, code, unit_labels }) => ({ id, name: guest.name, code, units: unit_labels.join(", ") }));
      kept = { ...kept, arrivals: { on: today, guests: arrivals } };
    } else return;
    kept = { ...kept, at: Date.now() };
    try {
      localStorage.setItem(KEPT, JSON.stringify(kept));
    } catch {
      // Storage is full or forbidden: there is nothing to show without a network.
    }
  };
}
