import type { Scale } from "@/admin/timeline/scale";
import type { Schemas } from "@/api/client";

export type TimelineResource = Schemas["ResourceOnTimeline"];
export type Lying = Schemas["ReservationOnTimeline"];
export type State = Lying["state"];

/** A reservation as it is drawn: `from` and `until` are columns, `cutStart` and `cutEnd` whether it goes on beyond them. */
export interface Bar {
  key: string;
  lying: Lying;
  resourceId: string;
  from: number;
  until: number;
  cutStart: boolean;
  cutEnd: boolean;
}

/** A time in which nothing can be put there: closed, not offered, or taken by a resource that shares the units. */
export interface Block {
  key: string;
  kind: "closure" | "blackout" | "shut" | "elsewhere";
  reason: string | null;
  from: number;
  until: number;
}

export interface GroupRow {
  kind: "group";
  key: string;
  resource: TimelineResource;
  isOpen: boolean;
  /** Over all columns: the policy offers nothing then, and why. */
  blocks: Block[];
}

export interface UnitRow {
  kind: "unit";
  key: string;
  resource: TimelineResource;
  /** Number of the unit; null of a row where any units will do. */
  unit: number | null;
  label: string | null;
  bars: Bar[];
  blocks: Block[];
}

export type Row = GroupRow | UnitRow;

/** Drawn one below the other where any units will do; what does not fit is said in a number. */
export const MOST_LANES = 24;
const WAITING = new Set<State>(["pending"]);

export interface Shown {
  scale: Scale;
  /** Ids of resources that are folded up. */
  folded: ReadonlySet<string>;
}

/** The rows of the tape: each resource, and below it its units, or as many lanes as its reservations need. */
export function rowsOf(resources: readonly TimelineResource[], notOffered: readonly Schemas["NotOfferedOn"][], { scale, folded }: Shown): Row[] {
  const ranges = new Map(notOffered.flatMap((one) => one.resource_ids.map((id) => [id, one.ranges] as const)));
  return resources.flatMap((resource) => {
    const shut = blocksOf(ranges.get(resource.resource_id) ?? [], scale);
    const isOpen = !folded.has(resource.resource_id);
    const group: GroupRow = { kind: "group", key: resource.resource_id, resource, isOpen, blocks: shut };
    return isOpen ? [group, ...unitRows(resource, shut, scale)] : [group];
  });
}

function blocksOf(ranges: readonly Schemas["NotOfferedRange"][], scale: Scale): Block[] {
  return ranges.flatMap(({ starts_at, ends_at, reason }) => {
    const block = { key: `shut ${starts_at}`, kind: reason === null ? ("shut" as const) : ("blackout" as const), reason, ...placeOf(starts_at, ends_at, scale) };
    return block.from < block.until ? [block] : [];
  });
}

function placeOf(startsAt: string, endsAt: string, scale: Scale): { from: number; until: number } {
  return { from: scale.at(Date.parse(startsAt)), until: scale.at(Date.parse(endsAt)) };
}

function unitRows(resource: TimelineResource, shut: readonly Block[], scale: Scale): UnitRow[] {
  const lying = resource.reservations.filter(({ state }) => !WAITING.has(state));
  const bars = lying.map((one) => barOf(one, resource.resource_id, scale)).filter(({ from, until }) => from < until);
  if (resource.units === null) return laneRows(resource, bars, shut, scale);
  const byUnit = new Map<number, Bar[]>();
  for (const bar of bars) for (const unit of bar.lying.units) byUnit.set(unit, [...(byUnit.get(unit) ?? []), bar]);
  return resource.units.map(({ number, label }) => ({
    kind: "unit",
    key: `${resource.resource_id} ${number}`,
    resource,
    unit: number,
    label: label ?? null,
    bars: byUnit.get(number) ?? [],
    blocks: [...shut, ...closedOf(resource, number, scale)],
  }));
}

function laneRows(resource: TimelineResource, bars: readonly Bar[], shut: readonly Block[], scale: Scale): UnitRow[] {
  const lanes: Bar[][] = [];
  for (const bar of bars) {
    const free = lanes.findIndex((lane) => (lane.at(-1)?.until ?? 0) <= bar.from);
    if (free >= 0) lanes[free]?.push(bar);
    else if (lanes.length < MOST_LANES) lanes.push([bar]);
  }
  const blocks = [...shut, ...closedOf(resource, null, scale)];
  // An empty lane below, where there is room to put something.
  return [...lanes, ...(lanes.length < MOST_LANES ? [[]] : [])].map((own, lane) => ({
    kind: "unit",
    key: `${resource.resource_id} lane ${lane}`,
    resource,
    unit: null,
    label: null,
    bars: own,
    blocks,
  }));
}

