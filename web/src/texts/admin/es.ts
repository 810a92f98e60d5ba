import { audit } from "@/texts/admin/audit.es";
import { calendar } from "@/texts/admin/calendar.es";
import { closures } from "@/texts/admin/closures.es";
import { dashboard } from "@/texts/admin/dashboard.es";
import type { AdminTexts } from "@/texts/admin/en";
import { guests } from "@/texts/admin/guests.es";
import { members } from "@/texts/admin/members.es";
import { notifications } from "@/texts/admin/notifications.es";
import { policies } from "@/texts/admin/policies.es";
import { reservations } from "@/texts/admin/reservations.es";
import { reserve } from "@/texts/admin/reserve.es";
import { shell } from "@/texts/admin/shell.es";
import { timeline } from "@/texts/admin/timeline.es";
import { waitlist } from "@/texts/admin/waitlist.es";
import { webhooks } from "@/texts/admin/webhooks.es";

export const es: AdminTexts = { ...shell, ...calendar, ...dashboard, ...notifications, ...reservations, ...reserve, ...timeline, ...waitlist, ...audit, ...guests, ...members, ...closures, ...webhooks, ...policies };
