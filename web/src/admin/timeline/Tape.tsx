import { type ReactNode, type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";

import { GroupLine, UnitLine } from "@/admin/timeline/Lines";
import { type Bar, type Neighbour, neighbourOf, type Row, topsOf, visibleRows } from "@/admin/timeline/rows";
import type { Scale } from "@/admin/timeline/scale";
import styles from "@/admin/timeline/Tape.module.css";
import type { EditLock } from "@/realtime/locks";

export interface Sizes {
  head: number;
  group: number;
  unit: number;
  bar: number;
  least: number;
  top: number;
}

export interface Grid {
  rows: readonly Row[];
  tops: readonly number[];
  column: number;
  sizes: Sizes;
  scale: Scale;
}

interface Props {
  label: string;
  rows: readonly Row[];
  scale: Scale;
  sizes: Sizes;
  /** How many columns a window shows at most; more of them scroll. */
  fitting: number;
  now: number;
  /** Locks of others, by the resource that they are on. */
  locks: ReadonlyMap<string, readonly EditLock[]>;
  header: (column: number, from: number, until: number) => ReactNode;
  corner: ReactNode;
  fold: (id: string) => void;
  open: (bar: Bar) => void;
  /** Drawn above everything else, such as what is dragged. */
  children?: (grid: Grid) => ReactNode;
  scroller: RefObject<HTMLDivElement | null>;
  onBarKey?: (event: React.KeyboardEvent, at: Neighbour, grid: Grid) => boolean;
  onBarDown?: (event: React.PointerEvent, at: Neighbour, grid: Grid) => void;
  onLaneDown?: (event: React.PointerEvent, row: number, grid: Grid) => void;
  /** The bar that is being dragged is faint. */
  dragged: string | null;
}

interface Window {
  first: number;
  end: number;
  from: number;
  until: number;
}

const MORE_ROWS = 6;
const MORE_COLUMNS = 4;
/** Windows are in steps, so that scrolling draws anew seldom and little. */
const STEP = 3;
const NO_LOCKS: readonly EditLock[] = [];

/** Rows by columns, of which only those are drawn that the window shows. */
export function Tape(props: Props) {
  const { rows, scale, sizes, fitting, scroller, now, locks, dragged } = props;
  const [width, setWidth] = useState(0);
  const [shown, setShown] = useState<Window>({ first: 0, end: 0, from: 0, until: 0 });
  const [focused, setFocused] = useState<string | null>(null);
  const wanted = useRef<string | null>(null);
  const columns = scale.columns.length;
  const column = Math.max(sizes.least, Math.floor(Math.max(0, width - sizes.head) / Math.max(1, Math.min(columns, fitting))));
  const tops = useMemo(() => topsOf(rows, sizes), [rows, sizes]);
  const height = tops.at(-1) ?? 0;
  const grid = useMemo<Grid>(() => ({ rows, tops, column, sizes, scale }), [rows, tops, column, sizes, scale]);

  const look = useCallback(() => {
    const box = scroller.current;
    if (box === null) return;
    setWidth(box.clientWidth);
    const { first, end } = visibleRows(tops, Math.max(0, box.scrollTop), box.clientHeight, MORE_ROWS);
    const next = {
      first: Math.floor(first / STEP) * STEP,
      end: Math.min(rows.length, Math.ceil(end / STEP) * STEP),
      from: Math.max(0, Math.floor((box.scrollLeft / column - MORE_COLUMNS) / STEP) * STEP),
      until: Math.min(columns, Math.ceil(((box.scrollLeft + box.clientWidth - sizes.head) / column + MORE_COLUMNS) / STEP) * STEP),
    };
    setShown((known) => (known.first === next.first && known.end === next.end && known.from === next.from && known.until === next.until ? known : next));
  }, [scroller, tops, rows.length, columns, column, sizes.head]);

  useLayoutEffect(look, [look]);
  useEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const observer = new ResizeObserver(look);
    observer.observe(box);
    box.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener("scroll", look);
    };
  }, [scroller, look]);

  // Of all bars one is in the order of the tab key: the one that had the focus, else the first one that is shown.
  const focusedRow = rows.findIndex((row) => row.kind === "unit" && row.bars.some(({ key }) => key === focused));
  const entry = useMemo(() => (focusedRow >= 0 ? null : entryOf(rows, shown)), [rows, shown, focusedRow]);
  const stop = focusedRow >= 0 ? focused : entry;

  useLayoutEffect(() => {
    if (wanted.current === null) return;
    const bar = scroller.current?.querySelector<HTMLElement>(`[data-bar="${CSS.escape(wanted.current)}"]`);
    if (bar == null) return;
    wanted.current = null;
    bar.focus({ preventScroll: true });
  });

  const goTo = useCallback(
    ({ row, bar }: Neighbour) => {
      const box = scroller.current;
      wanted.current = bar.key;
      setFocused(bar.key);
      if (box === null) return;
      const [top, left] = [tops[row] ?? 0, bar.from * column];
      const [roomY, roomX] = [box.clientHeight - sizes.top - sizes.unit, box.clientWidth - sizes.head];
      const isSeen = left >= box.scrollLeft && left <= box.scrollLeft + roomX - column;
      box.scrollTo({
        top: Math.min(top, Math.max(box.scrollTop, top - roomY)),
        left: isSeen ? box.scrollLeft : Math.max(0, left - roomX / 3),
      });
    },
    [scroller, tops, column, sizes],
  );

  const numbers: number[] = [];
  for (let number = shown.first; number < Math.min(shown.end, rows.length); number += 1) numbers.push(number);
  if (focusedRow >= 0 && !numbers.includes(focusedRow)) numbers.push(focusedRow);
  const nowAt = scale.at(now);
  const showsNow = nowAt > 0 && nowAt < columns;

  // One listener for all bars: rows and bars are drawn anew only where something of theirs has changed.
  const barAt = (target: EventTarget): Neighbour | null => {
    if (!(target instanceof Element)) return null;
    const key = target.closest<HTMLElement>("[data-bar]")?.dataset["bar"];
    const number = rowAtElement(target);
    const row = number === null ? undefined : rows[number];
    const bar = row?.kind === "unit" ? row.bars.find((one) => one.key === key) : undefined;
    return number === null || bar === undefined ? null : { row: number, bar };
  };
  const rowAtElement = (target: Element): number | null => {
    const key = target.closest<HTMLElement>("[data-row]")?.dataset["row"];
    const number = rows.findIndex((one) => one.key === key);
    return key === undefined || number < 0 ? null : number;
  };
  const press = (event: React.PointerEvent) => {
    const at = barAt(event.target);
    if (at !== null) {
      props.onBarDown?.(event, at, grid);
      return;
    }
    const number = event.target instanceof Element && event.target.closest("[data-lane]") !== null ? rowAtElement(event.target) : null;
    if (number !== null) props.onLaneDown?.(event, number, grid);
  };
  const type = (event: React.KeyboardEvent) => {
    const at = barAt(event.target);
    if (at === null) return;
    if (props.onBarKey?.(event, at, grid) === true) {
      event.preventDefault();
      return;
    }
    if (!isArrow(event.key)) return;
    event.preventDefault();
    const next = neighbourOf(rows, at, event.key);
    if (next !== null) goTo(next);
  };

  return (
    <div ref={scroller} className={styles.scroll} role="group" aria-label={props.label} tabIndex={-1}>
      <div
        className={styles.tape}
        onPointerDown={press}
        onKeyDown={type}
        onFocus={(event) => {
          const at = barAt(event.target);
          if (at !== null) setFocused(at.bar.key);
        }}
        onClick={(event) => {
          const at = barAt(event.target);
          if (at !== null) props.open(at.bar);
        }}
        style={{ width: sizes.head + columns * column, height: sizes.top + height + 112, "--column": `${column}px`, "--head": `${sizes.head}px`, "--bar": `${sizes.bar}px` } as React.CSSProperties}
      >
        <div className={styles.header} style={{ height: sizes.top }}>
          <div className={styles.corner}>{props.corner}</div>
          <div className={styles.columns}>{props.header(column, shown.from, shown.until)}</div>
        </div>
        {scale.columns.slice(shown.from, shown.until).map(({ on, startsAt }, index) =>
          isWeekend(on) ? <div key={startsAt} className={styles.weekend} style={{ left: sizes.head + (shown.from + index) * column, top: sizes.top }} /> : null,
        )}
        {showsNow && <div className={styles.now} style={{ left: sizes.head + nowAt * column, top: sizes.top - 12 }} aria-hidden="true" />}
        {numbers.map((number) => {
          const row = rows[number];
          if (row === undefined) return null;
          const place = { top: sizes.top + (tops[number] ?? 0), height: sizes[row.kind] };
          const of = locks.get(row.resource.resource_id) ?? NO_LOCKS;
          if (row.kind === "group") {
            return <GroupLine key={row.key} row={row} place={place} column={column} from={shown.from} until={shown.until} locks={of} scale={scale} fold={props.fold} />;
          }
          return (
            <UnitLine
              key={row.key}
              row={row}
              place={place}
              column={column}
              from={shown.from}
              until={shown.until}
              locks={of}
              scale={scale}
              stop={row.bars.some(({ key }) => key === stop) ? stop : null}
              dragged={row.bars.some(({ key }) => key === dragged) ? dragged : null}
            />
          );
        })}
        {props.children?.(grid)}
      </div>
    </div>
  );
}

function isWeekend(on: string): boolean {
  return new Date(`${on}T00:00:00Z`).getUTCDay() % 6 === 0;
}

function isArrow(key: string): key is "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown" {
  return key === "ArrowLeft" || key === "ArrowRight" || key === "ArrowUp" || key === "ArrowDown";
}

function entryOf(rows: readonly Row[], { first, end, from, until }: Window): string | null {
  for (const row of rows.slice(first, end)) {
    if (row.kind !== "unit") continue;
    const bar = row.bars.find((one) => one.until > from && one.from < until);
    if (bar !== undefined) return bar.key;
  }
  return null;
}

