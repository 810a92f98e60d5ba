import { expect, test } from "vitest";

import { dayIn, daysAfter, EVERYTHING, monthAfter, nightsBetween, readFilters, writeFilters } from "@/public/wanted";

function read(search: string) {
  return readFilters(new URLSearchParams(search));
}

test("what is written into an address is read from it", () => {
  const filters = { from: "2026-12-14", until: "2026-12-18", on: "2026-12-15", people: 2, wishes: ["sauna", "lake_view"] };
  expect(readFilters(writeFilters(filters))).toEqual(filters);
  expect(writeFilters(read("")).toString()).toBe("");
});

test("what an address says wrongly is as if it said nothing", () => {
  for (const search of ["from=2026-02-30", "from=tomorrow", "on=2026-13-01", "until=2026-12-18", "people=0", "people=-1", "people=1.5", "people=1e9", "wish=%3Cscript%3E"]) {
    expect(read(search)).toEqual(EVERYTHING);
  }
  expect(read("from=2026-12-18&until=2026-12-14").until).toBe("");
  expect(read("wish=sauna&wish=sauna").wishes).toEqual(["sauna"]);
});

test("a day is that of the business, not of the browser", () => {
  const now = new Date("2026-11-30T23:30:00Z");
  expect(dayIn("America/Denver", now)).toBe("2026-11-30");
  expect(dayIn("Australia/Hobart", now)).toBe("2026-12-01");
});

test("nights are counted over a change of the clocks", () => {
  expect(nightsBetween("2027-03-13", "2027-03-15")).toBe(2);
  expect(daysAfter("2027-02-27", 3)).toBe("2027-03-02");
});

test("months are counted over the turn of a year", () => {
  expect(monthAfter("2026-12-31", 1)).toBe("2027-01-01");
  expect(monthAfter("2026-01-31", -1)).toBe("2025-12-01");
});
