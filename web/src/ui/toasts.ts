export interface Toast {
  id: number;
  text: string;
  /** One thing that can be done about it, such as taking it back. */
  action?: { label: string; onPress: () => void };
}

const SHOWN_MS = 6000;
const MOST = 3;

/** What happened, said for a moment at the lower edge. Never a refusal: these stand where they can be mended. */
export class Toasts {
  #toasts: readonly Toast[] = [];
  #next = 1;
  readonly #listeners = new Set<() => void>();

  /** Say something; what can be acted on stays until it was, was closed, or `shownMs` are over. */
  say(text: string, action?: Toast["action"], shownMs = action === undefined ? SHOWN_MS : Infinity): void {
    const id = this.#next;
    this.#next += 1;
    this.#change([...this.#toasts, { id, text, ...(action === undefined ? {} : { action }) }].slice(-MOST));
    if (Number.isFinite(shownMs)) setTimeout(() => this.close(id), shownMs);
  }

  close(id: number): void {
    if (this.#toasts.some((toast) => toast.id === id)) this.#change(this.#toasts.filter((toast) => toast.id !== id));
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  current = (): readonly Toast[] => this.#toasts;

  #change(toasts: readonly Toast[]): void {
    this.#toasts = toasts;
    for (const listener of this.#listeners) listener();
  }
}
