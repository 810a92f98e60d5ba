import { type ServerMessage, textOf } from "@/realtime/messages";
import type { LiveSocket } from "@/realtime/socket";
import type { Store } from "@/realtime/store";

export interface Viewer {
  userId: string;
  name: string;
}

export type Viewers = readonly Viewer[];

export const NOBODY: Viewers = [];

/** Who looks at a topic, by the message; null for a message about something else. */
export function viewersOf(message: ServerMessage, topic: string): Viewers | null {
  if (message.type !== "presence" || message.data["topic"] !== topic || !Array.isArray(message.data["viewers"])) return null;
  return (message.data["viewers"] as unknown[]).flatMap((one) => {
    if (typeof one !== "object" || one === null) return [];
    const { user_id: id, name } = one as Record<string, unknown>;
    return textOf(id) === null || textOf(name) === null ? [] : [{ userId: id as string, name: name as string }];
  });
}

/** Who looks at a resource or a reservation (`resource:ID`, `reservation:ID`), for as long as somebody wants to know. */
export class Presence {
  readonly #ends: (() => void)[];

  constructor(
    readonly socket: LiveSocket,
    readonly topic: string,
    readonly viewers: Store<Viewers>,
  ) {
    this.#ends = [
      socket.listen((message) => this.#hear(message)),
      socket.subscribe(topic),
      socket.liveness.subscribe(() => {
        // Nobody knows who is there while the line is down.
        if (socket.liveness.current() !== "live") this.viewers.set(NOBODY);
        else this.#ask();
      }),
    ];
    this.#ask();
  }

  stop = (): void => {
    for (const end of this.#ends) end();
    this.viewers.set(NOBODY);
  };

  #ask(): void {
    this.socket.ask("presence", { topic: this.topic }).then(
      (message) => this.#hear(message),
      () => undefined,
    );
  }

  #hear(message: ServerMessage): void {
    const viewers = viewersOf(message, this.topic);
    if (viewers !== null) this.viewers.set(viewers);
  }
}
