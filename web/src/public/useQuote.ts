import { useEffect, useState } from "react";

import { api, call, type Schemas } from "@/api/client";
import { type Loaded, useLoaded } from "@/api/useLoaded";
import type { Use } from "@/public/uses";

export type Quote = Schemas["QuoteBody"];

const PAUSE_MS = 150;

/** What a use costs and whether it is possible, with what is instead; null while no times are chosen. */
export function useQuote(tenant: string, use: Use | null): Loaded<Quote | null> {
  const wanted = use === null ? "" : JSON.stringify(use);
  const settled = useSettled(wanted);
  const quote = useLoaded(`quote ${tenant} ${settled}`, async (signal) => {
    if (settled === "") return null;
    const body = { ...(JSON.parse(settled) as Use), alternatives: true };
    return await call(signal, (signal) => api.POST("/v1/tenants/{tenant}/quotes", { params: { path: { tenant } }, body, signal }));
  });
  // What is shown is of other times until the pause is over, too.
  return quote.state === "full" && wanted !== settled ? { ...quote, isStale: true } : quote;
}

/** A text once it has not changed for a moment. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
