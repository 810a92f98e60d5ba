import type { Schemas } from "@/api/client";
import type { AdminSpeech } from "@/texts/admin";

export type Figures = Pick<
  Schemas["TotalBody"],
  "occupancy" | "active" | "cancelled" | "nights" | "revenue" | "average_daily_rate" | "revenue_per_available" | "no_show_rate"
>;

export const FIGURES = ["occupancy", "active", "cancelled", "nights", "revenue", "average_daily_rate", "revenue_per_available", "no_show_rate"] as const;

export type FigureName = (typeof FIGURES)[number];

const SHARES = new Set<FigureName>(["occupancy", "no_show_rate"]);
const SUMS = new Set<FigureName>(["revenue", "average_daily_rate", "revenue_per_available"]);
const WORSE_WHEN_MORE = new Set<FigureName>(["cancelled", "no_show_rate"]);

interface Currency {
  currency: string;
  decimals: number;
}

/** A number with the decimal sign of its sums: browsers write English in France as "11,7 %" beside "€11.70". */
function number(value: number, { locale, language }: AdminSpeech, options: Intl.NumberFormatOptions = {}): string {
  const sign = (which: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, which).formatToParts(1.5).find(({ type }) => type === "decimal")?.value;
  return new Intl.NumberFormat(sign({}) === sign({ style: "currency", currency: "EUR" }) ? locale : language, options).format(value);
}

/** A figure as people read it; a dash where there is none. */
export function sayFigure(name: FigureName, value: number | null, money: Currency, speech: AdminSpeech): string {
  if (value === null) return "–";
  if (SHARES.has(name)) return number(value, speech, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  if (SUMS.has(name)) return speech.money({ ...money, total: Math.round(value) });
  return number(value, speech);
}

export interface Change {
  /** -1 less, 0 the same, 1 more. */
  direction: -1 | 0 | 1;
  isBetter: boolean;
  text: string;
}

/** The change against the period before: points of a share, else percent; null where there is nothing to compare with. */
export function changeOf(name: FigureName, now: number | null, before: number | null, speech: AdminSpeech): Change | null {
  if (now === null || before === null) return null;
  const direction = Math.sign(now - before) as -1 | 0 | 1;
  const format = (value: number, style: "decimal" | "percent") => number(Math.abs(value), speech, { style, maximumFractionDigits: 1 });
  const isShare = SHARES.has(name);
  if (!isShare && before === 0) return null;
  const text = isShare ? speech.text("dashboard.points", { points: format((now - before) * 100, "decimal") }) : format((now - before) / before, "percent");
  return { direction, isBetter: WORSE_WHEN_MORE.has(name) ? direction < 0 : direction > 0, text };
}

/** A table as spreadsheets read it (RFC 4180); what begins like a formula is made a text. */
export function csvOf(rows: readonly (readonly (string | number | null)[])[]): string {
  const cell = (value: string | number | null) => {
    const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value ?? "");
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
