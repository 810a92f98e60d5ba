import { expect, it } from "vitest";

import { AREAS, areasOf } from "@/admin/areas";

it("has a key of its own for each area", () => {
  expect(new Set(AREAS.map(({ shortcut }) => shortcut)).size).toBe(AREAS.length);
});

it("has room for four of them in the bar of a phone", () => {
  expect(areasOf("owner").filter(({ onPhone }) => onPhone)).toHaveLength(4);
});
