import { expect, test } from "vitest";

import { byDay, lowestPrice, rulesAgainst, stateOf } from "@/public/slots";

const FULL = { rule: "capacity", code: "no_capacity", field: "starts_at", message: "Fully booked.", parameters: {} };
const LATE = { rule: "lead_time", code: "too_soon", field: "starts_at", message: "Too soon.", parameters: {} };

function slot(remaining: number, reasons: (typeof FULL)[] | null = [], total = 100, starts_at = "2026-12-01T10:00:00Z") {
  return { starts_at, ends_at: "2026-12-01T11:00:00Z", remaining, price: { currency: "EUR", decimals: 2, total }, reasons };
}

test("a slot is full where others have it, refused where a rule says no", () => {
  expect(stateOf(slot(3), 3)).toBe("free");
  expect(stateOf(slot(2), 3)).toBe("full");
  expect(stateOf(slot(0, [FULL]), 1)).toBe("full");
  expect(stateOf(slot(4, null), 1)).toBe("free");
  expect(stateOf(slot(0, [FULL, LATE]), 1)).toBe("refused");
  expect(rulesAgainst(slot(0, [FULL, LATE]))).toEqual([LATE]);
});

test("slots stand on the day on which they begin", () => {
  const days = byDay([slot(1), slot(1, [], 100, "2026-12-01T23:30:00Z"), slot(1, [], 100, "2026-12-02T09:00:00Z")], (at) => at.slice(0, 10));
  expect([...days].map(([on, slots]) => [on, slots.length])).toEqual([
    ["2026-12-01", 2],
    ["2026-12-02", 1],
  ]);
});

test("the price of a day is the lowest of what is free", () => {
  expect(lowestPrice([slot(0, [FULL], 50), slot(1, [], 120), slot(1, [], 100)], 1)?.total).toBe(100);
  expect(lowestPrice([slot(0, [FULL], 50)], 1)?.total).toBe(50);
  expect(lowestPrice([], 1)).toBeNull();
});
