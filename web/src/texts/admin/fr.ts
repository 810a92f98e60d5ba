import { audit } from "@/texts/admin/audit.fr";
import { calendar } from "@/texts/admin/calendar.fr";
import { dashboard } from "@/texts/admin/dashboard.fr";
import type { AdminTexts } from "@/texts/admin/en";
import { guests } from "@/texts/admin/guests.fr";
import { reservations } from "@/texts/admin/reservations.fr";
import { shell } from "@/texts/admin/shell.fr";
import { timeline } from "@/texts/admin/timeline.fr";

export const fr: AdminTexts = { ...shell, ...calendar, ...dashboard, ...reservations, ...timeline, ...audit, ...guests };
