import { calendar } from "@/texts/admin/calendar.es";
import type { AdminTexts } from "@/texts/admin/en";
import { shell } from "@/texts/admin/shell.es";

export const es: AdminTexts = { ...shell, ...calendar };
