import { expect, it } from "vitest";

import { differencesOf } from "@/admin/audit/differences";
import { en } from "@/texts/admin/en";
import { Speech } from "@/texts/intl";

const speech = new Speech("en", "en-US", "America/Denver", en, {});

it("says what differs and nothing that stayed", () => {
  const before = { name: "Ada", price: { currency: "USD", decimals: 2, total: 1000 }, at: "2026-12-01T18:00:00Z", units: [1, 2], open: true, gone: "x" };
  const after = { name: "Ada", price: { currency: "USD", decimals: 2, total: 2050 }, at: "2026-12-01T19:00:00Z", units: [3], open: false, deep: { one: 1 } };
  expect(differencesOf(before, after, speech)).toEqual([
    { path: "price", before: "$10.00", after: "$20.50" },
    { path: "at", before: "Dec 1, 2026, 11:00 AM", after: "Dec 1, 2026, 12:00 PM" },
    { path: "units", before: "1, 2", after: "3" },
    { path: "open", before: "yes", after: "no" },
    { path: "gone", before: "x", after: null },
    { path: "deep.one", before: null, after: "1" },
  ]);
});

it("says nothing of what was only read", () => {
  expect(differencesOf(null, null, speech)).toEqual([]);
});
