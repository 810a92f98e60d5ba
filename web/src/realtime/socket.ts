import { waitBefore } from "@/realtime/backoff";
import { KnownIds, readMessage, type ServerMessage, textOf } from "@/realtime/messages";
import { Store } from "@/realtime/store";

const HEARTBEAT_MS = 30_000;
const PATIENCE_MS = 10_000;
const STEADY_MS = 20_000;
/** Of one connection: the API refuses more. */
const MOST_TOPICS = 50;
const MOST_WAITING = 50;
const MOST_MISSED = 1000;
const MOST_KNOWN = 2000;

export type Liveness = "off" | "connecting" | "live" | "waiting";

export interface MissedPage {
  items: ServerMessage[];
  next: string | null;
}

/** What a connection is made with; tests give their own. */
export interface Surroundings {
  /** The address with a fresh ticket. Throws AbortError where nobody is signed in any more. */
  address: (signal: AbortSignal) => Promise<string>;
  missed: (after: string, cursor: string | null, signal: AbortSignal) => Promise<MissedPage>;
  open: (address: string) => WebSocket;
  random: () => number;
}

/** Why an answer says no, in the words of the API. */
export class SocketRefused extends Error {
  constructor(
    readonly code: string,
    detail: string,
    readonly data: Readonly<Record<string, unknown>>,
  ) {
    super(detail);
    this.name = "SocketRefused";
  }
}

/** There is no connection, or nobody answered in time. */
export class SocketGone extends Error {
  constructor() {
    super("The connection is gone.");
    this.name = "SocketGone";
  }
}

interface Waiting {
  resolve: (message: ServerMessage) => void;
  reject: (error: Error) => void;
  timer: ReturnType<typeof setTimeout>;
}

type Listener = (message: ServerMessage) => void;

/**
 * The one live connection of a tab.
 *
 * It connects again by itself, reads what it missed meanwhile, and passes each message on once. Where more was missed
 * than can be read back it says so (`onGap`), and who listens reads everything again.
 */
export class LiveSocket {
  readonly liveness = new Store<Liveness>("off");
  #socket: WebSocket | null = null;
  #stop: AbortController | null = null;
  #attempt = 0;
  #lastRef = 0;
  #lastEvent: string | null = null;
  #position: string | null = null;
  readonly #known = new KnownIds(MOST_KNOWN);
  readonly #topics = new Map<string, number>();
  readonly #waiting = new Map<string, Waiting>();
  readonly #listeners = new Set<Listener>();
  readonly #gapListeners = new Set<() => void>();
  #timers: ReturnType<typeof setTimeout>[] = [];

  constructor(readonly surroundings: Surroundings) {}

