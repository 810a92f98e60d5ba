import type { Guest } from "@/admin/guests/queries";

/** What can be corrected of a guest. */
export interface Contact {
  name: string;
  email: string;
  phone: string;
}

export const FIELDS = ["name", "email", "phone"] as const;

export function contactOf({ name, email, phone }: Pick<Guest, "name" | "email" | "phone">): Contact {
  return { name, email, phone: phone ?? "" };
}

/** What is sent: what has changed, an empty telephone number as none. Null where nothing has. */
export function changesOf(before: Contact, after: Contact) {
  const changes = {
    ...(after.name === before.name ? {} : { name: after.name }),
    ...(after.email === before.email ? {} : { email: after.email }),
    ...(after.phone === before.phone ? {} : { phone: after.phone.trim() === "" ? null : after.phone }),
  };
  return Object.keys(changes).length === 0 ? null : changes;
}

/** Mine on top of theirs: what I did not touch stays as they left it. */
export function redo(base: Contact, theirs: Contact, mine: Contact): Contact {
  const merged = { ...theirs };
  for (const field of FIELDS) if (mine[field] !== base[field]) merged[field] = mine[field];
  return merged;
}
