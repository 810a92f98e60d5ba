import { describe, expect, it } from "vitest";

import { type Bar, foldedOf, type Lying, MOST_LANES, neighbourOf, rowAt, rowsOf, type TimelineResource, topsOf, trayOf, visibleRows } from "@/admin/timeline/rows";
import { Scale } from "@/admin/timeline/scale";
import { creation, wishOf } from "@/admin/timeline/wish";

const HOUR = 3_600_000;
/** Denver, before and after clocks went forward on 14 March 2027. */
const DAYS = [
  { on: "2027-03-13", starts_at: "2027-03-13T07:00:00Z", ends_at: "2027-03-14T07:00:00Z" },
  { on: "2027-03-14", starts_at: "2027-03-14T07:00:00Z", ends_at: "2027-03-15T06:00:00Z" },
  { on: "2027-03-15", starts_at: "2027-03-15T06:00:00Z", ends_at: "2027-03-16T06:00:00Z" },
  { on: "2027-03-16", starts_at: "2027-03-16T06:00:00Z", ends_at: "2027-03-17T06:00:00Z" },
];
const days = Scale.ofDays(DAYS);
const NOTHING = { folded: new Set<string>() };

function lying(id: string, from: string, until: string, changes: Partial<Lying> = {}): Lying {
  return {
    id,
    code: "ABCD2345",
    version: 1,
    state: "confirmed",
    guest_name: "Ada",
    party_size: 2,
    quantity: 1,
    starts_at: from,
    ends_at: until,
    check_in_on: null,
    check_out_on: null,
    here_from: from,
    here_until: until,
    units: [1],
    units_promised: false,
    hold_expires_at: null,
    waits_for: null,
    pending_until: null,
    pending_change: null,
    due: { currency: "USD", decimals: 2, total: 0 },
    actions: [],
    ...changes,
  };
}

function resource(reservations: Lying[], changes: Partial<TimelineResource> = {}): TimelineResource {
  return {
    resource_id: "r1",
    slug: "cabins",
    name: "Cabins",
    mode: "stay",
    capacity: 2,
    capacity_counts: "units",
    units: [
      { number: 1, label: "Birch" },
      { number: 2, label: null },
    ],
    days: [],
    reservations,
    closures: [],
    taken_elsewhere: [],
    ...changes,
  };
}

const STAY = lying("a", "2027-03-13T23:00:00Z", "2027-03-15T17:00:00Z", { check_in_on: "2027-03-13", check_out_on: "2027-03-15" });

function barsOf(one: TimelineResource, scale = days): Bar[] {
  return rowsOf([one], [], { scale, ...NOTHING }).flatMap((row) => (row.kind === "unit" ? row.bars : []));
}

describe("the scale", () => {
  it("gives a day of 23 hours a column like any other, and leads back", () => {
    expect(days.at(Date.parse("2027-03-14T18:30:00Z"))).toBeCloseTo(1.5);
    expect(days.at(Date.parse("2027-03-15T18:00:00Z"))).toBe(2.5);
    for (const place of [0, 0.25, 1.5, 3.75]) expect(days.at(days.instant(place))).toBeCloseTo(place);
  });

  it("clamps what lies before and after it", () => {
    expect([days.at(0), days.at(Date.parse("2030-01-01"))]).toEqual([0, 4]);
    expect(days.instant(5) - days.instant(4)).toBe(24 * HOUR);
  });

  it("has as many hours as a day has", () => {
    const hours = Scale.ofHours(DAYS);
    expect(hours.columns.filter(({ on }) => on === "2027-03-14")).toHaveLength(23);
    expect(hours.at(Date.parse("2027-03-13T08:30:00Z"))).toBe(1.5);
  });
});

