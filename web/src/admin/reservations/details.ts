import type { Reservation } from "@/admin/reservations/queries";

/** What can be corrected of a reservation without taking other units. */
export interface Details {
  name: string;
  email: string;
  phone: string;
  notes: string;
}

export const FIELDS = ["name", "email", "phone", "notes"] as const;

export type Field = (typeof FIELDS)[number];

export function detailsOf({ guest, notes }: Pick<Reservation, "guest" | "notes">): Details {
  return { name: guest.name, email: guest.email, phone: guest.phone ?? "", notes };
}

export interface Difference {
  field: Field;
  /** Both changed it, to different values. */
  isContested: boolean;
}

/** What somebody else or I changed since it was read. */
export function differencesOf(base: Details, theirs: Details, mine: Details): Difference[] {
  return FIELDS.filter((field) => theirs[field] !== base[field] || mine[field] !== base[field]).map((field) => ({
    field,
    isContested: theirs[field] !== base[field] && mine[field] !== base[field] && theirs[field] !== mine[field],
  }));
}

export type NotesChoice = "both" | "mine" | "theirs";

/** Mine on top of theirs: what I did not touch stays as they left it; notes may be kept of both. */
export function redo(base: Details, theirs: Details, mine: Details, notes: NotesChoice): Details {
  const merged = { ...theirs };
  for (const field of FIELDS) if (mine[field] !== base[field]) merged[field] = mine[field];
  const isContested = differencesOf(base, theirs, mine).some((one) => one.field === "notes" && one.isContested);
  if (isContested && notes === "both") merged.notes = `${theirs.notes}\n${mine.notes}`;
  if (isContested && notes === "theirs") merged.notes = theirs.notes;
  return merged;
}

/** What is sent: what has changed; a guest goes as a whole. Null where nothing has. */
export function updateOf(before: Details, after: Details) {
  const { notes, ...guest } = after;
  const isGuestNew = guest.name !== before.name || guest.email !== before.email || guest.phone !== before.phone;
  const update = {
    ...(isGuestNew ? { guest: { ...guest, phone: guest.phone.trim() === "" ? null : guest.phone } } : {}),
    ...(notes === before.notes ? {} : { notes }),
  };
  return Object.keys(update).length === 0 ? null : update;
}
