import { useCallback, useEffect, useEffectEvent, useMemo, useRef } from "react";

import { toasts } from "@/admin/toasts";
import { type Drag, Dragging } from "@/admin/timeline/drag";
import { carryOut } from "@/admin/timeline/requests";
import { type Bar, type Lying, type Neighbour, rowAt, type Waiting } from "@/admin/timeline/rows";
import type { Grid } from "@/admin/timeline/Tape";
import { creation, type Grip, timesOf, type Wish, wishOf } from "@/admin/timeline/wish";
import { failureOf, Refused } from "@/api/problems";
import { useRealtime } from "@/realtime/Realtime";
import { useWords } from "@/texts/admin";

type Action = Lying["actions"][number];
type Change = Exclude<Wish, { kind: "create" }>;

const EDGE = 8;
const SLACK = 4;
const UNDO_MS = 10_000;
const NEEDED: Record<Grip, readonly Action[]> = { whole: ["move"], start: ["move"], end: ["extend", "shorten"] };

interface Props {
  tenant: string;
  mayWrite: boolean;
  scroller: React.RefObject<HTMLDivElement | null>;
  refresh: (ids: readonly string[]) => Promise<void>;
  /** Free cells were dragged over, and the API says yes: for whom is it? */
  create: (drag: Drag, fencing: number | null) => void;
}

