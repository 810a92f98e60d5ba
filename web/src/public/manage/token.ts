/** The token of a link to one's own reservation: it comes behind the # and goes into the window's own storage. */

const LONGEST = 2000;

/** The token that the address brings, else the one that this window was opened with before; "" where there is none. */
export function readToken(id: string, hash: string, storage: Storage | null): string {
  const given = hash.replace(/^#/, "");
  return given !== "" && given.length <= LONGEST ? given : (storage?.getItem(name(id)) ?? "");
}

/** Keep a token for a reload; false where nothing can be kept. */
export function keepToken(id: string, token: string, storage: Storage | null): boolean {
  try {
    storage?.setItem(name(id), token);
    return storage !== null;
  } catch {
    return false;
  }
}

/** Take the token out of the address, which others may see or be sent, unless a reload would miss it there. */
export function takeToken(id: string): string {
  const storage = storageOf();
  const token = readToken(id, window.location.hash, storage);
  if (token !== "" && window.location.hash !== "" && keepToken(id, token, storage)) {
    window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
  }
  return token;
}

function storageOf(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null; // forbidden, as in some private windows
  }
}

function name(id: string): string {
  return `berth-manage ${id}`;
}
