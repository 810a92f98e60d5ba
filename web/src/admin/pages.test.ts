import { expect, it } from "vitest";

import { everything } from "@/admin/pages";

it("reads each page once, to the last one", async () => {
  const asked: (string | undefined)[] = [];
  const pages: Record<string, { items: number[]; next_cursor: string | null }> = { "": { items: [1, 2], next_cursor: "b" }, b: { items: [3], next_cursor: null } };
  const found = await everything(({ cursor }) => {
    asked.push(cursor);
    return Promise.resolve(pages[cursor ?? ""] ?? { items: [], next_cursor: null });
  });
  expect([found, asked]).toEqual([[1, 2, 3], [undefined, "b"]]);
});

it("ends where a list does not", async () => {
  expect(await everything(() => Promise.resolve({ items: [1], next_cursor: "again" }))).toHaveLength(10);
});
