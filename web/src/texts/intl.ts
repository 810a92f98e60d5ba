import { IntlMessageFormat } from "intl-messageformat";
import { createContext, use } from "react";

import { type Amenities, amenityName } from "@/texts/amenities";
import type { Texts } from "@/texts/en";
import type { Language } from "@/texts/languages";
import type { MoreTexts } from "@/texts/more/en";

export type Values = Record<string, string | number>;

/** Money as the API gives it: `total` in minor units, of which `decimals` digits stand behind the point. */
export interface Amount {
  currency: string;
  decimals: number;
  total: number;
}

/** Everything that is said and written in one language, where and when the business is. `Said` are the texts of a surface. */
export class Speech<Said extends object = Texts & MoreTexts> {
  readonly #formats = new Map<string, IntlMessageFormat>();
  /** One for each way in which pages write dates: to make one takes a hundred times as long as to use it. */
  readonly #dates = new Map<string, Intl.DateTimeFormat>();
  readonly #hour12: boolean;

  constructor(
    readonly language: Language,
    readonly locale: string,
    readonly timezone: string,
    /** Some of them may come later. */
    readonly texts: Partial<Said>,
    readonly amenities: Amenities,
  ) {
    this.#hour12 = new Intl.DateTimeFormat(locale, { hour: "numeric" }).resolvedOptions().hour12 === true;
  }

  text = (id: keyof Said & string, values?: Values): string => {
    // Those with placeholders are parsed when the pages are built (vite.config.ts); the others are the text itself.
    const message: unknown = this.texts[id];
    if (typeof message === "string") return message;
    let format = this.#formats.get(id);
    if (format === undefined) {
      format = new IntlMessageFormat(message as ConstructorParameters<typeof IntlMessageFormat>[0], this.locale);
      this.#formats.set(id, format);
    }
    return format.format<string>(values) as string;
  };

  /** To the smallest coin, always: a sum that is rounded is another sum. */
  money = ({ currency, decimals, total }: Amount): string =>
    new Intl.NumberFormat(this.locale, {
      style: "currency",
      currency,
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    }).format(decimal(total, decimals));

  /** Without `.00`, where prices are looked at side by side. */
  shortMoney = ({ currency, decimals, total }: Amount): string =>
    new Intl.NumberFormat(this.locale, {
      style: "currency",
      currency,
      maximumFractionDigits: decimals,
      minimumFractionDigits: total % 10 ** decimals === 0 ? 0 : decimals,
    }).format(decimal(total, decimals));

  /** A calendar day such as 2026-12-14, which is the same day everywhere. */
  day = (on: string, options: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short" }): string =>
    this.#date({ timeZone: "UTC", ...options }).format(new Date(`${on}T00:00:00Z`));

  /** An instant, as the clocks of the business show it. */
  instant = (at: string, options: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" }): string =>
    this.#date({ timeZone: this.timezone, ...options }).format(new Date(at));

  /** Day and time of an instant, such as Mon, Dec 14, 4 PM: without minutes where there are none and nobody misses them. */
  moment = (at: string): string => {
    const whole = this.#hour12 && new Date(at).getUTCMinutes() === 0 && /^(?:en|es-MX)/.test(this.locale);
    return this.instant(at, { weekday: "short", day: "numeric", month: "short", hour: "numeric", ...(whole ? {} : { minute: "2-digit" }) });
  };

  /** The time of day of an instant, such as 1:30 pm. */
  time = (at: string): string => this.instant(at, { hour: "numeric", minute: "2-digit" });

  /** From one instant to another, such as 1:30 – 4:30 pm; what both have in common is said once. */
  times = (start: string, end: string, options: Intl.DateTimeFormatOptions = { hour: "numeric", minute: "2-digit" }): string =>
    this.#date({ timeZone: this.timezone, ...options }).formatRange(new Date(start), new Date(end));

  /** The same with its day, such as Sat 5 Dec, 1:30 – 4:30 pm. */
  occasion = (start: string, end: string): string =>
    this.times(start, end, { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });

  /** A length in whole minutes, such as 1 hour 30 minutes. */
  duration = (minutes: number, unitDisplay: "long" | "short" = "long"): string => {
    const parts = [
      ["day", Math.floor(minutes / 1440)],
      ["hour", Math.floor((minutes % 1440) / 60)],
      ["minute", minutes % 60],
    ] as const;
    const said = parts.filter(([, count]) => count > 0);
    return (said.length > 0 ? said : ([["minute", 0]] as const))
      .map(([unit, count]) => new Intl.NumberFormat(this.locale, { style: "unit", unit, unitDisplay }).format(count))
      .join(" ");
  };

  /** Whether the clocks of the guest show another time at an instant than those of the business. */
  isElsewhere = (at: string): boolean => {
    const clock = (timeZone?: string) =>
      new Intl.DateTimeFormat("en-GB", { dateStyle: "short", timeStyle: "short", ...(timeZone === undefined ? {} : { timeZone }) }).format(new Date(at));
    return clock() !== clock(this.timezone);
  };

  /** From one instant to another, as the guest's own clocks show it. */
  ownOccasion = (start: string, end: string): string =>
    new Intl.DateTimeFormat(this.locale, { weekday: "short", hour: "numeric", minute: "2-digit", timeZoneName: "short" }).formatRange(
      new Date(start),
      new Date(end),
    );

  amenity = (code: string): string => amenityName(code, this.amenities);

  list = (items: string[]): string => new Intl.ListFormat(this.locale).format(items);

  /** Such as "US dollars". */
  currencyName = (currency: string): string =>
    new Intl.NumberFormat(this.locale, { style: "currency", currency, currencyDisplay: "name" })
      .formatToParts(2)
      .find((part) => part.type === "currency")?.value ?? currency;

  regionName = (country: string): string => new Intl.DisplayNames(this.locale, { type: "region" }).of(country) ?? country;

  zoneName = (): string =>
    new Intl.DateTimeFormat(this.locale, { timeZone: this.timezone, timeZoneName: "longGeneric" })
      .formatToParts(new Date())
      .find((part) => part.type === "timeZoneName")?.value ?? this.timezone;

  #date(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const key = JSON.stringify(options);
    let format = this.#dates.get(key);
    if (format === undefined) {
      format = new Intl.DateTimeFormat(this.locale, options);
      this.#dates.set(key, format);
    }
    return format;
  }
}

/** Minor units as a decimal number, in digits: a division would round large sums. */
function decimal(total: number, decimals: number): `${number}` {
  const digits = String(Math.abs(total)).padStart(decimals + 1, "0");
  const [whole, part] = [digits.slice(0, digits.length - decimals), digits.slice(digits.length - decimals)];
  return `${total < 0 ? "-" : ""}${whole}${part === "" ? "" : `.${part}`}` as `${number}`;
}

export const SpeechContext = createContext<Speech | null>(null);

export function useSpeech(): Speech {
  const speech = use(SpeechContext);
  if (speech === null) throw new Error("There is no SpeechContext above this component.");
  return speech;
}
