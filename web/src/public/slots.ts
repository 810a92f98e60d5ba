import type { Schemas } from "@/api/client";

/** The slots of a listing, by the day on which they begin, and what one can do with each. */

type Slot = Schemas["SlotBody"];
type Violation = Schemas["ViolationBody"];

/** `free` to reserve, `full` where others have it, `refused` where a rule says no. */
export type SlotState = "free" | "full" | "refused";

export function stateOf({ remaining, reasons }: Slot, units: number): SlotState {
  const stated = reasons ?? [];
  if (stated.some((reason) => !isForRoom(reason))) return "refused";
  return remaining < units || stated.length > 0 ? "full" : "free";
}

/** Why a rule refuses it, besides that others have it. */
export function rulesAgainst({ reasons }: Slot): Violation[] {
  return (reasons ?? []).filter((reason) => !isForRoom(reason));
}

function isForRoom({ code }: Violation): boolean {
  return code === "no_capacity";
}

export function byDay<Item extends { starts_at: string }>(items: Item[], dayOf: (at: string) => string): Map<string, Item[]> {
  const days = new Map<string, Item[]>();
  for (const item of items) {
    const on = dayOf(item.starts_at);
    days.set(on, [...(days.get(on) ?? []), item]);
  }
  return days;
}

/** The lowest price of a day: of what is free, else of all. */
export function lowestPrice(slots: Slot[], units: number): Schemas["Money"] | null {
  const free = slots.filter((slot) => stateOf(slot, units) === "free");
  const [first, ...others] = free.length > 0 ? free : slots;
  if (first === undefined) return null;
  return others.reduce((lowest, { price }) => (price.total < lowest.total ? price : lowest), first.price);
}