/** Dragging by pointer and by keys: both say the same wish, and the API answers. */
export function useDragging({ tenant, mayWrite, scroller, refresh, create }: Props) {
  const { text } = useWords();
  const { locks } = useRealtime();
  /** Where a gesture by keys is: how many columns further, and in which row. */
  const keyed = useRef<{ at: Neighbour; by: number; row: number } | null>(null);
  const wasDragged = useRef(false);

  const dragging = useMemo(() => new Dragging(tenant, locks), [tenant, locks]);

  const takeBack = useEffectEvent(async (wish: Change, touched: readonly string[]) => {
    const key = crypto.randomUUID();
    try {
      await carryOut(tenant, wish, { key, fencing: null, expected: null });
      toasts.say(text("timeline.undone", { guest: wish.lying.guest_name }));
    } catch (thrown) {
      // It stands where it would be, in the words of the API, until somebody has read it.
      dragging.stand(wish, failureOf(thrown) ?? new Refused("server", null));
    }
    void refresh(touched);
  });

  const settle = useEffectEvent(async (drag: Drag, fencing: number | null) => {
    const { wish, verdict, key } = drag;
    if (wish === null) return;
    if (wish.kind === "create") {
      create(drag, fencing);
      return;
    }
    const touched = [...new Set([wish.resourceId, wish.kind === "move" ? wish.from : wish.resourceId])];
    try {
      const expected = verdict.kind === "ok" ? verdict.expected : null;
      const { version, state } = await carryOut(tenant, wish, { key, fencing, expected });
      await refresh(touched);
      dragging.end();
      const before = undoOf(wish, version);
      const said = text(state === "pending" ? "timeline.waits.now" : "timeline.done", { guest: wish.lying.guest_name });
      toasts.say(said, before === null ? undefined : { label: text("timeline.undo"), onPress: () => void takeBack(before, touched) }, UNDO_MS);
    } catch (thrown) {
      dragging.refuse(key, failureOf(thrown) ?? new Refused("server", null));
      void refresh(touched);
    }
  });

  useEffect(() => dragging.whenSettled((drag, fencing) => settle(drag, fencing)), [dragging]);

  /** Follow the pointer until it is let go. `aim` says what it means where it is. */
  const follow = useCallback(
    (event: React.PointerEvent, begin: () => void, aim: (x: number, y: number) => Wish | null) => {
      const box = scroller.current;
      if (box === null) return;
      const start = { x: event.clientX, y: event.clientY };
      let isDragging = false;
      const move = (next: PointerEvent) => {
        if (!isDragging && Math.hypot(next.clientX - start.x, next.clientY - start.y) < SLACK) return;
        if (!isDragging) {
          isDragging = wasDragged.current = true;
          begin();
        }
        next.preventDefault();
        const frame = box.getBoundingClientRect();
        dragging.aim(aim(next.clientX - frame.left + box.scrollLeft, next.clientY - frame.top + box.scrollTop));
      };
      const stop = (isDropped: boolean) => {
        window.removeEventListener("pointermove", move);
        window.removeEventListener("pointerup", up);
        window.removeEventListener("pointercancel", cancel);
        window.removeEventListener("keydown", escape, true);
        if (isDragging && isDropped) dragging.drop();
        else if (isDragging) dragging.end();
      };
      // The click that belongs to this gesture opens nothing.
      const forget = () => setTimeout(() => (wasDragged.current = false));
      const up = () => {
        stop(true);
        forget();
      };
      const cancel = () => {
        stop(false);
        forget();
      };
      const escape = (pressed: KeyboardEvent) => {
        if (pressed.key !== "Escape") return;
        pressed.stopPropagation();
        stop(false);
        window.addEventListener("pointerup", forget, { once: true });
      };
      window.addEventListener("pointermove", move);
      window.addEventListener("pointerup", up);
      window.addEventListener("pointercancel", cancel);
      window.addEventListener("keydown", escape, true);
    },
    [dragging, scroller],
  );

  const onBarDown = useCallback(
    (event: React.PointerEvent, { bar }: Neighbour, grid: Grid) => {
      if (!isMouse(event) || !mayWrite) return;
      const grip = gripAt(event, bar);
      if (!NEEDED[grip].some((action) => bar.lying.actions.includes(action))) return;
      const box = scroller.current;
      const startX = event.clientX - (box?.getBoundingClientRect().left ?? 0) + (box?.scrollLeft ?? 0);
      follow(
        event,
        () => dragging.begin(grip, bar.key, "pointer", lockOf(bar)),
        (x, y) => wishOf(bar, grip, (x - startX) / grid.column, targetAt(grid, y, bar), grid.scale),
      );
    },
    [dragging, follow, mayWrite, scroller],
  );

  const onLaneDown = useCallback(
    (event: React.PointerEvent, number: number, grid: Grid) => {
      const row = grid.rows[number];
      const box = scroller.current;
      if (!isMouse(event) || !mayWrite || row?.kind !== "unit" || box === null) return;
      const placeOf = (x: number) => Math.max(0, (x - grid.sizes.head) / grid.column);
      const from = placeOf(event.clientX - box.getBoundingClientRect().left + box.scrollLeft);
      const { resource, unit } = row;
      const cell = grid.scale.columns[Math.floor(from)];
      if (cell === undefined) return;
      follow(
        event,
        () => dragging.begin("whole", null, "pointer", { resourceId: resource.resource_id, startsAt: cell.startsAt, endsAt: cell.endsAt }),
        (x) => creation(resource, unit, from, placeOf(x), grid.scale),
      );
    },
    [dragging, follow, mayWrite, scroller],
  );

  const onTicketDown = useCallback(
    (event: React.PointerEvent, { lying, resource }: Waiting, grid: Grid | null) => {
      if (!isMouse(event) || !mayWrite || grid === null || lying.state !== "pending" || !lying.actions.includes("confirm")) return;
      const place = { resourceId: resource.resource_id, startsAt: Date.parse(lying.starts_at), endsAt: Date.parse(lying.ends_at) };
      const wish: Wish = { kind: "confirm", lying, resourceId: resource.resource_id, unit: null, times: timesOf(lying) };
      follow(
        event,
        () => dragging.begin("whole", null, "pointer", place),
        (x, y) => (x > grid.sizes.head && grid.rows[rowAt(grid.tops, y - grid.sizes.top)]?.resource.resource_id === resource.resource_id ? wish : null),
      );
    },
    [dragging, follow, mayWrite],
  );

  const onBarKey = useCallback(
    (event: React.KeyboardEvent, at: Neighbour, grid: Grid): boolean => {
      const drag = dragging.current.current();
      if (drag !== null && drag.by === "keys" && keyed.current !== null) return continueByKeys(event.key, drag, grid, dragging, keyed.current);
      const grip = event.key === "m" ? "whole" : event.key === "[" || event.key === "]" ? "end" : null;
      if (grip === null || event.ctrlKey || event.metaKey || event.altKey || !mayWrite) return false;
      if (!NEEDED[grip].some((action) => at.bar.lying.actions.includes(action))) return false;
      keyed.current = { at, by: 0, row: at.row };
      dragging.begin(grip, at.bar.key, "keys", lockOf(at.bar));
      if (grip === "end") step(event.key === "]" ? 1 : -1, 0, grip, grid, dragging, keyed.current);
      return true;
    },
    [dragging, mayWrite],
  );

  return { dragging, onBarDown, onLaneDown, onTicketDown, onBarKey, wasDragged };
}

