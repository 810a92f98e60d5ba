import { calendar } from "@/texts/admin/calendar.de";
import type { AdminTexts } from "@/texts/admin/en";
import { shell } from "@/texts/admin/shell.de";
import { timeline } from "@/texts/admin/timeline.de";

export const de: AdminTexts = { ...shell, ...calendar, ...timeline };
