import type { Schemas } from "@/api/client";
import type { Start } from "@/public/grid";
import { STRIP_DAYS, type StripDay } from "@/public/DayStrip";
import { lowestPrice, stateOf } from "@/public/slots";
import { daysAfter } from "@/public/wanted";
import type { Speech } from "@/texts/intl";

/** What a strip of days shows: which days follow each other, and of each whether something is free, and from which price on. */

export const FURTHEST_DAYS = 730;

export function dayOfSlots(slots: Schemas["SlotBody"][], units: number, { text, shortMoney }: Speech, loading: boolean): StripDay {
  if (slots.length === 0) return { below: "", look: loading ? "free" : "nothing", words: loading ? "" : text("when.nothing") };
  const states = slots.map((slot) => stateOf(slot, units));
  const free = states.filter((state) => state === "free").length;
  const price = lowestPrice(slots, units);
  const cost = price === null || price.total === 0 ? text("when.free") : shortMoney(price);
  if (free > 0) return { below: cost, look: "free", words: text("when.free.of", { free, all: slots.length }) };
  if (states.includes("full")) return { below: text("when.full.short"), look: "full", words: "" };
  return { below: "", look: "nothing", words: text("when.nothing") };
}

export function dayOfStarts(starts: Start[], { text }: Speech, loading: boolean): StripDay {
  if (starts.some(({ free }) => free)) return { below: text("when.free"), look: "free", words: "" };
  if (starts.length > 0) return { below: text("when.full.short"), look: "full", words: "" };
  return { below: "", look: loading ? "free" : "nothing", words: loading ? "" : text("when.nothing") };
}

/** The first day of a strip that shows a day: strips follow each other from today on. */
export function stripOf(on: string, today: string): string {
  if (on <= today) return today;
  const days = Math.floor((Date.parse(on) - Date.parse(today)) / 86_400_000);
  return daysAfter(today, Math.floor(days / STRIP_DAYS) * STRIP_DAYS);
}
