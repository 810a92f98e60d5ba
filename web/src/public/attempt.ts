interface Attempt<Made> {
  key: string;
  made: Made | null;
}

/**
 * What this window sends for one thing: the key by which the API knows a repetition, and what it answered.
 *
 * It survives a reload and the back button, so that neither makes a second one. Without storage (private windows) it
 * lives as long as the page.
 */
const kept = new Map<string, Attempt<unknown>>();

export function attemptOf<Made>(thing: string): Attempt<Made> {
  const known = kept.get(thing) ?? stored(thing);
  if (known !== null) return known as Attempt<Made>;
  return keep<Made>(thing, { key: crypto.randomUUID(), made: null });
}

/** The API has answered: what it made; null where it refused, so that another try is another request. */
export function answered<Made>(thing: string, made: Made | null): Attempt<Made> {
  return keep(thing, { key: made === null ? crypto.randomUUID() : attemptOf(thing).key, made });
}

/** It was made and left behind: the next one is another. */
export function forget(thing: string): void {
  kept.delete(thing);
  try {
    sessionStorage.removeItem(name(thing));
  } catch {
    // Nothing was stored.
  }
}

function keep<Made>(thing: string, attempt: Attempt<Made>): Attempt<Made> {
  kept.set(thing, attempt);
  try {
    sessionStorage.setItem(name(thing), JSON.stringify(attempt));
  } catch {
    // It is kept in the page.
  }
  return attempt;
}

function stored(thing: string): Attempt<unknown> | null {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(name(thing)) ?? "null");
    return isAttempt(found) ? found : null;
  } catch {
    return null;
  }
}

function isAttempt(found: unknown): found is Attempt<unknown> {
  return typeof found === "object" && found !== null && "key" in found && typeof found.key === "string" && "made" in found;
}

function name(thing: string): string {
  return `berth-attempt ${thing}`;
}
