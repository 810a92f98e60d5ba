import { describe, expect, it } from "vitest";

import { findShortcut, type Shortcut } from "@/admin/shortcuts";

const named = (keys: string, label = keys): Shortcut => ({ keys, label, run: () => undefined });

describe("keys", () => {
  const all = [named("c"), named("g c"), named("n", "first"), named("n", "second")];

  it("mean the sequence before the single key", () => {
    expect(findShortcut(all, ["g", "c"])?.keys).toBe("g c");
    expect(findShortcut(all, ["x", "c"])?.keys).toBe("c");
  });

  it("mean what was opened last", () => {
    expect(findShortcut(all, ["n"])?.label).toBe("second");
  });

  it("mean nothing where nobody listens", () => {
    expect(findShortcut(all, ["g"])).toBeNull();
    expect(findShortcut(all, [])).toBeNull();
  });
});
