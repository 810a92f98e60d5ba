import { useEffect, useState } from "react";

import { api, call, type Schemas } from "@/api/client";
import { failureOf } from "@/api/problems";

/** A place on the waitlist: looked at again while the page is open, and left. */

export type Entry = Schemas["EntryBody"];

const AGAIN_MS = 60_000;

export function isFinal(state: Entry["state"]): boolean {
  return state !== "waiting" && state !== "offered";
}

export function readEntry(signal: AbortSignal, tenant: string, id: string, token: string): Promise<Entry> {
  const params = { path: { tenant, entry: id } };
  return call(signal, (signal) => api.GET("/v1/tenants/{tenant}/waitlist/{entry}", { params, headers: bearer(token), signal }));
}

/** The entry as it is now: asked for each minute while somebody looks, as long as it can still change. */
export function useEntry(tenant: string, id: string, token: string, known: Entry): [Entry, (entry: Entry) => void] {
  const [entry, setEntry] = useState<Entry>(known);
  const changes = !isFinal(entry.state);
  useEffect(() => {
    if (!changes) return;
    const controller = new AbortController();
    const look = () => {
      if (document.visibilityState !== "visible") return;
      readEntry(controller.signal, tenant, id, token).then(setEntry, (thrown: unknown) => {
        // What was known stays; the next look may answer.
        failureOf(thrown);
      });
    };
    look();
    const timer = setInterval(look, AGAIN_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      controller.abort();
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [tenant, id, token, changes]);
  return [entry, setEntry];
}

/** Wait no more. Leaving twice is leaving once: who has left before has left. Throws `Refused`. */
export async function leaveWaitlist(tenant: string, entry: Entry, token: string): Promise<Entry> {
  const { signal } = new AbortController();
  const params = { path: { tenant, entry: entry.id } };
  const answer = await api.DELETE("/v1/tenants/{tenant}/waitlist/{entry}", { params, headers: bearer(token), signal });
  if (answer.response.ok) return { ...entry, state: "left", place: null };
  const now = await readEntry(signal, tenant, entry.id, token);
  if (now.state !== "waiting") return now;
  return await call(signal, () => Promise.resolve({ response: answer.response, error: answer.error }));
}

export function bearer(token: string): { Authorization: string } {
  return { Authorization: `Bearer ${token}` };
}
