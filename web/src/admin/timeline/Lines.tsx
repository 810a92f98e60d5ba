import { memo } from "react";

import { Avatar } from "@/admin/Avatar";
import { BarLink } from "@/admin/timeline/BarLink";
import { Symbol } from "@/admin/timeline/Symbol";
import styles from "@/admin/timeline/Tape.module.css";
import { type Bar, type Block, type GroupRow, type UnitRow, within } from "@/admin/timeline/rows";
import type { Scale } from "@/admin/timeline/scale";
import type { EditLock } from "@/realtime/locks";
import { useWords } from "@/texts/admin";

interface Shared {
  place: { top: number; height: number };
  column: number;
  /** The columns that are drawn: half-open. */
  from: number;
  until: number;
  /** Locks of others on the resource. */
  locks: readonly EditLock[];
  scale: Scale;
}

type GroupProps = Shared & { row: GroupRow; fold: (id: string) => void };

/** Whether a line would be drawn as it is; its place is another object each time. */
function isSame<Props extends Shared>({ place, ...before }: Props, { place: next, ...after }: Props): boolean {
  if (place.top !== next.top || place.height !== next.height) return false;
  return (Object.keys(after) as (keyof typeof after)[]).every((name) => Object.is(before[name], after[name]));
}

/** A resource: its name, and on each day how many of it are free. */
export const GroupLine = memo(
  function GroupLine({ row, place, column, from, until, locks, scale, fold }: GroupProps) {
    const { text } = useWords();
    const { resource, isOpen } = row;
    const blackouts = row.blocks.filter(({ kind }) => kind === "blackout");
    const byDay = new Map(resource.days.map((day) => [day.on, day]));
    const columns = scale.columns.slice(from, until).map((one, index) => ({ ...one, place: from + index }));
    return (
      <div className={`${styles.line} ${styles.group}`} style={{ ...place }}>
        <button type="button" className={styles.name} aria-expanded={isOpen} onClick={() => fold(resource.resource_id)}>
          <Symbol name={isOpen ? "down" : "right"} />
          <b className="clip">{resource.name}</b>
          <span className="muted small">{resource.capacity}</span>
        </button>
        <div className={styles.lane}>
          {blackouts.map((one) => (
            <Blocked key={one.key} block={one} column={column} />
          ))}
          {columns.map(({ on, startsAt, place: at }) => {
            const day = byDay.get(on);
            // A day is said once, above its first hour.
            if (day === undefined || scale.columns[at - 1]?.on === on || blackouts.some((one) => one.from <= at && at < one.until)) return null;
            const free = resource.capacity - day.occupied - day.closed - day.taken_elsewhere;
            return (
              <span key={startsAt} className={free > 0 ? styles.free : styles.full} style={{ left: at * column }}>
                {free > 0 ? text("timeline.free", { count: free }) : text("timeline.full")}
              </span>
            );
          })}
          {locks.map((lock) => (
            <Locked key={lock.id} lock={lock} scale={scale} column={column} />
          ))}
        </div>
      </div>
    );
  },
  isSame,
);

type UnitProps = Shared & {
  row: UnitRow;
  /** The bar of this row that the tab key reaches. */
  stop: string | null;
  dragged: string | null;
};

/** A unit, or a lane where any units will do, with what lies on it. */
export const UnitLine = memo(
  function UnitLine({ row, place, column, from, until, locks, scale, stop, dragged }: UnitProps) {
    const { text } = useWords();
    const isAlone = row.resource.capacity === 1;
    return (
      <div className={styles.line} style={{ ...place }} data-row={row.key}>
        <div className={styles.unit}>
          <span className="clip">{row.unit === null ? "" : (row.label ?? text("timeline.unit.number", { number: row.unit }))}</span>
        </div>
        <div className={styles.lane} data-lane="">
          {within(row.blocks, from, until).map((one) => (
            <Blocked key={one.key} block={one} column={column} isQuiet={one.kind === "blackout"} />
          ))}
          {row.bars.map((bar) =>
            (bar.until > from && bar.from < until) || bar.key === stop ? (
              <BarLink
                key={bar.key}
                bar={bar}
                column={column}
                isStop={bar.key === stop}
                isDragged={bar.key === dragged}
                lock={lockOn(bar, locks)}
              />
            ) : null,
          )}
          {isAlone &&
            locks
              .filter((lock) => !row.bars.some((bar) => overlaps(bar, lock)))
              .map((lock) => <Locked key={lock.id} lock={lock} scale={scale} column={column} />)}
        </div>
      </div>
    );
  },
  isSame,
);

function overlaps({ lying }: Bar, lock: EditLock): boolean {
  return Date.parse(lying.here_from) < lock.endsAt && lock.startsAt < Date.parse(lying.here_until);
}

/** The lock that a bar waits for: one on the resource while the guest is there. */
function lockOn(bar: Bar, locks: readonly EditLock[]): EditLock | null {
  return locks.find((lock) => overlaps(bar, lock)) ?? null;
}

function Blocked({ block, column, isQuiet = false }: { block: Block; column: number; isQuiet?: boolean }) {
  const { text } = useWords();
  const { kind, reason, from, until } = block;
  const word = kind === "closure" ? text("timeline.closed") : kind === "elsewhere" ? text("timeline.elsewhere") : null;
  const said = [word, reason].filter((one) => one !== null).join(": ");
  return (
    <span className={`${styles.block} ${styles[kind] ?? ""}`} style={{ left: from * column, width: (until - from) * column }} title={said || undefined}>
      {said !== "" && !isQuiet && (
        <span className={styles.why}>
          {word !== null && <b>{word}</b>} {reason}
        </span>
      )}
    </span>
  );
}

function Locked({ lock, scale, column }: { lock: EditLock; scale: Scale; column: number }) {
  const { text } = useWords();
  const [from, until] = [scale.at(lock.startsAt), scale.at(lock.endsAt)];
  if (from >= until) return null;
  const name = lock.holderName ?? text("timeline.somebody");
  return (
    <span className={styles.locked} style={{ left: from * column, width: (until - from) * column }} title={text("timeline.editing", { name })}>
      <Avatar name={name} kind="lock" />
      <span className="clip" dir="auto">
        {name}
      </span>
    </span>
  );
}
