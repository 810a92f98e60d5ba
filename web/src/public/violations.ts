import type { Schemas } from "@/api/client";
import type { Speech } from "@/texts/intl";

type Violation = Schemas["ViolationBody"];

/** Why the API refuses a stay, in the language of the page where the reason is a common one, else in the API's words. */
export function violationWords(violation: Violation, { text, list, locale }: Speech): string {
  const { code, parameters, message } = violation;
  const limit = (name: string): number | null => (typeof parameters[name] === "number" ? parameters[name] : null);
  const minimum = limit("minimum");
  const maximum = limit("maximum");
  if (code === "too_short" && minimum !== null && parameters["unit"] === "nights") return text("refused.too_short", { minimum });
  if (code === "too_long" && maximum !== null && parameters["unit"] === "nights") return text("refused.too_long", { maximum });
  if (code === "in_the_past") return text("refused.in_the_past");
  if (code === "party_too_large" && maximum !== null) return text("refused.too_many", { maximum });
  const days = weekdayNames(parameters["weekdays"], locale);
  if (code === "arrival_weekday" && days.length > 0) return text("refused.arrival_weekday", { days: list(days) });
  return message;
}

const MONDAY = Date.UTC(2024, 0, 1);
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** The weekdays that the API calls mon, tue and so on; none where it says anything else. */
function weekdayNames(codes: unknown, locale: string): string[] {
  if (!Array.isArray(codes)) return [];
  const places = codes.map((code) => WEEKDAYS.indexOf(String(code)));
  if (places.includes(-1)) return [];
  const format = new Intl.DateTimeFormat(locale, { timeZone: "UTC", weekday: "long" });
  return places.map((place) => format.format(new Date(MONDAY + place * 86_400_000)));
}

/** All that speaks against a stay; never nothing where it is refused. */
export function refusalWords(quote: Pick<Schemas["QuoteBody"], "violations">, speech: Speech): string[] {
  const words = [...new Set(quote.violations.map((violation) => violationWords(violation, speech)))];
  return words.length > 0 ? words : [speech.text("refused.taken")];
}
