import { MANAGERS, OFFICE, type Role, STAFF } from "@/admin/access";
import type { AdminIconName } from "@/admin/AdminIcon";

/** What the rail leads to, by the last part of its address. An area is here once its page is. */
export const AREAS = [
  { key: "calendar", icon: "calendar", shortcut: "c", roles: STAFF, onPhone: true },
  { key: "timeline", icon: "timeline", shortcut: "t", roles: STAFF, onPhone: true },
  { key: "reservations", icon: "reservations", shortcut: "r", roles: STAFF, onPhone: true },
  { key: "dashboard", icon: "dashboard", shortcut: "d", roles: MANAGERS, onPhone: true },
  { key: "waitlist", icon: "waitlist", shortcut: "w", roles: STAFF },
  { key: "guests", icon: "guests", shortcut: "g", roles: OFFICE },
  { key: "closures", icon: "closures", shortcut: "o", roles: STAFF },
  { key: "policies", icon: "policies", shortcut: "p", roles: OFFICE },
  { key: "members", icon: "members", shortcut: "m", roles: MANAGERS },
  { key: "webhooks", icon: "webhooks", shortcut: "k", roles: MANAGERS },
  { key: "audit", icon: "audit", shortcut: "a", roles: MANAGERS },
] as const satisfies readonly Area[];

interface Area {
  key: AdminIconName;
  icon: AdminIconName;
  /** The key after `g`. */
  shortcut: string;
  roles: readonly Role[];
  /** It has a place in the bar of a phone; the others are behind "More". */
  onPhone?: boolean;
}

export type AreaKey = (typeof AREAS)[number]["key"];

export function areasOf(role: Role): Area[] {
  return AREAS.filter(({ roles }) => roles.includes(role));
}
