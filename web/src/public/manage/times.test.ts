import { expect, test } from "vitest";

import { withOwn } from "@/public/manage/times";

const GRID = { stepMinutes: 30, minMinutes: 30, maxMinutes: 480 };
const OWN = { starts_at: "2027-05-14T10:00:00Z", ends_at: "2027-05-14T11:00:00Z" };
const at = (hour: number) => Date.UTC(2027, 4, 14, hour);
const stretch = (from: number, until: number, free: boolean) => ({ starts: at(from), ends: at(until), latest: at(until), free });

test("one's own time joins what is free on either side", () => {
  const found = withOwn([stretch(8, 10, true), stretch(10, 11, false), stretch(11, 13, true)], OWN, GRID);
  expect(found).toEqual([{ starts: at(8), ends: at(13), latest: at(13) - 30 * 60_000, free: true }]);
});

test("what others have stays theirs", () => {
  const found = withOwn([stretch(8, 9, true), stretch(9, 10, false), stretch(10, 11, false), stretch(11, 12, false)], OWN, GRID);
  expect(found.map(({ starts, ends, free }) => [starts, ends, free])).toEqual([
    [at(8), at(9), true],
    [at(9), at(10), false],
    [at(10), at(11), true],
    [at(11), at(12), false],
  ]);
});
