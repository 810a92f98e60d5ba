import { calendar } from "@/texts/admin/calendar.en";
import { shell } from "@/texts/admin/shell.en";

export const en = { ...shell, ...calendar };

/** What the administrators' app says: the other languages have the same keys. */
export type AdminTexts = Record<keyof typeof en, string>;
