import { describe, expect, it } from "vitest";

import { differencesOf, redo, updateOf } from "@/admin/reservations/details";

const BASE = { name: "Ada", email: "ada@example.org", phone: "", notes: "" };

describe("a change on top of somebody else's", () => {
  const theirs = { ...BASE, notes: "Two dogs.", email: "ada@example.com" };
  const mine = { ...BASE, notes: "Late.", phone: "+1 970 555 0142" };

  it("says who changed what, and what both did", () => {
    expect(differencesOf(BASE, theirs, mine)).toEqual([
      { field: "email", isContested: false },
      { field: "phone", isContested: false },
      { field: "notes", isContested: true },
    ]);
  });

  it("keeps what they did and I did not touch", () => {
    expect(redo(BASE, theirs, mine, "mine")).toEqual({ name: "Ada", email: "ada@example.com", phone: "+1 970 555 0142", notes: "Late." });
    expect(redo(BASE, theirs, mine, "both").notes).toBe("Two dogs.\nLate.");
    expect(redo(BASE, theirs, mine, "theirs").notes).toBe("Two dogs.");
  });

  it("is no contest where both wrote the same, or one wrote nothing", () => {
    expect(differencesOf(BASE, { ...BASE, notes: "x" }, { ...BASE, notes: "x" })).toEqual([{ field: "notes", isContested: false }]);
    expect(redo(BASE, theirs, BASE, "both")).toEqual(theirs);
    expect(redo(BASE, BASE, mine, "both")).toEqual(mine);
  });
});

describe("what is sent", () => {
  it("is what has changed, and a guest as a whole", () => {
    expect(updateOf(BASE, { ...BASE, notes: "x" })).toEqual({ notes: "x" });
    expect(updateOf(BASE, { ...BASE, name: "Ada L." })).toEqual({ guest: { name: "Ada L.", email: BASE.email, phone: null } });
    expect(updateOf(BASE, BASE)).toBeNull();
  });
});
