import { readDay } from "@/admin/clock";

/** Who does something, as the API tells them apart. */
export const ACTORS = ["staff", "guest", "api_key", "operator", "job", "system"] as const;

export type Actor = (typeof ACTORS)[number];

/** What events are about. */
export const KINDS = [
  "reservation",
  "guest",
  "closure",
  "series",
  "waitlist_entry",
  "resource",
  "inventory",
  "availability_window",
  "policy",
  "member",
  "invitation",
  "api_key",
  "webhook",
  "calendar",
  "tenant",
  "edit_lock",
] as const;

export type Kind = (typeof KINDS)[number];

/** What the address of the audit log says: a filter is an address. */
export interface AuditSearch {
  actor?: Actor;
  kind?: Kind;
  /** One thing, by id. */
  thing?: string;
  /** One user, API key or job. */
  by?: string;
  /** Days: events on the first one or later, and on the last one or before. */
  from?: string;
  until?: string;
}

const ID = /^[0-9a-f-]{36}$/;
/** Jobs have names. */
const BY = /^[\w.:-]{1,100}$/;

export function auditSearch(raw: Record<string, unknown>): AuditSearch {
  const actor = ACTORS.find((one) => one === raw["actor"]);
  const kind = KINDS.find((one) => one === raw["kind"]);
  const [from, until] = [readDay(raw["from"]), readDay(raw["until"])];
  return {
    ...(actor === undefined ? {} : { actor }),
    ...(kind === undefined ? {} : { kind }),
    ...(typeof raw["thing"] === "string" && ID.test(raw["thing"]) ? { thing: raw["thing"] } : {}),
    ...(typeof raw["by"] === "string" && BY.test(raw["by"]) ? { by: raw["by"] } : {}),
    ...(from === null ? {} : { from }),
    ...(until === null ? {} : { until }),
  };
}
