import type { Schemas } from "@/api/client";

export type Made = Schemas["CreatedReservation"] | Schemas["AwaitsConfirmation"];

interface Attempt {
  key: string;
  made: Made | null;
}

/**
 * What this window sends for one stay: the key by which the API knows a repetition, and what it answered.
 *
 * It survives a reload and the back button, so that neither makes a second reservation. Without storage (private
 * windows) it lives as long as the page.
 */
const kept = new Map<string, Attempt>();

export function attemptOf(stay: string): Attempt {
  const known = kept.get(stay) ?? stored(stay);
  if (known !== null) return known;
  return keep(stay, { key: crypto.randomUUID(), made: null });
}

/** The API has answered: what it made; null where it refused, so that another try is another request. */
export function answered(stay: string, made: Made | null): Attempt {
  return keep(stay, { key: made === null ? crypto.randomUUID() : attemptOf(stay).key, made });
}

/** The stay was reserved and left behind: the next one is another. */
export function forget(stay: string): void {
  kept.delete(stay);
  try {
    sessionStorage.removeItem(name(stay));
  } catch {
    // Nothing was stored.
  }
}

function keep(stay: string, attempt: Attempt): Attempt {
  kept.set(stay, attempt);
  try {
    sessionStorage.setItem(name(stay), JSON.stringify(attempt));
  } catch {
    // It is kept in the page.
  }
  return attempt;
}

function stored(stay: string): Attempt | null {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(name(stay)) ?? "null");
    return isAttempt(found) ? found : null;
  } catch {
    return null;
  }
}

function isAttempt(found: unknown): found is Attempt {
  return typeof found === "object" && found !== null && "key" in found && typeof found.key === "string" && "made" in found;
}

function name(stay: string): string {
  return `berth-attempt ${stay}`;
}
