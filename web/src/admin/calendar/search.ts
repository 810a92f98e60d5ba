import { readDay } from "@/admin/clock";

/** What the address of the calendar says; what is left out is today's. */
export interface CalendarSearch {
  /** A day of the first week that is shown. */
  from?: string;
  /** The day whose units are listed. */
  day?: string;
  view?: "year";
  /** Id of the only resource that counts. */
  resource?: string;
}

export function calendarSearch(raw: Record<string, unknown>): CalendarSearch {
  const [from, day] = [readDay(raw["from"]), readDay(raw["day"])];
  return {
    ...(from === null ? {} : { from }),
    ...(day === null ? {} : { day }),
    ...(raw["view"] === "year" ? { view: "year" } : {}),
    ...(typeof raw["resource"] === "string" && /^[0-9a-f-]{36}$/.test(raw["resource"]) ? { resource: raw["resource"] } : {}),
  };
}
