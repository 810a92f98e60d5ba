import type { Schemas } from "@/api/client";
import type { Speech } from "@/texts/intl";

type Violation = Schemas["ViolationBody"];

/** Why the API refuses a stay, in the language of the page where the reason is a common one, else in the API's words. */
export function violationWords(violation: Violation, { text }: Speech): string {
  const { code, parameters, message } = violation;
  const limit = (name: string): number | null => (typeof parameters[name] === "number" ? parameters[name] : null);
  const minimum = limit("minimum");
  const maximum = limit("maximum");
  if (code === "too_short" && minimum !== null && parameters["unit"] === "nights") return text("refused.too_short", { minimum });
  if (code === "too_long" && maximum !== null && parameters["unit"] === "nights") return text("refused.too_long", { maximum });
  if (code === "in_the_past") return text("refused.in_the_past");
  if (code === "party_too_large" && maximum !== null) return text("refused.too_many", { maximum });
  if (code === "arrival_weekday") return text("when.noArrival");
  return message;
}

/** All that speaks against a stay; never nothing where it is refused. */
export function refusalWords(quote: Pick<Schemas["QuoteBody"], "violations">, speech: Speech): string[] {
  const words = [...new Set(quote.violations.map((violation) => violationWords(violation, speech)))];
  return words.length > 0 ? words : [speech.text("refused.taken")];
}
