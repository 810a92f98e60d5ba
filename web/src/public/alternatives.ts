import type { Schemas } from "@/api/client";
import { nightsBetween } from "@/public/wanted";
import { type Speech } from "@/texts/intl";

type Alternative = Schemas["AlternativeBody"];

/** What was wanted instead of which there are alternatives. */
export interface Refused {
  resource_id: string;
  check_in_on: string | null;
  check_out_on: string | null;
  starts_at: string;
  ends_at: string;
  quantity: number;
}

/** An alternative in a few words, for a chip: what differs from what was wanted, and when. */
export function alternativeWords(one: Alternative, wanted: Refused, speech: Speech): string {
  const when = whenWords(one, wanted, speech);
  const fewer = one.quantity < wanted.quantity ? speech.text("refused.quantity", { count: one.quantity }) : "";
  return [one.resource_id === wanted.resource_id ? "" : one.resource_name, fewer, when].filter((part) => part !== "").join(", ");
}

function whenWords(one: Alternative, wanted: Refused, speech: Speech): string {
  const [from, until] = [one.check_in_on, one.check_out_on];
  if (from === null || until === null) {
    // Where the length stays, the start says it all.
    return lengthOf(one) === lengthOf(wanted) ? speech.moment(one.starts_at) : speech.occasion(one.starts_at, one.ends_at);
  }
  const days = dayRange(from, until, speech);
  const more = nightsBetween(from, until) - nightsBetween(wanted.check_in_on ?? from, wanted.check_out_on ?? until);
  if (one.resource_id !== wanted.resource_id || from !== wanted.check_in_on || more === 0) return days;
  return speech.text(more > 0 ? "refused.more" : "refused.fewer", { count: Math.abs(more), days });
}

function lengthOf({ starts_at, ends_at }: { starts_at: string; ends_at: string }): number {
  return Date.parse(ends_at) - Date.parse(starts_at);
}

/** Two days, such as Dec 19 – 22. */
export function dayRange(from: string, until: string, { locale }: Speech): string {
  const format = new Intl.DateTimeFormat(locale, { timeZone: "UTC", day: "numeric", month: "short" });
  return format.formatRange(new Date(`${from}T00:00:00Z`), new Date(`${until}T00:00:00Z`));
}
