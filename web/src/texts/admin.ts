import { createContext, use } from "react";

import type { Amenities } from "@/texts/amenities";
import type { AdminTexts } from "@/texts/admin/en";
import { Speech } from "@/texts/intl";
import type { Language } from "@/texts/languages";

/** What the administrators' app says; no guest loads it. */
export type AdminSpeech = Speech<AdminTexts>;

interface Words {
  texts: Partial<AdminTexts>;
  amenities: Amenities;
}

const LOADERS: Record<Language, () => Promise<Words>> = {
  en: async () => {
    const [{ en: texts }, { en: amenities }] = await Promise.all([import("@/texts/admin/en"), import("@/texts/amenities/en")]);
    return { texts, amenities };
  },
  de: async () => {
    const [{ de: texts }, { de: amenities }] = await Promise.all([import("@/texts/admin/de"), import("@/texts/amenities/de")]);
    return { texts, amenities };
  },
  es: async () => {
    const [{ es: texts }, { es: amenities }] = await Promise.all([import("@/texts/admin/es"), import("@/texts/amenities/es")]);
    return { texts, amenities };
  },
  fr: async () => {
    const [{ fr: texts }, { fr: amenities }] = await Promise.all([import("@/texts/admin/fr"), import("@/texts/amenities/fr")]);
    return { texts, amenities };
  },
};

export function loadAdminWords(language: Language): Promise<Words> {
  return LOADERS[language]();
}

export const AdminSpeechContext = createContext<AdminSpeech | null>(null);

export function useWords(): AdminSpeech {
  const speech = use(AdminSpeechContext);
  if (speech === null) throw new Error("There is no AdminSpeechContext above this component.");
  return speech;
}
