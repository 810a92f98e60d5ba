import { expect, it } from "vitest";

import { localTime } from "@/admin/localTime";
import { newTimes } from "@/admin/reservations/change";
import type { Reservation } from "@/admin/reservations/queries";

const STAY = {
  starts_at: "2026-12-01T23:00:00Z",
  ends_at: "2026-12-08T18:00:00Z",
  check_in_on: "2026-12-01",
  check_out_on: "2026-12-08",
  timezone: "America/Denver",
  party_size: 2,
} as Reservation;
const HOURS = { ...STAY, starts_at: "2026-12-01T23:00:00Z", ends_at: "2026-12-02T00:30:00Z", check_in_on: null, check_out_on: null } as Reservation;

it("sends the new end alone where one extends or shortens", () => {
  expect(newTimes("extend", { start: "2026-12-01", end: "2026-12-09", people: "2" }, STAY)).toEqual({ check_out_on: "2026-12-09" });
  expect(newTimes("shorten", { start: "", end: "2026-12-01T17:00", people: "2" }, HOURS)).toEqual({ ends_at: "2026-12-01T17:00" });
});

it("sends both ends and the people where one moves", () => {
  expect(newTimes("move", { start: "2026-12-02", end: "2026-12-08", people: "3" }, STAY)).toEqual({
    check_in_on: "2026-12-02",
    check_out_on: "2026-12-08",
    party_size: 3,
  });
});

it("sends nothing for what is so already, or is not complete", () => {
  expect(newTimes("move", { start: "2026-12-01", end: "2026-12-08", people: "2" }, STAY)).toBeNull();
  expect(newTimes("extend", { start: "2026-12-01T16:00", end: "2026-12-01T17:30", people: "2" }, HOURS)).toBeNull();
  expect(newTimes("move", { start: "", end: "2026-12-08", people: "2" }, STAY)).toBeNull();
  expect(newTimes("move", { start: "2026-12-02", end: "2026-12-08", people: "" }, STAY)).toBeNull();
});

it("shows times as the clocks of the business do, in summer and winter", () => {
  expect(localTime("2026-12-01T23:00:00Z", "America/Denver")).toBe("2026-12-01T16:00");
  expect(localTime("2026-07-01T22:00:00Z", "America/Denver")).toBe("2026-07-01T16:00");
});
