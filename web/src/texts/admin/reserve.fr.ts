import type { reserve as english } from "@/texts/admin/reserve.en";

export const reserve: Record<keyof typeof english, string> = {
  "reserve.choose": "Choisir",
  "reserve.day": "Jour",
  "reserve.slots": "Heures",
  "reserve.slots.none": "Rien ne commence ce jour-là.",
  "reserve.known": "Déjà venu :",
  "reserve.free": "Libre, {price}",
  "reserve.full": "C’est pris.",
  "reserve.canwait": "On peut attendre.",
  "reserve.wait": "Mettre en attente",
  "reserve.waits": "{guest} attend maintenant, numéro {place} dans la file.",
  "reserve.open": "Voir",
};
