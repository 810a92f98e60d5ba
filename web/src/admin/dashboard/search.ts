import { addDays, daysBetween, readDay } from "@/admin/clock";

export const STEPS = ["day", "week", "month"] as const;
export const MEASURES = ["revenue", "occupancy", "nights", "average_daily_rate"] as const;

export type Measure = (typeof MEASURES)[number];

/** What the address of the dashboard says. */
export interface DashboardSearch {
  /** First and last day. */
  from?: string;
  until?: string;
  by?: (typeof STEPS)[number];
  measure?: Measure;
  resource?: string;
}

const DAYS = 30;
const MOST_DAYS = 366;

export function dashboardSearch(raw: Record<string, unknown>): DashboardSearch {
  const [from, until] = [readDay(raw["from"]), readDay(raw["until"])];
  const by = STEPS.find((one) => one === raw["by"]);
  const measure = MEASURES.find((one) => one === raw["measure"]);
  return {
    ...(from === null ? {} : { from }),
    ...(until === null ? {} : { until }),
    ...(by === undefined || by === "day" ? {} : { by }),
    ...(measure === undefined || measure === "revenue" ? {} : { measure }),
    ...(typeof raw["resource"] === "string" && /^[0-9a-f-]{36}$/.test(raw["resource"]) ? { resource: raw["resource"] } : {}),
  };
}

export interface Period {
  from: string;
  /** The day after the last one. */
  until: string;
}

/** The days that are shown, and as many before them. From today on where the address says nothing. */
export function periodsOf({ from, until }: DashboardSearch, today: string): { shown: Period; before: Period } {
  const first = from ?? today;
  const wanted = until === undefined ? DAYS : daysBetween(first, until) + 1;
  const days = Math.min(Math.max(wanted, 1), MOST_DAYS);
  return { shown: { from: first, until: addDays(first, days) }, before: { from: addDays(first, -days), until: first } };
}
