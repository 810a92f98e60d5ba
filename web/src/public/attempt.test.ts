import { expect, test } from "vitest";

import { answered, attemptOf, forget } from "@/public/attempt";

const MADE = { id: "1" };

test("the same thing keeps its key until the API has answered", () => {
  const { key } = attemptOf<typeof MADE>("one");
  expect(attemptOf<typeof MADE>("one").key).toBe(key);
  expect(attemptOf<typeof MADE>("another").key).not.toBe(key);
});

test("after a refusal another try is another request", () => {
  const { key } = attemptOf<typeof MADE>("refused");
  expect(answered("refused", null).key).not.toBe(key);
});

test("what was made stays with its key, until it is left behind", () => {
  const { key } = attemptOf<typeof MADE>("made");
  expect(answered("made", MADE)).toEqual({ key, made: MADE });
  expect(attemptOf<typeof MADE>("made").made).toBe(MADE);
  forget("made");
  expect(attemptOf<typeof MADE>("made").made).toBeNull();
});
