import { expect, test } from "vitest";

import { keepToken, readToken } from "@/public/manage/token";

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
    clear: () => kept.clear(),
    key: () => null,
    length: 0,
  };
}

test("a token is read from behind the #, and from the window's storage after a reload", () => {
  const kept = storage();
  const token = readToken("one", "#a.b.c", kept);
  expect(keepToken("one", token, kept)).toBe(true);
  expect(readToken("one", "", kept)).toBe("a.b.c");
  expect(readToken("another", "", kept)).toBe("");
});

test("a newer link counts more than what was kept", () => {
  const kept = storage();
  keepToken("one", "old", kept);
  expect(readToken("one", "#new", kept)).toBe("new");
});

test("where nothing can be kept the address has to keep it", () => {
  const full = storage();
  full.setItem = () => {
    throw new Error("full");
  };
  expect(keepToken("one", "a.b.c", full)).toBe(false);
  expect(keepToken("one", "a.b.c", null)).toBe(false);
  expect(readToken("one", "", null)).toBe("");
});

test("what is far too long is no token", () => {
  expect(readToken("one", `#${"x".repeat(3000)}`, storage())).toBe("");
});
