import { expect, it } from "vitest";

import { changesOf, redo } from "@/admin/guests/contact";
import { guestsSearch } from "@/admin/guests/search";

const ADA = { name: "Ada", email: "ada@example.org", phone: "+1 604 555 0199" };

it("sends what has changed, and an emptied telephone number as none", () => {
  expect(changesOf(ADA, { ...ADA, name: "Ada Lovelace", phone: " " })).toEqual({ name: "Ada Lovelace", phone: null });
  expect(changesOf(ADA, { ...ADA })).toBeNull();
});

it("puts mine on top of what somebody else saved", () => {
  const theirs = { ...ADA, email: "ada@lovelace.example" };
  expect(redo(ADA, theirs, { ...ADA, name: "Ada L." })).toEqual({ ...theirs, name: "Ada L." });
  expect(redo(ADA, theirs, { ...ADA, email: "mine@example.org" }).email).toBe("mine@example.org");
});

it("reads what an address says", () => {
  expect(guestsSearch({ text: " doyle " })).toEqual({ text: "doyle" });
  expect(guestsSearch({ text: 604 })).toEqual({ text: "604" });
  expect(guestsSearch({ text: [] })).toEqual({});
});
