/** What the address of the list says: what was searched for. */
export interface GuestsSearch {
  text?: string;
}

export function guestsSearch(raw: Record<string, unknown>): GuestsSearch {
  const text = typeof raw["text"] === "string" || typeof raw["text"] === "number" ? String(raw["text"]).trim().slice(0, 100) : "";
  return text === "" ? {} : { text };
}
