import { localTime } from "@/admin/localTime";
import type { Reservation } from "@/admin/reservations/queries";

/** What is typed: days where nights are reserved, else local times such as 2026-12-14T15:00. */
export interface Wish {
  start: string;
  end: string;
  people: string;
}

type Kind = "move" | "extend" | "shorten";

/** What is sent for a wish; null where it is what is there already, or not yet complete. */
export function newTimes(kind: Kind, wish: Wish, before: Reservation) {
  const isStay = before.check_in_on != null;
  const start = before.check_in_on ?? localTime(before.starts_at, before.timezone);
  const end = before.check_out_on ?? localTime(before.ends_at, before.timezone);
  if (wish.end === "" || (kind === "move" && (wish.start === "" || !(Number(wish.people) >= 1)))) return null;
  const newEnd = isStay ? { check_out_on: wish.end } : { ends_at: wish.end };
  if (kind !== "move") return wish.end === end ? null : newEnd;
  const people = Number(wish.people);
  if (wish.start === start && wish.end === end && people === before.party_size) return null;
  return { ...(isStay ? { check_in_on: wish.start } : { starts_at: wish.start }), ...newEnd, party_size: people };
}
