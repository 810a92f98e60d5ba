import { tryOut, type Verdict } from "@/admin/timeline/requests";
import type { Grip, Wish } from "@/admin/timeline/wish";
import { Refused } from "@/api/problems";
import type { EditLocks, OwnLock } from "@/realtime/locks";
import { SocketRefused } from "@/realtime/socket";
import { Store } from "@/realtime/store";

const PAUSE_MS = 120;

/** What is being dragged, or was let go and waits for an answer or for somebody's choice. */
export interface Drag {
  /** Of one gesture: its Idempotency-Key, too. */
  key: string;
  by: "pointer" | "keys";
  grip: Grip;
  /** The bar that it began with; null of a new one. */
  bar: string | null;
  wish: Wish | null;
  verdict: Verdict;
  /** It was let go: "saving" is being written, "asking" still waits for its verdict. */
  phase: "dragging" | "asking" | "standing" | "saving";
}

interface Lockable {
  resourceId: string;
  startsAt: number;
  endsAt: number;
}

type Settle = (drag: Drag, fencing: number | null) => Promise<void>;

const NOBODY: Settle = () => Promise.resolve();
const ASKING: Verdict = { kind: "asking" };

/** One gesture at a time: its edit lock, its wish, and what the API says of it; the last question wins. */
export class Dragging {
  readonly current = new Store<Drag | null>(null);
  #lock: Promise<OwnLock | null> = Promise.resolve(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #question = new AbortController();
  #settle: Settle = NOBODY;

  constructor(
    readonly tenant: string,
    readonly locks: EditLocks,
  ) {}

  /** Say who carries out what was let go with a yes. */
  whenSettled(settle: Settle): () => void {
    this.#settle = settle;
    return () => {
      this.#settle = NOBODY;
      this.end();
    };
  }

  begin(grip: Grip, bar: string | null, by: Drag["by"], place: Lockable): void {
    this.end();
    const key = crypto.randomUUID();
    this.current.set({ key, by, grip, bar, wish: null, verdict: ASKING, phase: "dragging" });
    this.#lock = this.#take(key, place);
  }

  /** What it means where it is now; null: nothing. */
  aim(wish: Wish | null): void {
    const drag = this.current.current();
    if (drag === null || JSON.stringify(drag.wish) === JSON.stringify(wish)) return;
    this.#question.abort();
    clearTimeout(this.#timer);
    // Whose lock it is has been said: another place does not change that.
    if (drag.verdict.kind === "no" && drag.verdict.refused.problem?.code === "edit_locked" && drag.wish === null) {
      this.current.set({ ...drag, wish });
      return;
    }
    this.current.set({ ...drag, wish, verdict: ASKING });
    if (wish === null) return;
    this.#question = new AbortController();
    const { signal } = this.#question;
    this.#timer = setTimeout(() => void this.#ask(drag.key, wish, signal), PAUSE_MS);
  }

  /** Let go: a yes is carried out, a no stands until it is read, and what is not answered yet waits for its answer. */
  drop(): void {
    const drag = this.current.current();
    if (drag === null || (drag.phase !== "dragging" && drag.phase !== "standing")) return;
    if (drag.wish === null) this.end();
    else if (drag.verdict.kind === "asking") this.current.set({ ...drag, phase: "asking" });
    else if (drag.verdict.kind === "no") this.current.set({ ...drag, phase: "standing" });
    else void this.#save(drag);
  }

  /** Something else instead, such as an alternative: it is asked for, and stands with its price until it is confirmed. */
  choose(wish: Wish): void {
    const drag = this.current.current();
    if (drag === null) return;
    this.current.set({ ...drag, phase: "standing" });
    this.aim(wish);
  }

  refuse(key: string, refused: Refused): void {
    const drag = this.current.current();
    if (drag?.key === key) this.current.set({ ...drag, key: crypto.randomUUID(), verdict: { kind: "no", refused }, phase: "standing" });
  }

  /** Show a refusal of something that nobody drags any more. */
  stand(wish: Wish, refused: Refused): void {
    this.end();
    this.current.set({ key: crypto.randomUUID(), by: "pointer", grip: "whole", bar: null, wish, verdict: { kind: "no", refused }, phase: "standing" });
  }

  end = (): void => {
    this.#question.abort();
    clearTimeout(this.#timer);
    if (this.current.current() === null) return;
    this.current.set(null);
    const lock = this.#lock;
    this.#lock = Promise.resolve(null);
    void lock.then((own) => (own === null ? undefined : this.locks.release(own)));
  };

  /** The number of the lock that was taken, where there is one. */
  fencing = async (): Promise<number | null> => (await this.#lock)?.fencing ?? null;

  async #take(key: string, { resourceId, startsAt, endsAt }: Lockable): Promise<OwnLock | null> {
    try {
      return await this.locks.acquire(resourceId, startsAt, endsAt, () => {
        this.#lock = Promise.resolve(null);
      });
    } catch (thrown) {
      // Without a connection there is no lock: versions still keep two from changing the same.
      if (thrown instanceof SocketRefused) this.#refuse(key, thrown);
      return null;
    }
  }

  #refuse(key: string, { code, message }: SocketRefused): void {
    const drag = this.current.current();
    if (drag?.key !== key) return;
    this.#question.abort();
    clearTimeout(this.#timer);
    const problem = { type: "about:blank", title: message, status: 409, code, detail: message };
    this.current.set({ ...drag, verdict: { kind: "no", refused: new Refused("refused", problem) } });
  }

  async #ask(key: string, wish: Wish, signal: AbortSignal): Promise<void> {
    const fencing = await this.fencing();
    if (signal.aborted) return;
    const verdict = await tryOut(this.tenant, wish, fencing, signal).catch(() => null);
    const drag = this.current.current();
    // What is not wanted any more has no verdict.
    if (verdict === null || drag?.key !== key || drag.wish !== wish) return;
    const next: Drag = { ...drag, verdict, phase: drag.phase === "asking" ? "standing" : drag.phase };
    this.current.set(next);
    if (drag.phase === "asking" && verdict.kind === "ok") void this.#save(next);
  }

  async #save(drag: Drag): Promise<void> {
    this.current.set({ ...drag, phase: "saving" });
    await this.#settle(drag, await this.fencing());
  }
}
