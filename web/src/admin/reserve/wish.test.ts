import { expect, it } from "vitest";

import { wantedOf, wishFor } from "@/admin/reserve/wish";

const COUNTS = { people: "2", quantity: "1" };

it("asks for what is complete, in the words of the mode", () => {
  expect(wantedOf({ id: "r", mode: "stay" }, { start: "2026-12-05", end: "2026-12-07", ...COUNTS })).toEqual({
    resource_id: "r",
    party_size: 2,
    quantity: 1,
    check_in_on: "2026-12-05",
    check_out_on: "2026-12-07",
  });
  expect(wantedOf({ id: "r", mode: "interval" }, { start: "2026-12-05T09:00", end: "2026-12-05T10:30", ...COUNTS })).toMatchObject({
    starts_at: "2026-12-05T09:00",
    ends_at: "2026-12-05T10:30",
  });
});

it("asks for nothing as long as something is missing", () => {
  const stay = { id: "r", mode: "stay" } as const;
  const wish = { start: "2026-12-05", end: "2026-12-07", ...COUNTS };
  for (const less of [{ start: "" }, { end: "2026-12-05" }, { people: "" }, { people: "1.5" }, { quantity: "0" }]) {
    expect(wantedOf(stay, { ...wish, ...less })).toBeNull();
  }
  expect(wantedOf({ id: "r", mode: "interval" }, { ...wish, start: "2026-12-05", end: "2026-12-05T10:00" })).toBeNull();
});

it("takes an alternative as it would have been typed", () => {
  const one = { check_in_on: "2026-12-05", check_out_on: "2026-12-07", starts_at: "a", ends_at: "b", party_size: 3, quantity: 2 };
  const local = (at: string) => `local ${at}`;
  expect(wishFor(one as never, "stay", local)).toEqual({ start: "2026-12-05", end: "2026-12-07", people: "3", quantity: "2" });
  expect(wishFor(one as never, "slot", local)).toMatchObject({ start: "a", end: "b" });
  expect(wishFor(one as never, "interval", local)).toMatchObject({ start: "local a", end: "local b" });
});
