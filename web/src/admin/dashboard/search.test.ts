import { expect, it } from "vitest";

import { dashboardSearch, periodsOf } from "@/admin/dashboard/search";

it("compares as many days with those before them", () => {
  expect(periodsOf({ from: "2026-11-28", until: "2026-12-27" }, "2026-12-01")).toEqual({
    shown: { from: "2026-11-28", until: "2026-12-28" },
    before: { from: "2026-10-29", until: "2026-11-28" },
  });
});

it("shows thirty days from today on where nothing else is said, one at least, a year at most", () => {
  expect(periodsOf({}, "2026-12-01").shown).toEqual({ from: "2026-12-01", until: "2026-12-31" });
  expect(periodsOf({ from: "2026-12-05", until: "2026-12-01" }, "2026-12-01").shown).toEqual({ from: "2026-12-05", until: "2026-12-06" });
  expect(periodsOf({ from: "2020-01-01", until: "2030-01-01" }, "2026-12-01").shown.until).toBe("2021-01-01");
});

it("leaves out what nobody can mean", () => {
  expect(dashboardSearch({ from: "x", until: "2026-02-30", by: "hour", measure: "luck", resource: "1" })).toEqual({});
  expect(dashboardSearch({ by: "week", measure: "nights" })).toEqual({ by: "week", measure: "nights" });
});
