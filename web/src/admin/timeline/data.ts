import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { api, ask } from "@/admin/client";
import type { TimelineResource } from "@/admin/timeline/rows";
import type { Schemas } from "@/api/client";
import type { ServerMessage } from "@/realtime/messages";

export interface Timeline {
  days: Schemas["TimelineDay"][];
  resources: TimelineResource[];
  notOffered: Schemas["NotOfferedOn"][];
  /** There are more resources than are shown. */
  isCut: boolean;
}

export interface Period {
  from: string;
  until: string;
  ended: boolean;
}

const MOST_PAGES = 10;
const PAGE = 200;

export function timelineQuery(tenant: string, period: Period) {
  return queryOptions({
    queryKey: [tenant, "timeline", period],
    queryFn: ({ signal }): Promise<Timeline> => readTimeline(tenant, period, signal),
    placeholderData: keepPreviousData,
    // Messages keep it up to date; a connection that was gone reads it again.
    staleTime: 5 * 60_000,
  });
}

async function readTimeline(tenant: string, period: Period, signal: AbortSignal): Promise<Timeline> {
  const found: Timeline = { days: [], resources: [], notOffered: [], isCut: false };
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const part: Schemas["TimelineBody"] = await readPage(tenant, period, { limit: PAGE, ...(cursor === null ? {} : { cursor }) }, null, signal);
    found.days = part.days;
    found.resources.push(...part.items);
    found.notOffered.push(...part.not_offered);
    cursor = part.next_cursor;
    if (cursor === null) return found;
  }
  return { ...found, isCut: true };
}

function readPage(
  tenant: string,
  { from, until, ended }: Period,
  more: { limit?: number; cursor?: string; resource_id?: string },
  position: string | null,
  signal: AbortSignal,
): Promise<Schemas["TimelineBody"]> {
  const query = { from, until, ended, ...more };
  const headers = position === null ? {} : { "Berth-Position": position };
  return ask(() => api.GET("/v1/tenants/{tenant}/timeline", { params: { path: { tenant }, query }, headers, signal }));
}

/** Read one resource anew; `position` is that of the message that said to. */
export async function readResource(tenant: string, period: Period, id: string, position: string | null, signal: AbortSignal): Promise<Timeline> {
  const part = await readPage(tenant, period, { resource_id: id }, position, signal);
  return { days: part.days, resources: part.items, notOffered: part.not_offered, isCut: false };
}

/** A timeline with what was read anew of some of its resources. */
export function merged(timeline: Timeline, part: Timeline): Timeline {
  const anew = new Map(part.resources.map((one) => [one.resource_id, one]));
  const kept = timeline.notOffered.flatMap((one) => {
    const resource_ids = one.resource_ids.filter((id) => !anew.has(id));
    return resource_ids.length === 0 ? [] : [{ ...one, resource_ids }];
  });
  return {
    ...timeline,
    resources: timeline.resources.map((one) => anew.get(one.resource_id) ?? one),
    notOffered: [...kept, ...part.notOffered],
  };
}

const SHOWN = new Set(["reservation", "closure", "availability_window"]);

/** What of the timeline a message makes untrue: some resources, all of it ("all"), or nothing. */
export function touchedBy({ data }: ServerMessage): readonly string[] | "all" {
  const kind = data["entity_kind"];
  if (kind === "resource") return "all";
  if (typeof kind !== "string" || !SHOWN.has(kind)) return [];
  const sides = [data, data["before"], data["after"]];
  const ids = sides.flatMap((side) => {
    const id = typeof side === "object" && side !== null ? (side as Record<string, unknown>)["resource_id"] : null;
    return typeof id === "string" ? [id] : [];
  });
  return ids.length === 0 ? "all" : [...new Set(ids)];
}
