import { readDay } from "@/admin/clock";

export const ZOOMS = ["hours", "week", "weeks", "quarter"] as const;

export type Zoom = (typeof ZOOMS)[number];

/** How many days each shows, and how many a step back or on goes. */
export const SPANS: Record<Zoom, { days: number; step: number }> = {
  hours: { days: 2, step: 1 },
  week: { days: 7, step: 7 },
  weeks: { days: 22, step: 7 },
  quarter: { days: 90, step: 30 },
};

/** What the address of the timeline says; what is left out is as usual. */
export interface TimelineSearch {
  from?: string | undefined;
  zoom?: Zoom | undefined;
  resource?: string | undefined;
  ended?: true | undefined;
}

export function timelineSearch(search: Record<string, unknown>): TimelineSearch {
  const from = readDay(search["from"]);
  const zoom = ZOOMS.find((one) => one === search["zoom"]);
  const resource = typeof search["resource"] === "string" && search["resource"].length <= 100 ? search["resource"] : undefined;
  return {
    ...(from === null ? {} : { from }),
    ...(zoom === undefined ? {} : { zoom }),
    ...(resource === undefined ? {} : { resource }),
    ...(search["ended"] === true ? { ended: true as const } : {}),
  };
}
