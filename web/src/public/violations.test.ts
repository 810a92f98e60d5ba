import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { refusalWords } from "@/public/violations";
import { fr as amenities } from "@/texts/amenities/fr";
import { fr } from "@/texts/fr";
import { Speech } from "@/texts/intl";
import { fr as more } from "@/texts/more/fr";

const speech = new Speech("fr", "fr-FR", "Europe/Paris", { ...fr, ...more }, amenities);

function violation(code: string, parameters: Record<string, unknown>) {
  return { rule: "length", code, field: "check_out_on", message: "In the words of the API.", parameters };
}

test("common reasons are said in the language of the page", () => {
  const quote = { violations: [violation("too_short", { minimum: 3, maximum: 21, given: 2, unit: "nights" })] };
  expect(refusalWords(quote, speech)).toEqual(["Un séjour qui commence ce jour compte au moins 3 nuits."]);
});

test("weekdays are named in the language of the page", () => {
  const said = (weekdays: unknown) => refusalWords({ violations: [violation("arrival_weekday", { weekdays })] }, speech);
  expect(said(["mon", "fri", "sat"])).toEqual(["L’arrivée est possible le lundi, vendredi et samedi."]);
  expect(said(["someday"])).toEqual(["In the words of the API."]);
  expect(said(undefined)).toEqual(["In the words of the API."]);
});

test("other reasons are said in the words of the API, each once", () => {
  const unusual = violation("not_met", {});
  expect(refusalWords({ violations: [unusual, unusual, violation("too_short", { minimum: 2, unit: "hours" })] }, speech)).toEqual([
    "In the words of the API.",
  ]);
});

test("a refusal without a reason says that it is taken", () => {
  expect(refusalWords({ violations: [] }, speech)).toEqual(["Pas libre pour toutes ces nuits."]);
});

test("money is written to the smallest coin, as where the business is", () => {
  const write = (locale: string, currency: string, decimals: number, total: number) =>
    new Speech("en", locale, "UTC", fr, {}).money({ currency, decimals, total }).replaceAll(/\s/g, " ");
  expect(write("en-US", "USD", 2, 85134)).toBe("$851.34");
  expect(write("de-DE", "EUR", 2, 123456)).toBe("1.234,56 €");
  expect(write("ja-JP", "JPY", 0, 1234)).toBe("￥1,234");
  expect(write("en-KW", "KWD", 3, 1234567)).toBe("KWD 1,234.567");
  expect(write("en-US", "USD", 2, 9007199254740991)).toBe("$90,071,992,547,409.91");
  expect(write("en-US", "USD", 2, -3780)).toBe("-$37.80");
});

const PAGE = readFileSync(new URL("../../../docs/ERRORS.md", import.meta.url), "utf-8");
const REASONS = [...PAGE.slice(PAGE.indexOf("## Reasons within rules")).matchAll(/^\| (?:`\w+`(?:, )?)+ \| `(\w+)` \|/gm)].map(([, code = ""]) => code);
/** Sentences of the business itself, and what no guest can meet. */
const OWN_WORDS = ["not_met", "cannot_be_evaluated"];
const OF_STAFF = ["other_mode"];
const SAID_WITH = {
  minimum: 2,
  maximum: 3,
  given: 4,
  limit: 2,
  unit: "nights",
  minimum_minutes: 90,
  maximum_days: 30,
  hours: "09:00 to 17:00",
  weekdays: ["mon"],
  at: "20:00",
  until_at: "2027-03-01T12:00:00Z",
};

test("every reason that a guest can meet is said in the language of the page", () => {
  expect(REASONS.length).toBeGreaterThan(25);
  const unsaid = REASONS.filter((code) => refusalWords({ violations: [violation(code, SAID_WITH)] }, speech)[0] === "In the words of the API.");
  expect([...new Set(unsaid)].sort()).toEqual([...OWN_WORDS, ...OF_STAFF].sort());
});
