import type { Schemas } from "@/api/client";
import type { Speech } from "@/texts/intl";

type Violation = Schemas["ViolationBody"];

const HOURS = /^\d\d:\d\d to \d\d:\d\d(?:, \d\d:\d\d to \d\d:\d\d)*$/;

/** Why the API refuses a use, in the language of the page where the reason is a common one, else in the API's words. */
export function violationWords(violation: Violation, speech: Speech): string {
  const { code, parameters, message } = violation;
  const { text, list, locale, duration } = speech;
  const limit = (name: string): number | null => (typeof parameters[name] === "number" ? parameters[name] : null);
  const minimum = limit("minimum");
  const maximum = limit("maximum");
  const given = limit("given");
  const unit = parameters["unit"];
  switch (code) {
    case "too_short":
      if (minimum !== null && unit === "nights") return text("refused.too_short", { minimum });
      return minimum !== null && unit === "minutes" ? text("refused.shortest", { length: duration(minimum) }) : message;
    case "too_long":
      if (maximum !== null && unit === "nights") return text("refused.too_long", { maximum });
      return maximum !== null && unit === "minutes" ? text("refused.longest", { length: duration(maximum) }) : message;
    case "in_the_past":
      return text(violation.field === "starts_at" ? "refused.past.time" : "refused.in_the_past");
    case "party_too_large":
      return maximum === null ? message : text("refused.too_many", { maximum });
    case "party_too_small":
      return minimum === null || given === null ? message : text("refused.too_few", { minimum });
    case "no_capacity":
      return text("refused.full");
    case "too_soon": {
      const minutes = limit("minimum_minutes");
      return minutes === null ? message : text("refused.too_soon", { length: duration(minutes) });
    }
    case "too_far_ahead": {
      const count = limit("maximum_days");
      return count === null ? message : text("refused.too_far", { count });
    }
    case "closed": {
      const hours = parameters["hours"];
      return typeof hours === "string" && HOURS.test(hours) ? text("refused.closed", { hours: hours.replaceAll(" to ", "–") }) : message;
    }
    case "arrival_weekday": {
      const days = weekdayNames(parameters["weekdays"], locale);
      return days.length > 0 ? text("refused.arrival_weekday", { days: list(days) }) : message;
    }
    case "blacked_out": {
      // Why is the business's own text.
      const reason = parameters["reason"];
      return [text("reason.blacked_out"), ...(typeof reason === "string" ? [reason] : [])].join(" ");
    }
    case "after_cutoff": {
      const at = parameters["at"];
      return typeof at === "string" ? text("reason.after_cutoff", { at }) : message;
    }
    case "day_is_full":
      return text("reason.day_is_full");
    case "over_capacity":
      return maximum === null ? message : text("reason.over_capacity", { maximum });
    case "too_late_to_change": {
      const until = parameters["until_at"];
      return typeof until === "string" ? text("reason.too_late_to_change", { until: speech.moment(until) }) : message;
    }
    case "too_many_active": {
      const most = limit("limit");
      return most === null ? message : text("reason.too_many_active", { limit: most });
    }
    default:
      return Object.hasOwn(PLAIN, code) ? text(PLAIN[code as keyof typeof PLAIN]) : message;
  }
}

/** Reasons that are said without numbers. What else there is, businesses wrote themselves. */
const PLAIN = {
  already_begun: "reason.begun",
  already_extended: "reason.held",
  changed_rooms: "reason.begun",
  held_until_start: "reason.held",
  nights_expected: "reason.again",
  not_offered: "reason.not_offered",
  off_grid: "reason.off_grid",
  other_resource: "reason.other_resource",
  people_are_counted: "reason.again",
  times_expected: "reason.again",
  too_early: "reason.early",
  too_late: "reason.late",
} as const;

const MONDAY = Date.UTC(2024, 0, 1);
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/** The weekdays that the API calls mon, tue and so on; none where it says anything else. */
export function weekdayNames(codes: unknown, locale: string, weekday: "long" | "short" = "long"): string[] {
  if (!Array.isArray(codes)) return [];
  const places = codes.map((code) => WEEKDAYS.indexOf(String(code)));
  if (places.includes(-1)) return [];
  const format = new Intl.DateTimeFormat(locale, { timeZone: "UTC", weekday });
  return places.map((place) => format.format(new Date(MONDAY + place * 86_400_000)));
}

/** All that speaks against a use; never nothing where it is refused. */
export function refusalWords(refused: { violations: Violation[]; check_in_on?: string | null }, speech: Speech): string[] {
  const words = [...new Set(refused.violations.map((violation) => violationWords(violation, speech)))];
  return words.length > 0 ? words : [speech.text(refused.check_in_on === null ? "refused.taken.time" : "refused.taken")];
}

/** Those that are about the people or the number of units, and so stand there; the others are about the time. */
export function isAbout(field: "party_size" | "quantity", { field: about }: Violation): boolean {
  return about === field;
}
