import { api, type Schemas } from "@/api/client";
import { failureOf, Refused, refusalOf } from "@/api/problems";

export type Me = Schemas["Me"];
type SignedIn = Schemas["SignedInBody"];

export type SessionState =
  | { kind: "starting" }
  | { kind: "unreachable"; refused: Refused }
  | { kind: "out" }
  | { kind: "in"; me: Me }
  /** It has ended while pages are open: they stay as they are, and what they ask for waits for the password. */
  | { kind: "over"; me: Me }
  /** In another tab somebody else has signed in, and the cookie is theirs now. */
  | { kind: "other"; now: Me };

const KNOWN = "berth-admin";
const CHANNEL = "berth-session";
const EARLIER_MS = 30_000;
const TIMEOUT_MS = 20_000;

/**
 * Who is signed in here.
 *
 * The access token (15 minutes) is in the memory of this tab alone: storage can be read by any script of this address.
 * The refresh token is a cookie that no script reads. A use replaces it, so tabs use it one after the other.
 */
export class Session {
  #state: SessionState = { kind: "starting" };
  #token: { text: string; until: number } | null = null;
  #renewal: Promise<void> | null = null;
  readonly #listeners = new Set<() => void>();
  readonly #channel = new BroadcastChannel(CHANNEL);

  constructor() {
    this.#channel.onmessage = ({ data }: MessageEvent<{ user: string | null }>) => this.#hear(data.user);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  current = (): SessionState => this.#state;

  /** Go on with the session of this browser, where there is one. */
  start = async (): Promise<void> => {
    if (!isKnown()) {
      this.#change({ kind: "out" });
      return;
    }
    this.#change({ kind: "starting" });
    try {
      await this.#renewOnce();
    } catch (thrown) {
      const refused = failureOf(thrown);
      if (refused !== null) this.#change({ kind: "unreachable", refused });
    }
  };

  /** Throws `Refused` where email and password do not belong together, or there were too many attempts. */
  signIn = async (email: string, password: string): Promise<void> => {
    const found = await answerOf(() => api.POST("/v1/auth/login", { body: { email, password }, signal: AbortSignal.timeout(TIMEOUT_MS) }));
    this.#enter(found);
    this.#channel.postMessage({ user: found.user.id });
  };

  signOut = async (): Promise<void> => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const headers = { Authorization: `Bearer ${await this.token(signal)}` };
    await answerOf(() => api.POST("/v1/auth/logout", { body: { everywhere: false }, headers, signal }));
    this.forget();
    this.#channel.postMessage({ user: null });
  };

  /** Leave the pages: what was asked for meanwhile is given up. */
  forget = (): void => {
    remember(false);
    this.#token = null;
    this.#change({ kind: "out" });
  };

  /** A token that is still good for a while. Waits for the password where the session is over; throws AbortError without. */
  token = async (signal: AbortSignal): Promise<string> => {
    for (;;) {
      signal.throwIfAborted();
      if (this.#token !== null && performance.now() < this.#token.until) return this.#token.text;
      if (this.#state.kind === "over") await this.#changed(signal);
      else if (this.#state.kind === "in") await this.#renewOnce();
      else throw new DOMException("There is no session.", "AbortError");
    }
  };

  /** The API does not take this token: its session has ended, or the clock of this machine stood still. */
  refuse = (token: string): void => {
    if (this.#token?.text === token) this.#token = null;
  };

  /** Ask again what the user may do, since something was forbidden that seemed allowed. */
  reread = async (): Promise<void> => {
    this.#token = null;
    if (this.#state.kind === "in") await this.#renewOnce().catch(() => undefined);
  };

  #renewOnce(): Promise<void> {
    this.#renewal ??= oneAtATime(() => this.#renew()).finally(() => {
      this.#renewal = null;
    });
    return this.#renewal;
  }

  async #renew(): Promise<void> {
    try {
      this.#enter(await answerOf(() => // The browser adds the cookie, which no script knows.
        api.POST("/v1/auth/refresh", { params: { cookie: { berth_refresh: "" } }, signal: AbortSignal.timeout(TIMEOUT_MS) })));
    } catch (thrown) {
      if (!(thrown instanceof Refused) || thrown.problem?.status !== 401) throw thrown;
      this.#end();
    }
  }

  #enter(found: SignedIn): void {
    const known = this.#state.kind === "in" || this.#state.kind === "over" ? this.#state.me : null;
    const me = { user: found.user, memberships: found.memberships };
    if (known !== null && known.user.id !== me.user.id) {
      this.#token = null;
      this.#change({ kind: "other", now: me });
      return;
    }
    remember(true);
    // By a clock that nobody sets: that of the machine may be wrong by hours.
    this.#token = { text: found.access_token, until: performance.now() + found.expires_in * 1000 - EARLIER_MS };
    this.#change({ kind: "in", me });
  }

  #end(): void {
    this.#token = null;
    remember(false);
    if (this.#state.kind === "in") this.#change({ kind: "over", me: this.#state.me });
    else if (this.#state.kind !== "over") this.#change({ kind: "out" });
  }

  #hear(user: string | null): void {
    const { kind } = this.#state;
    if (user === null) this.#end();
    else if (kind === "in" || kind === "over") this.#renewOnce().catch(() => undefined);
    else if (kind === "out") {
      remember(true);
      void this.start();
    }
  }

  #changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = this.subscribe(() => {
        stop();
        resolve();
      });
      signal.addEventListener("abort", () => {
        stop();
        reject(new DOMException("Given up.", "AbortError"));
      });
    });
  }

  #change(state: SessionState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener();
  }
}

export const session = new Session();

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** What the API says, where it does what was wanted. Throws `Refused`, or AbortError where the call was given up. */
export async function answerOf<Data>(request: () => Promise<Answer<Data>>): Promise<Data> {
  let answer: Answer<Data>;
  try {
    answer = await request();
  } catch (thrown) {
    throw failureOf(thrown) ?? thrown;
  }
  if (!answer.response.ok) throw refusalOf(answer.response, answer.error);
  return answer.data as Data;
}

/** Without locks of the browser, the API's overlap of a minute keeps two tabs apart. */
async function oneAtATime(work: () => Promise<void>): Promise<void> {
  if ("locks" in navigator) await navigator.locks.request(CHANNEL, work);
  else await work();
}

/** Whether asking for a session makes sense. Storage may be forbidden: then one signs in again after a reload. */
function isKnown(): boolean {
  try {
    return localStorage.getItem(KNOWN) !== null;
  } catch {
    return false;
  }
}

function remember(isSignedIn: boolean): void {
  try {
    if (isSignedIn) localStorage.setItem(KNOWN, "1");
    else localStorage.removeItem(KNOWN);
  } catch {
    // Nothing else depends on it.
  }
}
