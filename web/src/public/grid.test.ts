import { expect, test } from "vitest";

import { endsAfter, gridOf, minutesBetween, nearestEnd, startsOn, stretchesOf } from "@/public/grid";

const GRID = gridOf({ mode: "interval", step_minutes: 30, min_minutes: 60, max_minutes: 180 });
const TAKEN = { rule: "capacity", code: "no_capacity", field: "starts_at", message: "Fully booked.", parameters: {} };
const CLOSED = { rule: "opening_hours", code: "closed", field: "starts_at", message: "Closed.", parameters: {} };

function free(starts_at: string, ends_at: string, latest_start_at: string) {
  return { starts_at, ends_at, latest_start_at, remaining: 1 };
}

test("starts are those of the free ranges up to the latest one, on the grid", () => {
  const stretches = stretchesOf({ ranges: [free("2026-12-01T08:10:00Z", "2026-12-01T10:30:00Z", "2026-12-01T09:30:00Z")], unavailable: null });
  expect(startsOn("2026-12-01", stretches, GRID, "Europe/Berlin").map(({ at }) => at)).toEqual([
    "2026-12-01T08:30Z",
    "2026-12-01T09:00Z",
    "2026-12-01T09:30Z",
  ]);
  expect(startsOn("2026-12-02", stretches, GRID, "Europe/Berlin")).toEqual([]);
});

test("a day is that of the business, and its grid is counted from its midnight", () => {
  const stretches = stretchesOf({ ranges: [free("2026-12-01T13:00:00Z", "2026-12-01T16:00:00Z", "2026-12-01T15:00:00Z")], unavailable: null });
  const hourly = { ...GRID, stepMinutes: 60 };
  // St. John's is three and a half hours behind UTC: whole hours there are half hours here.
  expect(startsOn("2026-12-01", stretches, hourly, "America/St_Johns").map(({ at }) => at)).toEqual(["2026-12-01T13:30Z", "2026-12-01T14:30Z"]);
  expect(startsOn("2026-12-02", stretches, hourly, "Pacific/Auckland").map(({ at }) => at)).toEqual([
    "2026-12-01T13:00Z",
    "2026-12-01T14:00Z",
    "2026-12-01T15:00Z",
  ]);
});

test("what others have taken can be chosen to wait for it, what is closed cannot", () => {
  const stretches = stretchesOf({
    ranges: [free("2026-12-01T08:00:00Z", "2026-12-01T09:00:00Z", "2026-12-01T08:00:00Z")],
    unavailable: [
      { starts_at: "2026-12-01T09:00:00Z", ends_at: "2026-12-01T10:00:00Z", reasons: [TAKEN] },
      { starts_at: "2026-12-01T18:00:00Z", ends_at: "2026-12-01T20:00:00Z", reasons: [TAKEN, CLOSED] },
      { starts_at: "2026-12-01T20:00:00Z", ends_at: "2026-12-01T22:00:00Z", reasons: [CLOSED] },
    ],
  });
  expect(startsOn("2026-12-01", stretches, GRID, "UTC")).toEqual([
    { at: "2026-12-01T08:00Z", free: true },
    { at: "2026-12-01T09:00Z", free: false },
    { at: "2026-12-01T09:30Z", free: false },
  ]);
});

test("ends go as far as it is free, and no further than is permitted", () => {
  const stretches = stretchesOf({ ranges: [free("2026-12-01T08:00:00Z", "2026-12-01T12:00:00Z", "2026-12-01T11:00:00Z")], unavailable: null });
  expect(endsAfter("2026-12-01T08:00Z", stretches, GRID).at(-1)).toBe("2026-12-01T11:00Z");
  expect(endsAfter("2026-12-01T10:30Z", stretches, GRID)).toEqual(["2026-12-01T11:30Z", "2026-12-01T12:00Z"]);
  expect(endsAfter("2026-12-01T14:00Z", stretches, GRID)).toHaveLength(5);
});

test("the length stays where the start moves, as far as it can", () => {
  const stretches = stretchesOf({ ranges: [free("2026-12-01T08:00:00Z", "2026-12-01T12:00:00Z", "2026-12-01T11:00:00Z")], unavailable: null });
  const ends = endsAfter("2026-12-01T10:30Z", stretches, GRID);
  expect(nearestEnd(ends, "2026-12-01T10:30Z", 180)).toBe("2026-12-01T12:00Z");
  expect(minutesBetween("2026-12-01T10:30Z", nearestEnd(ends, "2026-12-01T10:30Z", 60))).toBe(60);
  expect(nearestEnd([], "2026-12-01T10:30Z", 60)).toBe("");
});
