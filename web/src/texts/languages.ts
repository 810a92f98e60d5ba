import type { Amenities } from "@/texts/amenities";
import type { Texts } from "@/texts/en";
import type { MoreTexts } from "@/texts/more/en";

/** The languages of the pages, each a chunk of its own, by the name that it has in itself. */
export const LANGUAGES = { en: "English", de: "Deutsch", es: "Español", fr: "Français" } as const;

export type Language = keyof typeof LANGUAGES;

interface Words {
  texts: Texts & Partial<MoreTexts>;
  amenities: Amenities;
}

const LOADERS: Record<Language, () => Promise<Words>> = {
  en: () => both(import("@/texts/en"), import("@/texts/amenities/en")),
  de: () => both(import("@/texts/de"), import("@/texts/amenities/de")),
  es: () => both(import("@/texts/es"), import("@/texts/amenities/es")),
  fr: () => both(import("@/texts/fr"), import("@/texts/amenities/fr")),
};

/** Each of the modules has one export, named after its language. */
async function both(texts: Promise<Record<string, Texts>>, amenities: Promise<Record<string, Amenities>>): Promise<Words> {
  return { texts: Object.values(await texts)[0] as Texts, amenities: Object.values(await amenities)[0] as Amenities };
}

const MORE: Record<Language, () => Promise<MoreTexts>> = {
  en: async () => (await import("@/texts/more/en")).en,
  de: async () => (await import("@/texts/more/de")).de,
  es: async () => (await import("@/texts/more/es")).es,
  fr: async () => (await import("@/texts/more/fr")).fr,
};

/**
 * How the pages look where one writes from right to left, before anybody has written their words: `?lang=ar` says ours
 * in English, with the dates, digits and direction of Arabic. It is in no list, and tests look at it.
 */
export const MIRRORED = "ar";

const REMEMBERED = "berth-language";

export function isLanguage(text: string | null | undefined): text is Language {
  return text != null && Object.hasOwn(LANGUAGES, text);
}

/** The language that an address asks for, as in `?lang=de`. */
export function languageOfAddress(search: string): Language | typeof MIRRORED | null {
  const wanted = new URLSearchParams(search).get("lang");
  return isLanguage(wanted) || wanted === MIRRORED ? wanted : null;
}

const known = new Map<Language, Promise<Words>>();
let needsMore = false;

/** The words of the first page, and of those behind it once one of these was opened. */
export function loadWords(language: Language): Promise<Words> {
  const words = known.get(language) ?? load(language);
  known.set(language, words);
  words.catch(() => known.delete(language));
  return words;
}

async function load(language: Language): Promise<Words> {
  const [words, more] = await Promise.all([LOADERS[language](), needsMore ? MORE[language]() : null]);
  return { ...words, texts: { ...words.texts, ...more } };
}

/** What the pages behind the first one say besides: added to the words that are there, and to those loaded from now on. */
export async function loadMoreWords(): Promise<void> {
  needsMore = true;
  const added = [...known].map(async ([language, words]) => {
    const [{ texts }, more] = await Promise.all([words, MORE[language]()]);
    Object.assign(texts, more);
  });
  await Promise.all(added);
}

/**
 * The language of the pages: what the guest chose, else that of the business, else English.
 *
 * Not the browser's: a business writes its own texts in one language, and a page in two is hard to read.
 */
export function chooseLanguage(remembered: string | null, tenantLocale: string): Language {
  if (isLanguage(remembered)) return remembered;
  const own = new Intl.Locale(tenantLocale).language;
  return isLanguage(own) ? own : "en";
}

/** How dates and money are written: in the language of the page, as where the business is (en-SE: 24 hours, kr). */
export function formatLocale(language: Language | typeof MIRRORED, tenantLocale: string): string {
  const locale = new Intl.Locale(tenantLocale);
  if (locale.language === language) return tenantLocale;
  return locale.region === undefined ? language : `${language}-${locale.region}`;
}

/** After another choice, a reload must not bring the language of the address back. */
export function forgetAskedLanguage(): void {
  const address = new URL(location.href);
  address.searchParams.delete("lang");
  history.replaceState(history.state, "", address);
}

/** Storage may be forbidden (private windows, embedded pages): then the choice holds for this page alone. */
export function rememberedLanguage(): string | null {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null;
  }
}

export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem(REMEMBERED, language);
  } catch {
    // Nothing else depends on it.
  }
}
