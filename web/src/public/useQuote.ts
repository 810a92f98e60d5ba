import { useEffect, useState } from "react";

import { api, call, type Schemas } from "@/api/client";
import { type Loaded, useLoaded } from "@/api/useLoaded";

export type Quote = Schemas["QuoteBody"];

const PAUSE_MS = 150;

export interface Stay {
  resource_id: string;
  check_in_on: string;
  check_out_on: string;
  party_size: number;
}

/** What a stay costs and whether it is possible, with what is instead; null while no days are chosen. */
export function useQuote(tenant: string, stay: Stay | null): Loaded<Quote | null> {
  const wanted = stay === null ? "" : JSON.stringify(stay);
  const settled = useSettled(wanted);
  const quote = useLoaded(`quote ${tenant} ${settled}`, async (signal) => {
    if (settled === "") return null;
    const body = { ...(JSON.parse(settled) as Stay), alternatives: true };
    return await call(signal, (signal) => api.POST("/v1/tenants/{tenant}/quotes", { params: { path: { tenant } }, body, signal }));
  });
  // What is shown is of other days until the pause is over, too.
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