/** What is closed or taken elsewhere, of a unit or (null) of all units. */
function closedOf(resource: TimelineResource, unit: number | null, scale: Scale): Block[] {
  const closures = resource.closures.flatMap((one): Block[] => {
    if (one.units != null && (unit === null || !one.units.includes(unit))) return [];
    return [{ key: `closure ${one.id}`, kind: "closure", reason: one.reason, ...placeOf(one.starts_at, one.ends_at, scale) }];
  });
  const elsewhere = resource.taken_elsewhere.flatMap((one): Block[] => {
    if (unit === null || !one.units.includes(unit)) return [];
    return [{ key: `elsewhere ${one.starts_at}`, kind: "elsewhere", reason: null, ...placeOf(one.starts_at, one.ends_at, scale) }];
  });
  return [...closures, ...elsewhere].filter(({ from, until }) => from < until);
}

function barOf(lying: Lying, resourceId: string, scale: Scale): Bar {
  const [startsAt, endsAt] = [Date.parse(lying.here_from), Date.parse(lying.here_until)];
  const [first, last] = [scale.columns.at(0), scale.columns.at(-1)];
  return {
    key: `${lying.id} ${lying.here_from}`,
    lying,
    resourceId,
    from: scale.at(startsAt),
    until: scale.at(endsAt),
    cutStart: first !== undefined && startsAt < first.startsAt,
    cutEnd: last !== undefined && endsAt > last.endsAt,
  };
}

/** Bars of a row that reach into some columns: they are sorted by start, and a long one may begin far before. */
export function within<Placed extends { from: number; until: number }>(placed: readonly Placed[], from: number, until: number): Placed[] {
  return placed.filter((one) => one.until > from && one.from < until);
}

/** From which top each row begins, and where the last one ends. */
export function topsOf(rows: readonly Row[], heights: { group: number; unit: number }): number[] {
  const tops = [0];
  for (const { kind } of rows) tops.push((tops.at(-1) ?? 0) + heights[kind]);
  return tops;
}

/** The numbers of the rows that a window of the tape shows: half-open, with some more at both ends. */
export function visibleRows(tops: readonly number[], top: number, height: number, more: number): { first: number; end: number } {
  const first = rowAt(tops, top);
  const last = rowAt(tops, top + height);
  return { first: Math.max(0, first - more), end: Math.min(tops.length - 1, last + 1 + more) };
}

/** The number of the row at a height; the last one below all. */
export function rowAt(tops: readonly number[], top: number): number {
  let [low, high] = [0, Math.max(0, tops.length - 2)];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((tops[middle] ?? 0) <= top) low = middle;
    else high = middle - 1;
  }
  return low;
}

export interface Neighbour {
  row: number;
  bar: Bar;
}

/** The bar that an arrow key leads to: within the row by time, across rows to the one that is nearest in time. */
export function neighbourOf(rows: readonly Row[], at: Neighbour, key: "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown"): Neighbour | null {
  const row = rows[at.row];
  if (row?.kind !== "unit") return null;
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const bar = row.bars[row.bars.findIndex(({ key: one }) => one === at.bar.key) + (key === "ArrowLeft" ? -1 : 1)];
    return bar === undefined ? null : { row: at.row, bar };
  }
  const step = key === "ArrowUp" ? -1 : 1;
  for (let number = at.row + step; number >= 0 && number < rows.length; number += step) {
    const next = rows[number];
    if (next?.kind !== "unit" || next.bars.length === 0) continue;
    const [nearest] = [...next.bars].sort((one, other) => Math.abs(one.from - at.bar.from) - Math.abs(other.from - at.bar.from));
    return nearest === undefined ? null : { row: number, bar: nearest };
  }
  return null;
}

/** Those that lie on no unit and wait for one, and what a guest holds for a while. */
export function trayOf(resources: readonly TimelineResource[]): { pending: Waiting[]; changes: Waiting[]; held: Waiting[] } {
  const all = resources.flatMap((resource) => resource.reservations.map((lying) => ({ lying, resource })));
  const once = [...new Map(all.map((one) => [one.lying.id, one])).values()];
  return {
    pending: once.filter(({ lying }) => lying.state === "pending"),
    changes: once.filter(({ lying }) => lying.pending_change != null),
    held: once.filter(({ lying }) => lying.state === "held"),
  };
}

export interface Waiting {
  lying: Lying;
  resource: TimelineResource;
}

/** Which resources are folded up: by hand, or as nothing of them is offered all the time, nor reserved. */
export function foldedOf(
  resources: readonly TimelineResource[],
  notOffered: readonly Schemas["NotOfferedOn"][],
  days: readonly Schemas["TimelineDay"][],
  byHand: ReadonlyMap<string, boolean>,
): ReadonlySet<string> {
  const [from, until] = [days.at(0)?.starts_at, days.at(-1)?.ends_at];
  const shut = new Set(notOffered.filter(({ ranges }) => ranges.some(({ starts_at, ends_at }) => starts_at === from && ends_at === until)).flatMap((one) => one.resource_ids));
  const isFolded = ({ resource_id, reservations }: TimelineResource) => byHand.get(resource_id) ?? (shut.has(resource_id) && reservations.length === 0);
  return new Set(resources.filter(isFolded).map(({ resource_id }) => resource_id));
}
