import { type ServerMessage, textOf } from "@/realtime/messages";
import { type LiveSocket, SocketGone } from "@/realtime/socket";
import { Store } from "@/realtime/store";

const RENEW_MS = 20_000;
/** Who begins while the connection is being made waits so long for it, and goes on without a lock then. */
const CONNECTING_MS = 2_000;
/** As many as the API lists. */
const MOST_LOCKS = 1000;

export interface EditLock {
  id: string;
  resourceId: string;
  startsAt: number;
  endsAt: number;
  holderId: string;
  holderName: string | null;
}

export interface OwnLock extends EditLock {
  /** For the header `Edit-Lock` of writes into the range. */
  fencing: number;
}

export type Locks = ReadonlyMap<string, EditLock>;

/** Return the locks after a message; the same map where it changes none. */
export function locksAfter(locks: Locks, { type, data }: ServerMessage): Locks {
  const id = textOf(data["lock_id"]);
  if (id === null || !type.startsWith("edit_lock.")) return locks;
  if (type !== "edit_lock.acquired") {
    if (!locks.has(id)) return locks;
    const left = new Map(locks);
    left.delete(id);
    return left;
  }
  const lock = lockOf(id, data);
  if (lock === null || locks.size >= MOST_LOCKS) return locks;
  return new Map(locks).set(id, lock);
}

function lockOf(id: string, data: Readonly<Record<string, unknown>>): EditLock | null {
  const [resourceId, holderId] = [textOf(data["resource_id"]), textOf(data["holder_id"])];
  const [startsAt, endsAt] = [Date.parse(textOf(data["starts_at"]) ?? ""), Date.parse(textOf(data["ends_at"]) ?? "")];
  if (resourceId === null || holderId === null || !(startsAt < endsAt)) return null;
  return { id, resourceId, startsAt, endsAt, holderId, holderName: textOf(data["holder_name"]) };
}

/** Locks of everybody, live, and those of this tab, which are kept until they are given back. */
export class EditLocks {
  readonly all = new Store<Locks>(new Map());
  readonly #own = new Map<string, { lock: OwnLock; timer: ReturnType<typeof setInterval>; lost: () => void }>();
  #ends: (() => void)[] = [];

  constructor(
    readonly socket: LiveSocket,
    readonly list: () => Promise<EditLock[]>,
  ) {}

  start = (): void => {
    this.#ends = [
      this.socket.listen((message) => {
        this.all.set(locksAfter(this.all.current(), message));
        const id = textOf(message.data["lock_id"]);
        if (id !== null && /^edit_lock\.(?:expired|taken_over)$/.test(message.type)) this.#lose(id);
      }),
      this.socket.liveness.subscribe(() => this.socket.liveness.current() === "live" && this.reload()),
    ];
  };

  /** Read all of them: who was away does not know which have ended. */
  reload = (): void => {
    this.list().then(
      (found) => this.all.set(new Map(found.slice(0, MOST_LOCKS).map((lock) => [lock.id, lock]))),
      () => undefined, // The next message, or the next connection, says it.
    );
  };

  /** Take a lock and keep it. `lost` is called where it ends by itself. Throws `SocketRefused` and `SocketGone`. */
  acquire = async (resourceId: string, startsAt: number, endsAt: number, lost: () => void): Promise<OwnLock> => {
    await this.socket.settled(CONNECTING_MS);
    const { data } = await this.socket.ask("edit_lock.acquire", {
      resource_id: resourceId,
      starts_at: new Date(startsAt).toISOString(),
      ends_at: new Date(endsAt).toISOString(),
    });
    const id = textOf(data["lock_id"]);
    const lock = id === null ? null : lockOf(id, data);
    if (lock === null || typeof data["fencing"] !== "number") throw new SocketGone();
    const own = { ...lock, fencing: data["fencing"] };
    this.#forget(own.id);
    const timer = setInterval(() => {
      this.socket.ask("edit_lock.renew", { lock_id: own.id }).catch((thrown: unknown) => {
        // Without a connection it has its grace: the next renewal may come in time.
        if (!(thrown instanceof SocketGone)) this.#lose(own.id);
      });
    }, RENEW_MS);
    this.#own.set(own.id, { lock: own, timer, lost });
    return own;
  };

  /** Give it back; nothing to do where it has ended. */
  release = async (lock: OwnLock): Promise<void> => {
    if (!this.#forget(lock.id)) return;
    await this.socket.ask("edit_lock.release", { lock_id: lock.id }).catch(() => undefined);
  };

  isOwn = (id: string): boolean => this.#own.has(id);

  stop = (): void => {
    for (const { lock } of [...this.#own.values()]) void this.release(lock);
    for (const end of this.#ends) end();
    this.#ends = [];
  };

  #lose(id: string): void {
    const own = this.#own.get(id);
    if (this.#forget(id)) own?.lost();
  }

  #forget(id: string): boolean {
    const own = this.#own.get(id);
    if (own === undefined) return false;
    clearInterval(own.timer);
    return this.#own.delete(id);
  }
}
