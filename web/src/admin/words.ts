import { createContext, use } from "react";

import type { Language } from "@/texts/languages";

/** The language of the pages, and how another one is chosen. */
export const LanguageContext = createContext<{ language: Language; choose: (language: Language) => void } | null>(null);

export function useLanguage() {
  const found = use(LanguageContext);
  if (found === null) throw new Error("There is no LanguageContext above this component.");
  return found;
}
