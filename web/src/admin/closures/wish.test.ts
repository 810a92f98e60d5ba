import { expect, it } from "vitest";

import { closuresSearch } from "@/admin/closures/search";
import { changesOf, endOf, requestOf, type Wish, wishOf } from "@/admin/closures/wish";

const WISH: Wish = { resource: "r", from: "2027-03-27T08:00", until: "2027-03-28T08:00", units: [3, 1], reason: "Roof" };

it("asks in instants for what the clocks of the business show, also where they are changed", () => {
  expect(requestOf(WISH, "Europe/Berlin")).toEqual({
    resource_id: "r",
    starts_at: "2027-03-27T07:00:00.000Z",
    ends_at: "2027-03-28T06:00:00.000Z",
    units: [1, 3],
    reason: "Roof",
  });
});

it("asks nothing while something is missing", () => {
  for (const missing of [{ resource: "" }, { from: "" }, { from: "2027-02-3" }, { until: "2027-" }]) expect(requestOf({ ...WISH, ...missing }, "UTC")).toBeNull();
  expect(requestOf({ ...WISH, until: "" }, "UTC")).not.toHaveProperty("ends_at");
});

it("shows a closure as it was typed", () => {
  const closure = { id: "c", resource_id: "r", kind: "closed", starts_at: "2027-03-27T07:00:00Z", ends_at: "2199-12-31T00:00:00Z", units: null, reason: "Roof", version: 1 } as const;
  expect(wishOf({ ...closure }, "Europe/Berlin")).toEqual({ ...WISH, until: "", units: [] });
  expect(endOf(closure)).toBeNull();
  expect(endOf({ ends_at: "2027-03-28T06:00:00Z" })).toBe("2027-03-28T06:00:00Z");
});

it("changes what was touched and nothing else", () => {
  expect(changesOf(WISH, { ...WISH, units: [1, 3] }, "UTC")).toEqual({});
  expect(changesOf(WISH, { ...WISH, reason: "Roof and gutters" }, "UTC")).toEqual({ reason: "Roof and gutters" });
  expect(changesOf(WISH, { ...WISH, units: [] }, "UTC")).toEqual({ units: [] });
  expect(changesOf(WISH, { ...WISH, until: "2027-03-29T08:00" }, "UTC")).toEqual({ ends_at: "2027-03-29T08:00:00.000Z" });
  expect(changesOf(WISH, { ...WISH, from: "2027-" }, "UTC")).toBeNull();
});

it("lasts until it is ended where the end is cleared", () => {
  const changes = changesOf(WISH, { ...WISH, until: "" }, "UTC");
  expect(endOf({ ends_at: changes?.ends_at ?? "" })).toBeNull();
});

it("reads what an address says", () => {
  expect(closuresSearch({ resource: "x", from: "2027-02-30", until: "2027-02-28" })).toEqual({ until: "2027-02-28" });
});
