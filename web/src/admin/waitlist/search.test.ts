import { expect, it } from "vitest";

import { waitlistSearch } from "@/admin/waitlist/search";

it("reads what an address says, and nothing else", () => {
  const resource = "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11";
  expect(waitlistSearch({ resource, from: "2026-12-01", until: "2026-02-30", ended: true })).toEqual({ resource, from: "2026-12-01", ended: true });
  expect(waitlistSearch({ resource: "all", ended: "yes", from: 7 })).toEqual({});
});
