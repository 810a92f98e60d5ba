import type { AdminSpeech } from "@/texts/admin";

interface Times {
  starts_at: string;
  ends_at: string;
  check_in_on: string | null;
  check_out_on: string | null;
}

const DAY: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short", year: "numeric" };
const TIME: Intl.DateTimeFormatOptions = { hour: "numeric", minute: "2-digit" };

/** From when to when, as the business says it: by days where nights are reserved, else by the clock. */
export function spanOf(one: Times, speech: AdminSpeech): string {
  if (one.check_in_on != null && one.check_out_on != null) return `${speech.day(one.check_in_on, DAY)} – ${speech.day(one.check_out_on, DAY)}`;
  const isOneDay = speech.instant(one.starts_at, { dateStyle: "short" }) === speech.instant(one.ends_at, { dateStyle: "short" });
  return `${speech.instant(one.starts_at, { ...DAY, ...TIME })} – ${speech.instant(one.ends_at, isOneDay ? TIME : { ...DAY, ...TIME })}`;
}
