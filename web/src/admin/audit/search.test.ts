import { expect, it } from "vitest";

import { auditSearch } from "@/admin/audit/search";

it("reads what an address says, and leaves out what nobody can mean", () => {
  const said = { actor: "staff", kind: "policy", thing: "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11", from: "2026-12-01", until: "2026-12-31" };
  expect(auditSearch(said)).toEqual(said);
  expect(auditSearch({ actor: "ghost", kind: 7, thing: "x", from: "2026-02-30", until: "" })).toEqual({});
});
