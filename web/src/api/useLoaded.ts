import { useCallback, useEffect, useEffectEvent, useState } from "react";

import { failureOf, type Refused } from "@/api/problems";

export type Loaded<Data> =
  | { state: "loading"; data: undefined }
  | { state: "failed"; data: undefined; refused: Refused; retry: () => void }
  | { state: "full"; data: Data; isStale: boolean };

const kept = new Map<string, unknown>();
const MOST_KEPT = 100;
let underWay: Promise<unknown>[] = [];

/** When everything that is being loaded now is here, or refused. */
export async function whenLoaded(): Promise<void> {
  await Promise.allSettled(underWay);
}

/**
 * Load something by its key, and again when the key changes.
 *
 * What was loaded before is shown at once (going back costs nothing) and asked for again; of two answers the one to
 * the last question wins. While a new key is loading, `full` keeps the former data with `isStale`.
 */
export function useLoaded<Data>(key: string, load: (signal: AbortSignal) => Promise<Data>): Loaded<Data> {
  const [attempt, setAttempt] = useState(0);
  const [found, setFound] = useState<{ key: string; data?: Data; refused?: Refused }>(() => ({ key: "" }));
  const start = useEffectEvent((signal: AbortSignal) => load(signal));
  useEffect(() => {
    const controller = new AbortController();
    const loading = start(controller.signal);
    underWay = [...underWay.slice(-MOST_KEPT), loading];
    loading.then(
      (data) => {
        keep(key, data);
        setFound({ key, data });
      },
      (thrown: unknown) => {
        const refused = failureOf(thrown);
        if (refused !== null && !controller.signal.aborted) setFound({ key, refused });
      },
    );
    return () => controller.abort();
  }, [key, attempt]);
  const retry = useCallback(() => {
    setFound({ key: "" });
    setAttempt((number) => number + 1);
  }, []);
  const known = kept.get(key) as Data | undefined;
  if (found.key === key && found.refused !== undefined) {
    return known === undefined ? { state: "failed", data: undefined, refused: found.refused, retry } : { state: "full", data: known, isStale: true };
  }
  const data = found.key === key && found.data !== undefined ? found.data : known;
  if (data !== undefined) return { state: "full", data, isStale: false };
  return found.data === undefined ? { state: "loading", data: undefined } : { state: "full", data: found.data, isStale: true };
}

function keep(key: string, data: unknown): void {
  kept.delete(key);
  kept.set(key, data);
  const oldest = kept.keys().next();
  if (kept.size > MOST_KEPT && !oldest.done) kept.delete(oldest.value);
}
