import { expect, test } from "vitest";

import { loadMoreWords, loadWords } from "@/texts/languages";

test("what pages behind the first one say is added to every language that is there, and to those that follow", async () => {
  const english = await loadWords("en");
  expect(english.texts["when.waitlist"]).toBeUndefined();
  const german = await loadWords("de");
  await loadMoreWords();
  expect(english.texts["when.waitlist"]).toBe("Waitlist");
  expect(german.texts["when.waitlist"]).toBe("Warteliste");
  expect((await loadWords("fr")).texts["when.waitlist"]).toBe("Liste d’attente");
  expect((await loadWords("en")).texts).toBe(english.texts);
});
