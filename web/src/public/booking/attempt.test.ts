import { expect, test } from "vitest";

import { answered, attemptOf, forget, type Made } from "@/public/booking/attempt";

const MADE = { id: "1", email: "a@example.org", state: "unconfirmed", expires_at: "2026-12-01T00:00:00Z" } as Made;

test("the same stay keeps its key until the API has answered", () => {
  const { key } = attemptOf("one");
  expect(attemptOf("one").key).toBe(key);
  expect(attemptOf("another").key).not.toBe(key);
});

test("after a refusal another try is another request", () => {
  const { key } = attemptOf("refused");
  expect(answered("refused", null).key).not.toBe(key);
});

test("what was made stays with its key, until it is left behind", () => {
  const { key } = attemptOf("made");
  expect(answered("made", MADE)).toEqual({ key, made: MADE });
  expect(attemptOf("made").made).toBe(MADE);
  forget("made");
  expect(attemptOf("made").made).toBeNull();
});
