import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { waitBefore } from "@/realtime/backoff";
import { EditLocks, locksAfter } from "@/realtime/locks";
import { KnownIds, readMessage, type ServerMessage } from "@/realtime/messages";
import { viewersOf } from "@/realtime/presence";
import { LiveSocket, type MissedPage, SocketGone, SocketRefused, type Surroundings } from "@/realtime/socket";

/** The other end of the line. */
class Line {
  readyState: number = WebSocket.CONNECTING;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: Record<string, unknown>[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.readyState = WebSocket.CLOSED;
  }

  opens(): void {
    this.readyState = WebSocket.OPEN;
    this.onopen?.();
  }

  says(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  answers(type: string, data: object = {}): void {
    this.says({ type, id: `answer-${this.sent.length}`, at: "", ref: this.sent.at(-1)?.["ref"], data });
  }

  breaks(): void {
    this.readyState = WebSocket.CLOSED;
    this.onclose?.();
  }

  get last(): Record<string, unknown> {
    return this.sent.at(-1) ?? {};
  }
}

const event = (id: string): ServerMessage => ({ type: "reservation.moved", id, at: "", data: { entity_kind: "reservation" } });

let lines: Line[] = [];
let missed: (after: string, cursor: string | null) => MissedPage = () => ({ items: [], next: null });
const surroundings: Surroundings = {
  address: () => Promise.resolve("wss://example/"),
  missed: (after, cursor) => Promise.resolve(missed(after, cursor)),
  open: () => {
    const line = new Line();
    lines.push(line);
    return line as unknown as WebSocket;
  },
  random: () => 1,
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", { CONNECTING: 0, OPEN: 1, CLOSED: 3 });
  lines = [];
  missed = () => ({ items: [], next: null });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Let what was promised happen. */
async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

async function connected(): Promise<{ socket: LiveSocket; line: Line }> {
  const socket = new LiveSocket(surroundings);
  socket.subscribe("tenant");
  socket.start();
  await settle();
  const line = lines[0] as Line;
  line.opens();
  line.answers("subscribed", { topics: ["tenant"] });
  await settle();
  return { socket, line };
}

describe("a live connection", () => {
  it("subscribes to everything that is wanted before it says that it is live", async () => {
    const socket = new LiveSocket(surroundings);
    socket.subscribe("tenant");
    socket.subscribe("tenant");
    socket.start();
    await settle();
    lines[0]?.opens();
    expect(lines[0]?.sent).toEqual([{ action: "subscribe", ref: "1", topics: ["tenant"] }]);
    expect(socket.liveness.current()).toBe("connecting");
    lines[0]?.answers("subscribed");
    await settle();
    expect(socket.liveness.current()).toBe("live");
  });

  it("tells a topic once, however many want it, and gives it up with the last one", async () => {
    const { socket, line } = await connected();
    const [one, other] = [socket.subscribe("resource:1"), socket.subscribe("resource:1")];
    expect(line.sent).toHaveLength(2);
    one();
    one();
    expect(line.sent).toHaveLength(2);
    other();
    expect(line.last).toMatchObject({ action: "unsubscribe", topics: ["resource:1"] });
  });

  it("refuses more topics than a connection may have", () => {
    const socket = new LiveSocket(surroundings);
    for (let number = 0; number < 50; number += 1) socket.subscribe(`resource:${number}`);
    expect(() => socket.subscribe("resource:50")).toThrow(RangeError);
  });

  it("passes each message on once", async () => {
    const { socket, line } = await connected();
    const heard: string[] = [];
    socket.listen(({ id }) => heard.push(id));
    line.says(event("a"));
    line.says(event("a"));
    line.says(event("b"));
    expect(heard).toEqual(["a", "b"]);
  });

  it("comes back after a wait and reads what it missed, page by page, without what it knows", async () => {
    const { socket, line } = await connected();
    const heard: string[] = [];
    socket.listen(({ id }) => heard.push(id));
    line.says(event("a"));
    missed = (after, cursor) => {
      expect(after).toBe("a");
      return cursor === null ? { items: [event("a"), event("b")], next: "2" } : { items: [event("c")], next: null };
    };
    line.breaks();
    expect(socket.liveness.current()).toBe("waiting");
    await vi.advanceTimersByTimeAsync(500);
    lines[1]?.opens();
    lines[1]?.answers("subscribed");
    await settle();
    expect(heard).toEqual(["a", "b", "c"]);
    expect(socket.liveness.current()).toBe("live");
  });

  it("says that there is a gap where too much was missed, or nothing is known yet", async () => {
    const { socket, line } = await connected();
    let gaps = 0;
    socket.onGap(() => (gaps += 1));
    line.says(event("a"));
    let number = 0;
    missed = () => ({ items: Array.from({ length: 200 }, () => event(`m${(number += 1)}`)), next: "more" });
    line.breaks();
    await vi.advanceTimersByTimeAsync(500);
    lines[1]?.opens();
    lines[1]?.answers("subscribed");
    await settle();
    expect([gaps, number]).toEqual([1, 1000]);
  });

  it("leaves a line that does not answer its heartbeat", async () => {
    const { socket, line } = await connected();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(line.last).toMatchObject({ action: "ping" });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(socket.liveness.current()).toBe("waiting");
  });

  it("goes on beating while it is answered", async () => {
    const { socket, line } = await connected();
    for (let beats = 1; beats <= 3; beats += 1) {
      await vi.advanceTimersByTimeAsync(30_000);
      line.answers("pong");
      await settle();
    }
    expect(line.sent.filter(({ action }) => action === "ping")).toHaveLength(3);
    expect(socket.liveness.current()).toBe("live");
  });

  it("waits longer from try to try, and never beyond half a minute", async () => {
    expect([0, 1, 2, 20].map((attempt) => waitBefore(attempt, () => 1))).toEqual([500, 1000, 2000, 30_000]);
    expect(waitBefore(0, () => 0)).toBe(250);
    const { line } = await connected();
    line.breaks();
    await vi.advanceTimersByTimeAsync(500);
    lines[1]?.breaks();
    await vi.advanceTimersByTimeAsync(999);
    expect(lines).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(lines).toHaveLength(3);
  });

  it("answers nobody for ever: without an answer, or without a connection, it says that it is gone", async () => {
    const { socket, line } = await connected();
    const asked = expect(socket.ask("presence")).rejects.toBeInstanceOf(SocketGone);
    await vi.advanceTimersByTimeAsync(10_000);
    await asked;
    const open = expect(socket.ask("presence")).rejects.toBeInstanceOf(SocketGone);
    line.breaks();
    await open;
    await expect(socket.ask("presence")).rejects.toBeInstanceOf(SocketGone);
  });

  it("stops for good", async () => {
    const { socket, line } = await connected();
    socket.stop();
    expect(line.readyState).toBe(WebSocket.CLOSED);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([lines.length, socket.liveness.current()]).toEqual([1, "off"]);
  });
});

const LOCK = {
  lock_id: "l1",
  resource_id: "r1",
  starts_at: "2027-01-01T10:00:00Z",
  ends_at: "2027-01-02T10:00:00Z",
  holder_id: "u1",
  holder_name: "Sam Ortiz",
  fencing: 7,
};

describe("edit locks", () => {
  const message = (type: string, data: object = LOCK): ServerMessage => ({ type, id: type, at: "", data: { ...data } });

  it("come and go with the messages", () => {
    const some = locksAfter(new Map(), message("edit_lock.acquired"));
    expect(some.get("l1")).toMatchObject({ resourceId: "r1", holderName: "Sam Ortiz" });
    for (const type of ["edit_lock.released", "edit_lock.expired", "edit_lock.taken_over"])
      expect(locksAfter(some, message(type)).size).toBe(0);
    expect(locksAfter(some, message("reservation.moved"))).toBe(some);
    expect(locksAfter(some, message("edit_lock.acquired", { ...LOCK, ends_at: "soon" }))).toBe(some);
  });

  it("are renewed until they are given back", async () => {
    const { socket, line } = await connected();
    const locks = new EditLocks(socket, () => Promise.resolve([]));
    locks.start();
    const asked = locks.acquire("r1", 0, 1000, () => undefined);
    await settle();
    expect(line.last).toMatchObject({ action: "edit_lock.acquire", starts_at: "1970-01-01T00:00:00.000Z" });
    line.answers("edit_lock.acquired", LOCK);
    const own = await asked;
    expect([own.fencing, locks.isOwn("l1")]).toEqual([7, true]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(line.last).toMatchObject({ action: "edit_lock.renew", lock_id: "l1" });
    line.answers("edit_lock.renewed", LOCK);
    void locks.release(own);
    expect(line.last).toMatchObject({ action: "edit_lock.release", lock_id: "l1" });
    line.answers("edit_lock.released", LOCK);
    await settle();
    const before = line.sent.filter(({ action }) => action === "edit_lock.renew").length;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(line.sent.filter(({ action }) => action === "edit_lock.renew")).toHaveLength(before);
  });

  it("wait for a connection that is being made, and not for ever", async () => {
    const socket = new LiveSocket(surroundings);
    const locks = new EditLocks(socket, () => Promise.resolve([]));
    socket.start();
    const early = locks.acquire("r1", 0, 1000, () => undefined);
    await settle();
    lines[0]?.opens();
    await settle();
    expect(lines[0]?.last).toMatchObject({ action: "edit_lock.acquire" });
    lines[0]?.answers("edit_lock.acquired", LOCK);
    expect((await early).fencing).toBe(7);
    const slow = new LiveSocket(surroundings);
    slow.start();
    const never = expect(new EditLocks(slow, () => Promise.resolve([])).acquire("r1", 0, 1000, () => undefined)).rejects.toBeInstanceOf(SocketGone);
    await vi.advanceTimersByTimeAsync(2_000);
    await never;
  });

  it("say that they are lost when somebody takes over, and why they cannot be had", async () => {
    const { socket, line } = await connected();
    const locks = new EditLocks(socket, () => Promise.resolve([]));
    locks.start();
    let lost = 0;
    const asked = locks.acquire("r1", 0, 1000, () => (lost += 1));
    await settle();
    line.answers("edit_lock.acquired", LOCK);
    await asked;
    line.says({ type: "edit_lock.taken_over", id: "e1", at: "", data: LOCK });
    expect([lost, locks.isOwn("l1")]).toEqual([1, false]);
    const refused = locks.acquire("r1", 0, 1000, () => undefined);
    await settle();
    line.answers("error", { code: "edit_locked", detail: "Sam Ortiz is working on this." });
    await expect(refused).rejects.toBeInstanceOf(SocketRefused);
    await expect(refused).rejects.toMatchObject({ code: "edit_locked", message: "Sam Ortiz is working on this." });
  });
});

describe("messages", () => {
  it("are told from everything else that may come", () => {
    expect(readMessage("{")).toBeNull();
    expect(readMessage('{"type": "pong"}')).toBeNull();
    expect(readMessage(new ArrayBuffer(2))).toBeNull();
    expect(readMessage(JSON.stringify(event("a")))).toEqual(event("a"));
  });

  it("are remembered, as many as fit", () => {
    const known = new KnownIds(2);
    expect(["a", "a", "b", "c", "a"].map((id) => known.add(id))).toEqual([true, false, true, true, true]);
  });

  it("say who is there", () => {
    const message: ServerMessage = {
      type: "presence",
      id: "1",
      at: "",
      data: { topic: "resource:1", viewers: [{ user_id: "u", name: "Nora" }, { user_id: 7 }] },
    };
    expect(viewersOf(message, "resource:1")).toEqual([{ userId: "u", name: "Nora" }]);
    expect(viewersOf(message, "resource:2")).toBeNull();
  });
});
