import { readDay } from "@/admin/clock";

/** What the address of the list says: closures that reach into these days; none: those that have not ended. */
export interface ClosuresSearch {
  resource?: string;
  from?: string;
  until?: string;
}

const ID = /^[0-9a-f-]{36}$/;

export function closuresSearch(raw: Record<string, unknown>): ClosuresSearch {
  const [from, until] = [readDay(raw["from"]), readDay(raw["until"])];
  return {
    ...(typeof raw["resource"] === "string" && ID.test(raw["resource"]) ? { resource: raw["resource"] } : {}),
    ...(from === null ? {} : { from }),
    ...(until === null ? {} : { until }),
  };
}
