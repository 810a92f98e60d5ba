import { calendar } from "@/texts/admin/calendar.fr";
import type { AdminTexts } from "@/texts/admin/en";
import { reservations } from "@/texts/admin/reservations.fr";
import { shell } from "@/texts/admin/shell.fr";
import { timeline } from "@/texts/admin/timeline.fr";

export const fr: AdminTexts = { ...shell, ...calendar, ...reservations, ...timeline };