  /** Connect, and stay connected until `stop`. */
  start = (): void => {
    if (this.#stop !== null) return;
    this.#stop = new AbortController();
    void this.#connect(this.#stop.signal);
  };

  stop = (): void => {
    this.#stop?.abort();
    this.#stop = null;
    this.#drop();
    this.liveness.set("off");
  };

  /** What reads carry that follow a message, so that no copy of the database answers which has not seen it. */
  position = (): string | null => this.#position;

  /** Wait for a connection that is being made, up to some milliseconds. */
  settled = async (mostMs: number): Promise<void> => {
    if (this.liveness.current() !== "connecting") return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, mostMs);
      const stop = this.liveness.subscribe(() => {
        clearTimeout(timer);
        stop();
        resolve();
      });
    });
  };

  listen = (listener: Listener): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  onGap = (listener: () => void): (() => void) => {
    this.#gapListeners.add(listener);
    return () => this.#gapListeners.delete(listener);
  };

  /** Listen to a topic for as long as somebody wants it. Throws where there are too many. */
  subscribe = (topic: string): (() => void) => {
    const wanted = this.#topics.get(topic) ?? 0;
    if (wanted === 0 && this.#topics.size >= MOST_TOPICS) throw new RangeError(`No more than ${MOST_TOPICS} topics.`);
    this.#topics.set(topic, wanted + 1);
    if (wanted === 0) this.#tell("subscribe", [topic]);
    let isDone = false;
    return () => {
      if (isDone) return;
      isDone = true;
      const left = (this.#topics.get(topic) ?? 1) - 1;
      if (left > 0) this.#topics.set(topic, left);
      else {
        this.#topics.delete(topic);
        this.#tell("unsubscribe", [topic]);
      }
    };
  };

  /** Send and wait for the answer. Throws `SocketRefused` and `SocketGone`. */
  ask = (action: string, members: Readonly<Record<string, unknown>> = {}): Promise<ServerMessage> => {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN || this.#waiting.size >= MOST_WAITING) return Promise.reject(new SocketGone());
    this.#lastRef += 1;
    const ref = String(this.#lastRef);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(ref);
        reject(new SocketGone());
      }, PATIENCE_MS);
      this.#waiting.set(ref, { resolve, reject, timer });
      socket.send(JSON.stringify({ action, ref, ...members }));
    });
  };

  #tell(action: "subscribe" | "unsubscribe", topics: string[]): void {
    // Without a connection the next one begins with all of them.
    if (this.liveness.current() === "live") this.ask(action, { topics }).catch(() => undefined);
  }

  async #connect(signal: AbortSignal): Promise<void> {
    this.liveness.set("connecting");
    try {
      const address = await this.surroundings.address(signal);
      if (signal.aborted) return;
      this.#listenTo(this.surroundings.open(address), signal);
    } catch (thrown) {
      if (signal.aborted || (thrown instanceof DOMException && thrown.name === "AbortError")) this.liveness.set("off");
      else this.#connectLater(signal);
    }
  }

  #listenTo(socket: WebSocket, signal: AbortSignal): void {
    this.#socket = socket;
    socket.onopen = () => void this.#opened(socket, signal);
    socket.onmessage = ({ data }: MessageEvent<unknown>) => this.#hear(readMessage(data));
    socket.onclose = () => this.#lost(socket, signal);
  }

  async #opened(socket: WebSocket, signal: AbortSignal): Promise<void> {
    try {
      const topics = [...this.#topics.keys()];
      if (topics.length > 0) await this.ask("subscribe", { topics });
      // Only then: what happens from now on is sent, and what happened before is read.
      await this.#catchUp(signal);
    } catch {
      socket.close();
      return;
    }
    if (this.#socket !== socket) return;
    this.liveness.set("live");
    this.#timers.push(setTimeout(() => (this.#attempt = 0), STEADY_MS));
    this.#beat(socket);
  }

  async #catchUp(signal: AbortSignal): Promise<void> {
    if (this.#lastEvent === null) {
      this.#gap();
      return;
    }
    const after = this.#lastEvent;
    let cursor: string | null = null;
    let count = 0;
    do {
      const page: MissedPage = await this.surroundings.missed(after, cursor, signal);
      for (const message of page.items) this.#publish(message);
      count += page.items.length;
      cursor = page.next;
    } while (cursor !== null && count < MOST_MISSED);
    if (cursor !== null) this.#gap();
  }

  #gap(): void {
    for (const listener of [...this.#gapListeners]) listener();
  }

  #beat(socket: WebSocket): void {
    const timer = setTimeout(() => {
      this.ask("ping").then(
        () => this.#socket === socket && this.#beat(socket),
        // A dead line says nothing by itself: leave it at once, its end may take minutes to be told.
        () => this.#socket === socket && this.#abandon(socket),
      );
    }, HEARTBEAT_MS);
    this.#timers.push(timer);
  }

  #abandon(socket: WebSocket): void {
    socket.close();
    if (this.#stop !== null) this.#lost(socket, this.#stop.signal);
  }

  #hear(message: ServerMessage | null): void {
    if (message === null) return;
    const waiting = message.ref == null ? undefined : this.#waiting.get(message.ref);
    if (waiting !== undefined && message.ref != null) {
      this.#waiting.delete(message.ref);
      clearTimeout(waiting.timer);
      if (message.type === "error") waiting.reject(refusalOf(message));
      else waiting.resolve(message);
      return;
    }
    this.#publish(message);
  }

  #publish(message: ServerMessage): void {
    if (!this.#known.add(message.id)) return;
    if ("entity_kind" in message.data) {
      this.#lastEvent = message.id;
      this.#position = message.position ?? this.#position;
    }
    for (const listener of [...this.#listeners]) listener(message);
  }

  #lost(socket: WebSocket, signal: AbortSignal): void {
    if (this.#socket !== socket) return;
    this.#drop();
    if (signal.aborted) return;
    this.#connectLater(signal);
  }

  #connectLater(signal: AbortSignal): void {
    this.liveness.set("waiting");
    const wait = waitBefore(this.#attempt, this.surroundings.random);
    this.#attempt += 1;
    const timer = setTimeout(() => {
      if (!signal.aborted) void this.#connect(signal);
    }, wait);
    signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
  }

  #drop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
    const socket = this.#socket;
    this.#socket = null;
    if (socket !== null) {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    }
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(new SocketGone());
    }
    this.#waiting.clear();
  }
}

function refusalOf({ data }: ServerMessage): SocketRefused {
  return new SocketRefused(textOf(data["code"]) ?? "error", textOf(data["detail"]) ?? "", data);
}
