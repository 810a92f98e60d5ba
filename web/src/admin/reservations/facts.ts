import type { AdminSpeech } from "@/texts/admin";
import type { Amount } from "@/texts/intl";
import { STATES } from "@/ui/StateIcon";

export const FACTS = ["state", "arrives", "leaves", "people", "quantity", "units", "price", "due", "hold"] as const;

export type FactName = (typeof FACTS)[number];

/** What events keep of a reservation, as people read it. Names, addresses and notes are not among it: they are personal. */
export function factsOf(found: Readonly<Record<string, unknown>> | null, speech: AdminSpeech, nameOf: (unit: number) => string): Map<FactName, string> {
  const facts = new Map<FactName, string>();
  if (found === null) return facts;
  const state = STATES.find((one) => one === found["state"]);
  if (state !== undefined) facts.set("state", speech.text(`state.${state}`));
  const times: [FactName, unknown][] = [
    ["arrives", found["starts_at"]],
    ["leaves", found["ends_at"]],
    ["hold", found["hold_expires_at"]],
  ];
  for (const [name, at] of times) if (typeof at === "string") facts.set(name, speech.moment(at));
  if (typeof found["party_size"] === "number") facts.set("people", String(found["party_size"]));
  if (typeof found["quantity"] === "number") facts.set("quantity", String(found["quantity"]));
  if (Array.isArray(found["units"]) && found["units"].length > 0) {
    facts.set("units", speech.list(found["units"].filter((unit) => typeof unit === "number").map(nameOf)));
  }
  for (const name of ["price", "due"] as const) {
    const amount = found[name];
    if (isAmount(amount)) facts.set(name, speech.money(amount));
  }
  return facts;
}

function isAmount(value: unknown): value is Amount {
  return typeof value === "object" && value !== null && "total" in value && typeof value.total === "number" && "currency" in value && "decimals" in value;
}
