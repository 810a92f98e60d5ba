import type { reserve as english } from "@/texts/admin/reserve.en";

export const reserve: Record<keyof typeof english, string> = {
  "reserve.choose": "Wählen",
  "reserve.day": "Tag",
  "reserve.slots": "Zeiten",
  "reserve.slots.none": "An diesem Tag beginnt nichts.",
  "reserve.known": "Schon bekannt:",
  "reserve.free": "Frei, {price}",
  "reserve.full": "Das ist belegt.",
  "reserve.canwait": "Man kann darauf warten.",
  "reserve.wait": "Auf die Warteliste",
  "reserve.waits": "{guest} wartet jetzt, Nummer {place} in der Reihe.",
  "reserve.open": "Zeigen",
};
