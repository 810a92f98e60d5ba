import { Suspense, useCallback, useEffect, useState } from "react";
import { Route, Router, Switch } from "wouter";

import { api, call } from "@/api/client";
import { useLoaded } from "@/api/useLoaded";
import { isEmbedded, siteAddress } from "@/public/addresses";
import { behind } from "@/public/behind";
import { Failed } from "@/public/Failed";
import { EndOfFirstContent } from "@/public/FirstContent";
import { Frame } from "@/public/Frame";
import { Home } from "@/public/home/Home";
import { Missing } from "@/public/Missing";
import { PageGuard } from "@/public/PageGuard";
import { type Site, SiteContext } from "@/public/site";
import { applyTheme } from "@/public/theme";
import { Speech, SpeechContext } from "@/texts/intl";
import {
  chooseLanguage,
  forgetAskedLanguage,
  formatLocale,
  type Language,
  languageOfAddress,
  loadWords,
  MIRRORED,
  rememberedLanguage,
  rememberLanguage,
} from "@/texts/languages";
import { Bone, Skeleton } from "@/ui/Skeleton";

const BookingPage = behind(() => import("@/public/booking/BookingPage"));
const ManagePage = behind(() => import("@/public/manage/ManagePage"));
const WaitPage = behind(() => import("@/public/waitlist/WaitPage"));
const ResourcePage = behind(() => import("@/public/resource/ResourcePage"));

/** The public site of the tenant that the address names. */
export function App() {
  const [{ tenant, base }] = useState(() => siteAddress(window.location.pathname, document.documentElement.dataset));
  const site = useLoaded(`site ${tenant}`, (signal) =>
    call(signal, (signal) => api.GET("/v1/tenants/{tenant}", { params: { path: { tenant } }, signal })),
  );
  const [chosen, setChosen] = useState(() => languageOfAddress(window.location.search) ?? rememberedLanguage());
  const locale = site.data?.locale ?? navigator.language;
  const language = chooseLanguage(chosen, locale);
  const mirrored = chosen === MIRRORED;
  const timezone = site.data?.timezone ?? "UTC";
  const speech = useLoaded(`texts ${mirrored ? MIRRORED : language} ${locale} ${timezone}`, async () => {
    const { texts, amenities } = await loadWords(language);
    return new Speech(language, formatLocale(mirrored ? MIRRORED : language, locale), timezone, texts, amenities);
  });
  const choose = useCallback((wanted: Language) => {
    rememberLanguage(wanted);
    forgetAskedLanguage();
    setChosen(wanted);
  }, []);
  useEffect(() => {
    document.documentElement.lang = speech.data?.locale ?? language;
    document.documentElement.dir = mirrored ? "rtl" : "ltr";
  }, [speech.data, language, mirrored]);
  useEffect(() => {
    if (site.data === undefined) return;
    const { theme, embed_origins } = site.data;
    applyTheme(theme);
    if (isEmbedded(base)) void import("@/public/tellHost").then(({ tellHost }) => tellHost(embed_origins));
  }, [site.data, base]);

  if (speech.data === undefined || site.state === "loading") return <Loading />;
  return (
    <SpeechContext value={speech.data}>
      {site.state === "full" ? (
        <Pages site={site.data} base={base} onLanguage={choose} />
      ) : (
        <main>
          {site.refused.kind === "missing" ? <Missing /> : <Failed refused={site.refused} retry={site.retry} />}
          <EndOfFirstContent />
        </main>
      )}
    </SpeechContext>
  );
}

function Pages({ site, base, onLanguage }: { site: Site; base: string; onLanguage: (language: Language) => void }) {
  return (
    <SiteContext value={site}>
      <Router base={base}>
        <Frame onLanguage={onLanguage}>
          <PageGuard>
            <Suspense fallback={<Loading />}>
              <Switch>
                <Route path="/">
                  <Home />
                </Route>
                <Route path="/resources/:slug">{({ slug }) => <ResourcePage key={slug} slug={slug} />}</Route>
                <Route path="/resources/:slug/reserve">{({ slug }) => <BookingPage slug={slug} />}</Route>
                <Route path="/r/:id">{({ id }) => <ManagePage id={id} />}</Route>
                <Route path="/waitlist/:id">{({ id }) => <WaitPage id={id} />}</Route>
                <Route>
                  <Missing />
                </Route>
              </Switch>
              <EndOfFirstContent />
            </Suspense>
          </PageGuard>
        </Frame>
      </Router>
    </SiteContext>
  );
}

function Loading() {
  return (
    <Skeleton label="…">
      <Bone height="64px" />
      <div style={{ maxWidth: "var(--page)", margin: "var(--s-8) auto", padding: "0 var(--gutter)" }}>
        <Bone height="min(60vw, 416px)" />
      </div>
    </Skeleton>
  );
}
