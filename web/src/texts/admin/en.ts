import { audit } from "@/texts/admin/audit.en";
import { calendar } from "@/texts/admin/calendar.en";
import { closures } from "@/texts/admin/closures.en";
import { dashboard } from "@/texts/admin/dashboard.en";
import { guests } from "@/texts/admin/guests.en";
import { members } from "@/texts/admin/members.en";
import { notifications } from "@/texts/admin/notifications.en";
import { policies } from "@/texts/admin/policies.en";
import { reservations } from "@/texts/admin/reservations.en";
import { reserve } from "@/texts/admin/reserve.en";
import { shell } from "@/texts/admin/shell.en";
import { timeline } from "@/texts/admin/timeline.en";
import { waitlist } from "@/texts/admin/waitlist.en";
import { webhooks } from "@/texts/admin/webhooks.en";

export const en = { ...shell, ...calendar, ...dashboard, ...notifications, ...reservations, ...reserve, ...timeline, ...waitlist, ...audit, ...guests, ...members, ...closures, ...webhooks, ...policies };

/** What the administrators' app says: the other languages have the same keys. */
export type AdminTexts = Record<keyof typeof en, string>;
