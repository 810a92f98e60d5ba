import type { reserve as english } from "@/texts/admin/reserve.en";

export const reserve: Record<keyof typeof english, string> = {
  "reserve.choose": "Elegir",
  "reserve.day": "Día",
  "reserve.slots": "Horas",
  "reserve.slots.none": "Ese día no empieza nada.",
  "reserve.known": "Ya estuvo aquí:",
  "reserve.free": "Libre, {price}",
  "reserve.full": "Está ocupado.",
  "reserve.canwait": "Se puede esperar.",
  "reserve.wait": "A la lista de espera",
  "reserve.waits": "{guest} espera ahora, número {place} en la cola.",
  "reserve.open": "Ver",
};
