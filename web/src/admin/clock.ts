import { useEffect, useState } from "react";

let ahead = 0;

/** Learn from an answer of the API by how much the clock of this machine is wrong. */
export function setClock(date: string | null): void {
  const at = date === null ? Number.NaN : Date.parse(date);
  if (Number.isFinite(at)) ahead = at - Date.now();
}

/** The instant as the API's clock shows it, in milliseconds. */
export function now(): number {
  return Date.now() + ahead;
}

/** The same, anew each half minute. */
export function useNow(): number {
  const [at, setAt] = useState(now);
  useEffect(() => {
    const timer = setInterval(() => setAt(now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return at;
}

/** The day of an instant such as 2026-12-14, in a time zone. */
export function dayOf(at: number, timezone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: timezone, year: "numeric", month: "2-digit", day: "2-digit" }).format(at);
}

/** A day so many days later. */
export function addDays(on: string, days: number): string {
  const at = new Date(`${on}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** How many days there are from one day to another. */
export function daysBetween(from: string, until: string): number {
  return Math.round((Date.parse(`${until}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / 86_400_000);
}

/** A date such as 2026-12-14 that exists, else null: addresses are typed by people. */
export function readDay(text: unknown): string | null {
  if (typeof text !== "string" || !/^2[01]\d\d-\d\d-\d\d$/.test(text)) return null;
  const at = new Date(`${text}T00:00:00Z`);
  return Number.isFinite(at.getTime()) && at.toISOString().startsWith(text) ? text : null;
}