interface Keyed {
  at: Neighbour;
  by: number;
  row: number;
}

function continueByKeys(key: string, drag: Drag, grid: Grid, dragging: Dragging, keyed: Keyed): boolean {
  if (key === "Escape") dragging.end();
  else if (key === "Enter") dragging.drop();
  else if (key === "ArrowLeft" || key === "[") step(-1, 0, drag.grip, grid, dragging, keyed);
  else if (key === "ArrowRight" || key === "]") step(1, 0, drag.grip, grid, dragging, keyed);
  else if (key === "ArrowUp") step(0, -1, drag.grip, grid, dragging, keyed);
  else if (key === "ArrowDown") step(0, 1, drag.grip, grid, dragging, keyed);
  else return false;
  return true;
}

function step(columns: number, rows: number, grip: Grip, grid: Grid, dragging: Dragging, keyed: Keyed): void {
  keyed.by += columns;
  for (let number = keyed.row + rows; rows !== 0 && number >= 0 && number < grid.rows.length; number += rows) {
    if (grid.rows[number]?.kind !== "unit") continue;
    keyed.row = number;
    break;
  }
  const { bar } = keyed.at;
  const row = grid.rows[keyed.row];
  const target = row?.kind === "unit" ? { resourceId: row.resource.resource_id, unit: row.unit } : { resourceId: bar.resourceId, unit: null };
  dragging.aim(wishOf(bar, grip, keyed.by, target, grid.scale));
}

function isMouse(event: React.PointerEvent): boolean {
  return event.button === 0 && event.pointerType !== "touch";
}

function gripAt(event: React.PointerEvent, bar: Bar): Grip {
  const frame = (event.target as Element).closest("[data-bar]")?.getBoundingClientRect();
  if (frame === undefined) return "whole";
  if (!bar.cutEnd && frame.right - event.clientX <= EDGE) return "end";
  if (!bar.cutStart && event.clientX - frame.left <= EDGE) return "start";
  return "whole";
}

function lockOf({ lying, resourceId }: Bar) {
  return { resourceId, startsAt: Date.parse(lying.here_from), endsAt: Date.parse(lying.here_until) };
}

function targetAt(grid: Grid, y: number, bar: Bar): { resourceId: string; unit: number | null } {
  const row = grid.rows[rowAt(grid.tops, y - grid.sizes.top)];
  if (row?.kind === "unit") return { resourceId: row.resource.resource_id, unit: row.unit };
  return { resourceId: bar.resourceId, unit: null };
}

/** What leads back to where it was; null where nothing does. */
function undoOf(wish: Change, version: number): Change | null {
  const lying = { ...wish.lying, version };
  const times = timesOf(wish.lying);
  switch (wish.kind) {
    case "confirm":
      return null;
    case "end":
      return { ...wish, lying, times, action: wish.action === "extend" ? "shorten" : "extend" };
    case "move":
      return { ...wish, lying, times, from: wish.resourceId, resourceId: wish.from, unit: wish.lying.units[0] ?? null };
  }
}
