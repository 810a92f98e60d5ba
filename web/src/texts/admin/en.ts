import { audit } from "@/texts/admin/audit.en";
import { calendar } from "@/texts/admin/calendar.en";
import { dashboard } from "@/texts/admin/dashboard.en";
import { guests } from "@/texts/admin/guests.en";
import { reservations } from "@/texts/admin/reservations.en";
import { shell } from "@/texts/admin/shell.en";
import { timeline } from "@/texts/admin/timeline.en";

export const en = { ...shell, ...calendar, ...dashboard, ...reservations, ...timeline, ...audit, ...guests };

/** What the administrators' app says: the other languages have the same keys. */
export type AdminTexts = Record<keyof typeof en, string>;
