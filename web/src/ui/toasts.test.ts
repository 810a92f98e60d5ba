import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Toasts } from "@/ui/toasts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("what happened is said for a moment", () => {
  const toasts = new Toasts();
  toasts.say("Saved");
  expect(toasts.current().map(({ text }) => text)).toEqual(["Saved"]);
  vi.advanceTimersByTime(6000);
  expect(toasts.current()).toEqual([]);
});

test("what can be taken back stays until it was closed", () => {
  const toasts = new Toasts();
  toasts.say("Moved", { label: "Undo", onPress: () => undefined });
  vi.advanceTimersByTime(60_000);
  const [toast] = toasts.current();
  expect(toast?.text).toBe("Moved");
  toasts.close(toast?.id ?? 0);
  expect(toasts.current()).toEqual([]);
});

test("the oldest gives way, and who listens hears of each change once", () => {
  const toasts = new Toasts();
  const heard = vi.fn();
  const leave = toasts.subscribe(heard);
  for (const text of ["1", "2", "3", "4"]) toasts.say(text);
  expect(toasts.current().map(({ text }) => text)).toEqual(["2", "3", "4"]);
  expect(heard).toHaveBeenCalledTimes(4);
  toasts.close(1);
  expect(heard).toHaveBeenCalledTimes(4);
  leave();
  toasts.say("5");
  expect(heard).toHaveBeenCalledTimes(4);
});
