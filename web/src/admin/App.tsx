import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { type ReactNode, useCallback, useEffect, useState, useSyncExternalStore } from "react";

import { AnotherUser } from "@/admin/AnotherUser";
import { forgetSnapshot, readSnapshot } from "@/admin/offline";
import { OfflinePage } from "@/admin/OfflinePage";
import { queryClient } from "@/admin/queries";
import { router } from "@/admin/routes";
import { session } from "@/admin/session";
import { PasswordDialog } from "@/admin/PasswordDialog";
import { SignIn } from "@/admin/SignIn";
import { Unreachable } from "@/admin/Failed";
import { unsubscribe } from "@/admin/worker";
import { LanguageContext } from "@/admin/words";
import type { Refused } from "@/api/problems";
import { useLoaded } from "@/api/useLoaded";
import { AdminSpeechContext, loadAdminWords } from "@/texts/admin";
import { Speech } from "@/texts/intl";
import { chooseLanguage, type Language, rememberedLanguage, rememberLanguage } from "@/texts/languages";

/** The administrators' app: signing in, then the pages of a tenant. */
export function App() {
  const state = useSyncExternalStore(session.subscribe, session.current);
  useEffect(() => void session.start(), []);
  useEffect(() => {
    if (state.kind !== "out") return;
    queryClient.clear();
    forgetSnapshot();
    void unsubscribe();
  }, [state.kind]);
  return (
    <Words>
      {state.kind === "out" && <SignIn />}
      {state.kind === "unreachable" && <WithoutNetwork refused={state.refused} />}
      {state.kind === "other" && <AnotherUser name={state.now.user.name} />}
      {(state.kind === "in" || state.kind === "over") && (
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
          <PasswordDialog email={state.me.user.email} isOpen={state.kind === "over"} />
        </QueryClientProvider>
      )}
    </Words>
  );
}

function WithoutNetwork({ refused }: { refused: Refused }) {
  const [snapshot] = useState(readSnapshot);
  const retry = useCallback(() => void session.start(), []);
  return snapshot === null ? <Unreachable refused={refused} retry={retry} /> : <OfflinePage snapshot={snapshot} refused={refused} retry={retry} />;
}

/** Texts in the language that was chosen, else that of the browser; a tenant's pages bring its zone and currency. */
function Words({ children }: { children: ReactNode }) {
  const [chosen, setChosen] = useState(rememberedLanguage);
  const language = chooseLanguage(chosen, navigator.language);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const speech = useLoaded(`admin ${language}`, async () => {
    const { texts, amenities } = await loadAdminWords(language);
    return new Speech(language, navigator.language.startsWith(language) ? navigator.language : language, zone, texts, amenities);
  });
  const choose = useCallback((wanted: Language) => {
    rememberLanguage(wanted);
    setChosen(wanted);
  }, []);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  if (speech.data === undefined) return null;
  return (
    <LanguageContext value={{ language, choose }}>
      <AdminSpeechContext value={speech.data}>{children}</AdminSpeechContext>
    </LanguageContext>
  );
}
