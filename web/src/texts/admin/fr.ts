import { audit } from "@/texts/admin/audit.fr";
import { calendar } from "@/texts/admin/calendar.fr";
import { closures } from "@/texts/admin/closures.fr";
import { dashboard } from "@/texts/admin/dashboard.fr";
import type { AdminTexts } from "@/texts/admin/en";
import { guests } from "@/texts/admin/guests.fr";
import { members } from "@/texts/admin/members.fr";
import { notifications } from "@/texts/admin/notifications.fr";
import { policies } from "@/texts/admin/policies.fr";
import { reservations } from "@/texts/admin/reservations.fr";
import { reserve } from "@/texts/admin/reserve.fr";
import { shell } from "@/texts/admin/shell.fr";
import { timeline } from "@/texts/admin/timeline.fr";
import { waitlist } from "@/texts/admin/waitlist.fr";
import { webhooks } from "@/texts/admin/webhooks.fr";

export const fr: AdminTexts = { ...shell, ...calendar, ...dashboard, ...notifications, ...reservations, ...reserve, ...timeline, ...waitlist, ...audit, ...guests, ...members, ...closures, ...webhooks, ...policies };
