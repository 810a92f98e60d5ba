import { createIntl, type IntlShape } from "@formatjs/intl";
import { createContext, use } from "react";

import { type Amenities, amenityName } from "@/texts/amenities";
import type { Texts } from "@/texts/en";
import type { Language } from "@/texts/languages";

export type Values = Record<string, string | number>;

/** Money as the API gives it: `total` in minor units, of which `decimals` digits stand behind the point. */
export interface Amount {
  currency: string;
  decimals: number;
  total: number;
}

/** Everything that is said and written in one language, where and when the business is. */
export class Speech {
  readonly #intl: IntlShape;

  constructor(
    readonly language: Language,
    readonly locale: string,
    readonly timezone: string,
    texts: Texts,
    readonly amenities: Amenities,
  ) {
    this.#intl = createIntl({ locale, messages: texts, defaultLocale: locale });
  }

  text = (id: keyof Texts, values?: Values): string => this.#intl.formatMessage({ id }, values);

  /** To the smallest coin, always: a sum that is rounded is another sum. */
  money = ({ currency, decimals, total }: Amount): string =>
    new Intl.NumberFormat(this.locale, {
      style: "currency",
      currency,
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
    }).format(total / 10 ** decimals);

  /** Without `.00`, where prices are looked at side by side. */
  shortMoney = ({ currency, decimals, total }: Amount): string =>
    new Intl.NumberFormat(this.locale, {
      style: "currency",
      currency,
      maximumFractionDigits: decimals,
      minimumFractionDigits: total % 10 ** decimals === 0 ? 0 : decimals,
    }).format(total / 10 ** decimals);

  /** A calendar day such as 2026-12-14, which is the same day everywhere. */
  day = (on: string, options: Intl.DateTimeFormatOptions = { weekday: "short", day: "numeric", month: "short" }): string =>
    new Intl.DateTimeFormat(this.locale, { timeZone: "UTC", ...options }).format(new Date(`${on}T00:00:00Z`));

  /** An instant, as the clocks of the business show it. */
  instant = (at: string, options: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short" }): string =>
    new Intl.DateTimeFormat(this.locale, { timeZone: this.timezone, ...options }).format(new Date(at));

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
}

export const SpeechContext = createContext<Speech | null>(null);

export function useSpeech(): Speech {
  const speech = use(SpeechContext);
  if (speech === null) throw new Error("There is no SpeechContext above this component.");
  return speech;
}
