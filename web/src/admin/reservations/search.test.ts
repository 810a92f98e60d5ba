import { expect, it } from "vitest";

import { reservationsSearch, statesOf } from "@/admin/reservations/search";

const ID = "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11";

it("reads what an address says", () => {
  const said = { text: " Doyle ", state: "confirmed,held", resource: ID, from: "2026-12-01", until: "2026-12-31", sort: "-created_at" };
  expect(reservationsSearch(said)).toEqual({ ...said, text: "Doyle", state: "held,confirmed" });
});

it("leaves out what nobody can mean", () => {
  const said = { text: "", state: "asleep,", resource: "x", guest: 7, from: "2026-13-01", until: "2026-02-30", sort: "price" };
  expect(reservationsSearch(said)).toEqual({});
});

it("takes a code of digits, which an address makes a number", () => {
  expect(reservationsSearch({ text: 12345678 })).toEqual({ text: "12345678" });
});

it("knows each state once", () => {
  expect(statesOf("held,held,no_show,")).toEqual(["held", "no_show"]);
  expect(statesOf(undefined)).toEqual([]);
});
