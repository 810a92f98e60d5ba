import type { AdminSpeech } from "@/texts/admin";
import type { Amount } from "@/texts/intl";

export interface Difference {
  /** Names of the API, such as `guest.name`. */
  path: string;
  before: string | null;
  after: string | null;
}

type Values = Readonly<Record<string, unknown>>;

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
const MOST_DEEP = 6;

/** What differs between two states of a thing, a line for each value; what stayed is left out. */
export function differencesOf(before: Values | null, after: Values | null, speech: AdminSpeech): Difference[] {
  const [old, now] = [new Map<string, string>(), new Map<string, string>()];
  if (before !== null) flatten(before, "", old, speech, 0);
  if (after !== null) flatten(after, "", now, speech, 0);
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((path) => ({ path, before: old.get(path) ?? null, after: now.get(path) ?? null }))
    .filter((one) => one.before !== one.after);
}

function flatten(values: Values, path: string, into: Map<string, string>, speech: AdminSpeech, depth: number): void {
  for (const [name, value] of Object.entries(values)) {
    const here = path === "" ? name : `${path}.${name}`;
    if (isValues(value) && !isAmount(value) && depth < MOST_DEEP) flatten(value, here, into, speech, depth + 1);
    else if (value !== null) into.set(here, say(value, speech));
  }
}

function say(value: unknown, speech: AdminSpeech): string {
  if (isAmount(value)) return speech.money(value);
  if (typeof value === "string") return INSTANT.test(value) && !Number.isNaN(Date.parse(value)) ? speech.instant(value) : value;
  if (typeof value === "boolean") return speech.text(value ? "audit.yes" : "audit.no");
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) return value.map(String).join(", ");
  return JSON.stringify(value);
}

function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isAmount(value: unknown): value is Amount {
  return isValues(value) && typeof value["total"] === "number" && typeof value["currency"] === "string" && typeof value["decimals"] === "number";
}