describe("the rows", () => {
  it("are a resource and its units, with bars from check-in to check-out", () => {
    const rows = rowsOf([resource([STAY])], [], { scale: days, ...NOTHING });
    expect(rows.map((row) => (row.kind === "unit" ? row.label : row.kind))).toEqual(["group", "Birch", null]);
    const [bar] = barsOf(resource([STAY]));
    expect(bar?.from).toBeCloseTo(16 / 24);
    expect(bar?.until).toBeCloseTo(2 + 11 / 24);
    expect([bar?.cutStart, bar?.cutEnd]).toEqual([false, false]);
  });

  it("draw a reservation of two units on both, and one that goes on beyond the days as cut", () => {
    const long = lying("b", "2027-03-01T00:00:00Z", "2027-04-01T00:00:00Z", { units: [1, 2] });
    const bars = barsOf(resource([long]));
    expect(bars).toHaveLength(2);
    expect(bars[0]).toMatchObject({ from: 0, until: 4, cutStart: true, cutEnd: true });
  });

  it("leave what waits to the tray, and what is folded to its head", () => {
    const pending = lying("p", STAY.starts_at, STAY.ends_at, { state: "pending", units: [] });
    const held = lying("h", STAY.starts_at, STAY.ends_at, { state: "held" });
    const one = resource([STAY, pending, held]);
    expect(barsOf(one).map(({ lying: { id } }) => id)).toEqual(["a", "h"]);
    const tray = trayOf([one, one]);
    expect([tray.pending.length, tray.held.length, tray.changes.length]).toEqual([1, 1, 0]);
    expect(rowsOf([one], [], { scale: days, folded: new Set(["r1"]) })).toHaveLength(1);
  });

  it("are lanes where any units will do, no more than can be looked at", () => {
    const at = (id: string) => lying(id, "2027-03-14T10:00:00Z", "2027-03-14T11:00:00Z", { units: [] });
    const seats = resource([at("a"), at("b"), lying("c", "2027-03-15T10:00:00Z", "2027-03-15T11:00:00Z", { units: [] })], { units: null });
    const rows = rowsOf([seats], [], { scale: days, ...NOTHING });
    expect(rows.slice(1).map((row) => (row.kind === "unit" ? row.bars.length : 0))).toEqual([2, 1, 0]);
    const crowd = resource(Array.from({ length: 100 }, (_, number) => at(`r${number}`)), { units: null });
    expect(rowsOf([crowd], [], { scale: days, ...NOTHING })).toHaveLength(1 + MOST_LANES);
  });

  it("say what is closed for each unit, and what is not offered for all", () => {
    const closure = { id: "c1", resource_id: "r1", kind: "out_of_service" as const, units: [2], reason: "Roof", version: 1 };
    const closed = resource([], { closures: [{ ...closure, starts_at: "2027-03-14T07:00:00Z", ends_at: "2027-03-15T06:00:00Z" }] });
    const winter = [{ resource_ids: ["r1"], ranges: [{ starts_at: "2027-03-15T06:00:00Z", ends_at: "2027-03-17T06:00:00Z", reason: "Winter" }] }];
    const rows = rowsOf([closed], winter, { scale: days, ...NOTHING });
    expect(rows.map(({ blocks }) => blocks.map(({ kind, from, until }) => [kind, from, until]))).toEqual([
      [["blackout", 2, 4]],
      [["blackout", 2, 4]],
      [
        ["blackout", 2, 4],
        ["closure", 1, 2],
      ],
    ]);
  });

  it("are folded up where nothing is offered all the time, until somebody opens them", () => {
    const winter = [{ resource_ids: ["r1"], ranges: [{ starts_at: "2027-03-13T07:00:00Z", ends_at: "2027-03-17T06:00:00Z", reason: "Winter" }] }];
    expect([...foldedOf([resource([])], winter, DAYS, new Map())]).toEqual(["r1"]);
    expect([...foldedOf([resource([])], winter, DAYS, new Map([["r1", false]]))]).toEqual([]);
    expect([...foldedOf([resource([STAY])], winter, DAYS, new Map())]).toEqual([]);
    expect([...foldedOf([resource([])], [], DAYS, new Map([["r1", true]]))]).toEqual(["r1"]);
  });

  it("are found by their height, however many there are", () => {
    const rows = rowsOf([resource([])], [], { scale: days, ...NOTHING });
    const tops = topsOf(rows, { group: 28, unit: 36 });
    expect(tops).toEqual([0, 28, 64, 100]);
    expect([rowAt(tops, 0), rowAt(tops, 28), rowAt(tops, 63.9), rowAt(tops, 500)]).toEqual([0, 1, 1, 2]);
    expect(visibleRows(tops, 30, 10, 0)).toEqual({ first: 1, end: 2 });
    expect(visibleRows(tops, 30, 10, 5)).toEqual({ first: 0, end: 3 });
  });

  it("lead from bar to bar by arrows", () => {
    const later = lying("b", "2027-03-16T10:00:00Z", "2027-03-16T20:00:00Z");
    const below = lying("c", "2027-03-16T12:00:00Z", "2027-03-16T20:00:00Z", { units: [2] });
    const rows = rowsOf([resource([STAY, later, below])], [], { scale: days, ...NOTHING });
    const [first] = rows[1]?.kind === "unit" ? rows[1].bars : [];
    const start = { row: 1, bar: first as Bar };
    const right = neighbourOf(rows, start, "ArrowRight");
    expect(right?.bar.lying.id).toBe("b");
    expect(neighbourOf(rows, start, "ArrowLeft")).toBeNull();
    expect(neighbourOf(rows, start, "ArrowDown")).toMatchObject({ row: 2, bar: { lying: { id: "c" } } });
    expect(neighbourOf(rows, start, "ArrowUp")).toBeNull();
  });
});

