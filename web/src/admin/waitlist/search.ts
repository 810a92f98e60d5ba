import { readDay } from "@/admin/clock";

/** What the address of the waitlist says. */
export interface WaitlistSearch {
  resource?: string;
  /** Days: what is waited for and ends after the first, and begins on the last or before. */
  from?: string;
  until?: string;
  /** Those, too, who do not wait any more. */
  ended?: boolean;
}

const ID = /^[0-9a-f-]{36}$/;

export function waitlistSearch(raw: Record<string, unknown>): WaitlistSearch {
  const [from, until] = [readDay(raw["from"]), readDay(raw["until"])];
  return {
    ...(typeof raw["resource"] === "string" && ID.test(raw["resource"]) ? { resource: raw["resource"] } : {}),
    ...(from === null ? {} : { from }),
    ...(until === null ? {} : { until }),
    ...(raw["ended"] === true ? { ended: true } : {}),
  };
}
