import { expect, test } from "vitest";

import { isOf, readTimes, readUse, searchOf, type TimesUse, writeTimes } from "@/public/uses";

const ROOM = { id: "1", slug: "room", mode: "interval" } as const;
const CABIN = { id: "2", slug: "cabin", mode: "stay" } as const;

function read(search: string) {
  return readTimes(new URLSearchParams(search));
}

test("what is written into an address is read from it", () => {
  const times = { on: "2026-12-05", start: "2026-12-05T02:30Z", end: "2026-12-05T05:30Z", people: 2, quantity: 3 };
  expect(readTimes(writeTimes(times))).toEqual(times);
  expect(writeTimes({ start: "2026-12-05T02:30:00Z" }).get("start")).toBe("2026-12-05T02:30Z");
  expect(writeTimes({}).toString()).toBe("");
});

test("what an address says wrongly is as if it said nothing", () => {
  for (const search of ["start=2026-02-30T10:00Z", "start=10:00", "end=2026-12-05T05:30Z", "quantity=0", "people=-1", "on=today"]) {
    expect(read(search)).toEqual({ on: "", start: "", end: "", people: null, quantity: null });
  }
  expect(read("start=2026-12-05T05:30Z&end=2026-12-05T05:30Z").end).toBe("");
});

test("nights are wanted by days, everything else by instants", () => {
  const search = new URLSearchParams("from=2026-12-05&until=2026-12-07&start=2026-12-05T02:30Z&end=2026-12-05T05:30Z&people=2");
  expect(readUse(CABIN, search)).toEqual({ resource_id: "2", check_in_on: "2026-12-05", check_out_on: "2026-12-07", party_size: 2 });
  expect(readUse(ROOM, search)).toEqual({
    resource_id: "1",
    starts_at: "2026-12-05T02:30Z",
    ends_at: "2026-12-05T05:30Z",
    quantity: 1,
    party_size: 2,
  });
  expect(readUse(ROOM, new URLSearchParams("from=2026-12-05&until=2026-12-07"))).toBeNull();
  expect(readUse(CABIN, new URLSearchParams("from=2026-12-05"))).toBeNull();
});

test("an alternative becomes the address of its own mode", () => {
  const one = {
    kind: "other_time" as const,
    resource_id: "1",
    resource_slug: "room",
    resource_name: "Room",
    unit: null,
    price: null,
    starts_at: "2026-12-05T02:30:00Z",
    ends_at: "2026-12-05T05:30:00Z",
    check_in_on: null,
    check_out_on: null,
    quantity: 2,
    party_size: 3,
  };
  expect(readUse(ROOM, searchOf(one))).toMatchObject({ starts_at: "2026-12-05T02:30Z", quantity: 2, party_size: 3 });
  const nights = { ...one, check_in_on: "2026-12-05", check_out_on: "2026-12-06" };
  expect(readUse(CABIN, searchOf(nights))).toMatchObject({ check_in_on: "2026-12-05", party_size: 3 });
});

test("an answer is about what was asked, not about what was asked before", () => {
  const use: TimesUse = { resource_id: "1", starts_at: "2026-12-05T02:30Z", ends_at: "2026-12-05T05:30Z", quantity: 1, party_size: 2 };
  const answer = { ...use, starts_at: "2026-12-05T02:30:00Z", ends_at: "2026-12-05T05:30:00Z", check_in_on: null, check_out_on: null } as Parameters<typeof isOf>[0];
  expect(isOf(answer, use)).toBe(true);
  expect(isOf(answer, { ...use, quantity: 2 })).toBe(false);
  expect(isOf(answer, { ...use, ends_at: "2026-12-05T06:30Z" })).toBe(false);
  expect(isOf(answer, { resource_id: "1", check_in_on: "2026-12-05", check_out_on: "2026-12-06", party_size: 2 })).toBe(false);
});