describe("what dragging means", () => {
  const [bar] = barsOf(resource([STAY])) as [Bar];
  const here = { resourceId: "r1", unit: 1 };

  it("is a move by whole nights, also over a day of 23 hours", () => {
    expect(wishOf(bar, "whole", 1.1, here, days)).toMatchObject({ kind: "move", times: { check_in_on: "2027-03-14", check_out_on: "2027-03-16" } });
    expect(wishOf(bar, "whole", 0.3, here, days)).toBeNull();
    expect(wishOf(bar, "whole", 0, { resourceId: "r1", unit: 2 }, days)).toMatchObject({ kind: "move", unit: 2 });
    expect(wishOf(bar, "whole", 0, { resourceId: "r2", unit: null }, days)).toMatchObject({ kind: "move", resourceId: "r2" });
  });

  it("is another end or another start at the edges, and nothing where nothing would be left", () => {
    expect(wishOf(bar, "end", 1, here, days)).toMatchObject({ kind: "end", action: "extend", times: { check_out_on: "2027-03-16" } });
    expect(wishOf(bar, "end", -1, here, days)).toMatchObject({ kind: "end", action: "shorten" });
    expect(wishOf(bar, "start", -1, here, days)).toMatchObject({ kind: "move", times: { check_in_on: "2027-03-12", check_out_on: "2027-03-15" } });
    expect(wishOf(bar, "end", -2, here, days)).toBeNull();
  });

  it("is in quarters of an hour where times are free", () => {
    const meeting = lying("m", "2027-03-14T16:00:00Z", "2027-03-14T17:00:00Z");
    const hours = Scale.ofHours(DAYS);
    const [short] = barsOf(resource([meeting], { mode: "interval" }), hours) as [Bar];
    expect(wishOf(short, "whole", 0.3, here, hours)).toMatchObject({ times: { starts_at: "2027-03-14T16:15:00.000Z", ends_at: "2027-03-14T17:15:00.000Z" } });
    expect(wishOf(short, "end", 0.5, here, hours)).toMatchObject({ action: "extend", times: { ends_at: "2027-03-14T17:30:00.000Z" } });
  });

  it("is a new reservation over free cells, whichever way one drags", () => {
    expect(creation(resource([]), 2, 2.2, 0.5, days)).toMatchObject({ kind: "create", unit: 2, times: { check_in_on: "2027-03-13", check_out_on: "2027-03-15" } });
    expect(creation(resource([]), 2, 1.2, 1.4, days)).toMatchObject({ times: { check_in_on: "2027-03-14", check_out_on: "2027-03-15" } });
    const hours = Scale.ofHours(DAYS);
    expect(creation(resource([], { mode: "slot" }), null, 1.5, 2.5, hours)).toMatchObject({
      times: { starts_at: "2027-03-13T08:00:00.000Z", ends_at: "2027-03-13T10:00:00.000Z" },
    });
  });
});
