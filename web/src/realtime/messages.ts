/** What the server sends (asyncapi.json): answers carry the `ref` of what they answer, everything else was published. */
export interface ServerMessage {
  type: string;
  id: string;
  at: string;
  ref?: string | null;
  position?: string | null;
  closes?: boolean;
  data: Readonly<Record<string, unknown>>;
}

/** Read a frame; null for what is no message of ours. */
export function readMessage(text: unknown): ServerMessage | null {
  if (typeof text !== "string") return null;
  try {
    const value: unknown = JSON.parse(text);
    return isMessage(value) ? value : null;
  } catch {
    return null;
  }
}

export function isMessage(value: unknown): value is ServerMessage {
  return (
    typeof value === "object" &&
    value !== null &&
    "type" in value &&
    typeof value.type === "string" &&
    "id" in value &&
    typeof value.id === "string" &&
    "data" in value &&
    typeof value.data === "object" &&
    value.data !== null
  );
}

export function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Ids of the latest messages, so that one that comes twice counts once. It forgets the oldest. */
export class KnownIds {
  readonly #ids = new Set<string>();

  constructor(readonly most: number) {}

  /** Whether it is new. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > this.most) {
      const [oldest] = this.#ids;
      if (oldest !== undefined) this.#ids.delete(oldest);
    }
    return true;
  }
}
