import { createContext, type ReactNode, use, useMemo } from "react";

import { useLoaded } from "@/api/useLoaded";
import { Failed } from "@/public/Failed";
import frame from "@/public/Frame.module.css";
import type { Texts } from "@/texts/en";
import { Speech, useSpeech } from "@/texts/intl";
import type { Language } from "@/texts/languages";
import type { MoreTexts } from "@/texts/more/en";
import type { OwnTexts } from "@/texts/own/en";
import { Bone, Skeleton } from "@/ui/Skeleton";

/** What only the page of one's own reservation says: nobody else loads it. */
export type OwnSpeech = Speech<Texts & MoreTexts & OwnTexts>;

const LOADERS: Record<Language, () => Promise<OwnTexts>> = {
  en: async () => (await import("@/texts/own/en")).en,
  de: async () => (await import("@/texts/own/de")).de,
  es: async () => (await import("@/texts/own/es")).es,
  fr: async () => (await import("@/texts/own/fr")).fr,
};
const OwnSpeechContext = createContext<OwnSpeech | null>(null);

export function OwnWords({ children }: { children: ReactNode }) {
  const { text, language, locale, timezone, texts, amenities } = useSpeech();
  const own = useLoaded(`own texts ${language}`, () => LOADERS[language]());
  const speech = useMemo(
    () => (own.data === undefined ? null : new Speech<Texts & MoreTexts & OwnTexts>(language, locale, timezone, { ...texts, ...own.data }, amenities)),
    [language, locale, timezone, texts, own.data, amenities],
  );
  if (own.state === "failed") return <Failed refused={own.refused} retry={own.retry} />;
  if (speech === null) {
    return (
      <div className={`${frame.wrap} ${frame.alone}`}>
        <Skeleton label={text("load.waiting")}>
          <Bone height="320px" />
        </Skeleton>
      </div>
    );
  }
  return <OwnSpeechContext value={speech}>{children}</OwnSpeechContext>;
}

export function useOwnSpeech(): OwnSpeech {
  const speech = use(OwnSpeechContext);
  if (speech === null) throw new Error("There is no OwnWords above this component.");
  return speech;
}
