import { audit } from "@/texts/admin/audit.de";
import { calendar } from "@/texts/admin/calendar.de";
import { closures } from "@/texts/admin/closures.de";
import { dashboard } from "@/texts/admin/dashboard.de";
import type { AdminTexts } from "@/texts/admin/en";
import { guests } from "@/texts/admin/guests.de";
import { members } from "@/texts/admin/members.de";
import { notifications } from "@/texts/admin/notifications.de";
import { policies } from "@/texts/admin/policies.de";
import { reservations } from "@/texts/admin/reservations.de";
import { reserve } from "@/texts/admin/reserve.de";
import { shell } from "@/texts/admin/shell.de";
import { timeline } from "@/texts/admin/timeline.de";
import { waitlist } from "@/texts/admin/waitlist.de";
import { webhooks } from "@/texts/admin/webhooks.de";

export const de: AdminTexts = { ...shell, ...calendar, ...dashboard, ...notifications, ...reservations, ...reserve, ...timeline, ...waitlist, ...audit, ...guests, ...members, ...closures, ...webhooks, ...policies };
