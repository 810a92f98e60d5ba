import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type Drag, Dragging } from "@/admin/timeline/drag";
import type { Verdict } from "@/admin/timeline/requests";
import type { Wish } from "@/admin/timeline/wish";
import { Refused } from "@/api/problems";
import type { EditLocks, OwnLock } from "@/realtime/locks";
import { SocketGone, SocketRefused } from "@/realtime/socket";

const asked: { wish: Wish; fencing: number | null; answer: (verdict: Verdict) => void }[] = [];
vi.mock("@/admin/timeline/requests", () => ({
  tryOut: (_tenant: string, wish: Wish, fencing: number | null) => new Promise((answer) => asked.push({ wish, fencing, answer })),
}));

const MONEY = { currency: "USD", decimals: 2, total: 100 };
const YES: Verdict = { kind: "ok", change: MONEY, before: MONEY, after: MONEY, waits: false, expected: { ...MONEY, currency: "USD" } };
const NO: Verdict = { kind: "no", refused: new Refused("refused", null) };
const wish = (until: string): Wish => ({ kind: "create", resourceId: "r1", unit: 1, times: { check_in_on: "2027-01-01", check_out_on: until } });
const PLACE = { resourceId: "r1", startsAt: 0, endsAt: 1 };

let released = 0;
let settled: Drag[] = [];

function dragging(acquire: () => Promise<OwnLock>): Dragging {
  const locks = { acquire, release: () => Promise.resolve((released += 1)) } as unknown as EditLocks;
  const begun = new Dragging("pine-cabins", locks);
  begun.whenSettled((drag) => {
    settled.push(drag);
    return Promise.resolve();
  });
  return begun;
}

const taken = (): Promise<OwnLock> => Promise.resolve({ fencing: 7 } as OwnLock);
const pause = () => vi.advanceTimersByTimeAsync(120);

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  released = 0;
  settled = [];
});
afterEach(() => void vi.useRealTimers());

describe("dragging", () => {
  it("asks once it rests, under its lock, and the last question wins", async () => {
    const drag = dragging(taken);
    drag.begin("whole", null, "pointer", PLACE);
    drag.aim(wish("2027-01-02"));
    drag.aim(wish("2027-01-03"));
    await pause();
    expect(asked.map(({ fencing }) => fencing)).toEqual([7]);
    drag.aim(wish("2027-01-04"));
    await pause();
    asked[0]?.answer(NO);
    await pause();
    expect(drag.current.current()?.verdict).toEqual({ kind: "asking" });
    asked[1]?.answer(YES);
    await pause();
    expect(drag.current.current()?.verdict).toEqual(YES);
  });

  it("is carried out when it is let go with a yes, also one that comes later", async () => {
    const drag = dragging(taken);
    drag.begin("whole", null, "pointer", PLACE);
    drag.aim(wish("2027-01-02"));
    await pause();
    drag.drop();
    expect([settled.length, drag.current.current()?.phase]).toEqual([0, "asking"]);
    asked[0]?.answer(YES);
    await pause();
    expect([settled.length, drag.current.current()?.phase]).toEqual([1, "saving"]);
    drag.end();
    await pause();
    expect(released).toBe(1);
  });

  it("stands with a no until something else is chosen, which waits to be confirmed", async () => {
    const drag = dragging(taken);
    drag.begin("whole", null, "pointer", PLACE);
    drag.aim(wish("2027-01-02"));
    await pause();
    asked[0]?.answer(NO);
    await pause();
    drag.drop();
    expect(drag.current.current()?.phase).toBe("standing");
    drag.choose(wish("2027-01-05"));
    await pause();
    asked[1]?.answer(YES);
    await pause();
    expect(settled).toHaveLength(0);
    drag.drop();
    await pause();
    expect(settled.map((one) => one.wish)).toEqual([wish("2027-01-05")]);
  });

  it("says whose lock is in the way, wherever it is dragged", async () => {
    const drag = dragging(() => Promise.reject(new SocketRefused("edit_locked", "Sam Ortiz is working on this.", {})));
    drag.begin("whole", "a", "pointer", PLACE);
    await pause();
    drag.aim(wish("2027-01-02"));
    await pause();
    const { verdict } = drag.current.current() ?? {};
    expect(verdict?.kind === "no" && verdict.refused.problem?.detail).toBe("Sam Ortiz is working on this.");
    expect(asked).toHaveLength(0);
  });

  it("goes on without a lock where there is no connection, and ends where nothing would change", async () => {
    const drag = dragging(() => Promise.reject(new SocketGone()));
    drag.begin("end", "a", "keys", PLACE);
    drag.aim(wish("2027-01-02"));
    await pause();
    expect(asked[0]?.fencing).toBeNull();
    drag.aim(null);
    drag.drop();
    expect(drag.current.current()).toBeNull();
  });
});
