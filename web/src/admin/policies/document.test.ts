import { expect, test } from "vitest";

import { changedMembers, modeOf, parsed } from "@/admin/policies/document";

test("only an object is a document", () => {
  expect(parsed('{"rules": []}')).toEqual({ rules: [] });
  expect(parsed("[]")).toBeNull();
  expect(parsed("null")).toBeNull();
  expect(parsed('{"rules": [')).toBeNull();
});

test("what differs between versions is named, also what came and went", () => {
  expect(changedMembers({ rates: { base: 1 }, rules: [], cancellation: [] }, { rates: { base: 2 }, rules: [], includes: [] })).toEqual(["rates", "cancellation", "includes"]);
});

test("a mode that the pages do not know is none", () => {
  expect(modeOf({ mode: { mode: "slot" } })).toBe("slot");
  expect(modeOf({ mode: { mode: "seat" } })).toBeNull();
  expect(modeOf({})).toBeNull();
});
