import type { RefObject } from "react";

import { reasonOf } from "@/admin/Failed";
import { spanOf } from "@/admin/timeline/BarLink";
import type { Drag, Dragging } from "@/admin/timeline/drag";
import { type Alternative, type Verdict, wishFor } from "@/admin/timeline/requests";
import type { Row } from "@/admin/timeline/rows";
import { Symbol } from "@/admin/timeline/Symbol";
import type { Grid } from "@/admin/timeline/Tape";
import styles from "@/admin/timeline/Tape.module.css";
import { placeOf, type Wish } from "@/admin/timeline/wish";
import { useStore } from "@/realtime/store";
import { type AdminSpeech, useWords } from "@/texts/admin";
import { Button } from "@/ui/Button";

const MOST_CHOICES = 4;

/** Where what is dragged would lie, and what the API says of it. */
export function Ghost({ dragging, grid, scroller }: { dragging: Dragging; grid: Grid; scroller: RefObject<HTMLDivElement | null> }) {
  const drag = useStore(dragging.current);
  const words = useWords();
  if (drag === null || (drag.wish === null && drag.verdict.kind !== "no")) return null;
  const { wish, verdict } = drag;
  const row = wish === null ? -1 : rowFor(grid.rows, wish);
  const { from, until } = wish === null ? { from: 0, until: 0 } : placeOf(wish, grid.scale, stayHours(grid, wish));
  const top = grid.sizes.top + (grid.tops[Math.max(0, row)] ?? 0);
  const left = grid.sizes.head + from * grid.column;
  return (
    <>
      {row >= 0 && (
        <div
          className={`${styles.ghost} ${verdict.kind === "ok" ? (styles.ok ?? "") : verdict.kind === "no" ? (styles.no ?? "") : ""}`}
          style={{ left, width: Math.max(8, (until - from) * grid.column), top: top + grid.sizes.unit / 2 }}
        >
          {verdict.kind === "no" && <Symbol name="no" />}
          <span className="clip" dir="auto">
            {wish === null || wish.kind === "create" ? words.text("timeline.new") : wish.lying.guest_name}
          </span>
        </div>
      )}
      <div
        className={`${styles.pill} ${verdict.kind === "ok" ? (styles.good ?? "") : verdict.kind === "no" ? (styles.bad ?? "") : ""}`}
        style={{ left, top: top + grid.sizes.unit + 2 }}
        ref={(pill) => keepInView(pill, scroller.current, left, top, grid.sizes)}
        data-drag={drag.phase}
      >
        <Said drag={drag} words={words} />
        {drag.phase === "standing" && <Choices drag={drag} dragging={dragging} words={words} />}
      </div>
    </>
  );
}

/** Put the pill below its row, above it where there is no room, and never beyond the window. */
function keepInView(pill: HTMLDivElement | null, box: HTMLDivElement | null, left: number, top: number, sizes: Grid["sizes"]): void {
  if (pill === null || box === null) return;
  const [least, most] = [box.scrollLeft + 8, box.scrollLeft + box.clientWidth - pill.offsetWidth - 8];
  pill.style.left = `${Math.max(least, Math.min(left, most))}px`;
  const isBelow = top + sizes.unit + pill.offsetHeight + 8 <= box.scrollTop + box.clientHeight;
  pill.style.top = `${isBelow ? top + sizes.unit + 2 : Math.max(box.scrollTop + sizes.top, top - pill.offsetHeight - 4)}px`;
}

function Said({ drag: { verdict, wish, phase }, words }: { drag: Drag; words: AdminSpeech }) {
  const span = wish === null ? null : words.text("timeline.span", spanOf(wish.times, words));
  return (
    <>
      <b>{phase === "saving" ? words.text("timeline.saving") : <Headline verdict={verdict} words={words} />}</b>
      <span role="status">
        {verdict.kind === "no" ? reasonOf(verdict.refused, words) : span}
        {verdict.kind === "ok" && verdict.change.total !== 0 && (
          <>
            <br />
            {words.money(verdict.before)} → <strong>{words.money(verdict.after)}</strong>
          </>
        )}
        {verdict.kind === "ok" && verdict.waits && (
          <>
            <br />
            {words.text("timeline.would.wait")}
          </>
        )}
      </span>
    </>
  );
}

function Headline({ verdict, words }: { verdict: Verdict; words: AdminSpeech }) {
  if (verdict.kind === "asking") return <>{words.text("timeline.asking")}</>;
  if (verdict.kind === "no") {
    return (
      <>
        <Symbol name="no" /> {words.text("timeline.refused")}
      </>
    );
  }
  const { change } = verdict;
  const money = change.total === 0 ? "" : `, ${change.total > 0 ? "+" : "−"}${words.shortMoney({ ...change, total: Math.abs(change.total) })}`;
  return (
    <>
      <Symbol name="check" /> {words.text("timeline.ok")}
      {money}
    </>
  );
}

function Choices({ drag, dragging, words }: { drag: Drag; dragging: Dragging; words: AdminSpeech }) {
  const { verdict, wish } = drag;
  const found: Alternative[] = verdict.kind === "no" ? (verdict.refused.problem?.alternatives ?? []) : [];
  return (
    <span className={styles.choices}>
      {wish !== null &&
        found.slice(0, MOST_CHOICES).flatMap((one) => {
          const instead = wishFor(wish, one);
          if (instead === null) return [];
          const span = words.text("timeline.span", spanOf(instead.times, words));
          return (
            <button key={`${one.resource_id} ${one.unit} ${one.starts_at} ${one.ends_at}`} type="button" className={styles.chip} onClick={() => dragging.choose(instead)}>
              {one.resource_id === wish.resourceId ? span : `${one.resource_name}, ${span}`}
            </button>
          );
        })}
      {verdict.kind === "ok" && (
        <Button kind="primary" onClick={() => dragging.drop()}>
          {words.text("timeline.save")}
        </Button>
      )}
      <Button onClick={dragging.end}>{words.text("timeline.cancel")}</Button>
    </span>
  );
}

function rowFor(rows: readonly Row[], wish: Wish): number {
  const own = rows.findIndex((row) => row.kind === "unit" && row.resource.resource_id === wish.resourceId && (wish.unit === null || row.unit === wish.unit));
  return own >= 0 ? own : rows.findIndex((row) => row.resource.resource_id === wish.resourceId);
}

/** At which part of a day stays of the resource begin and end, as its own bars show it. */
function stayHours({ rows, scale }: Grid, wish: Wish): { checkIn: number; checkOut: number } {
  for (const row of rows) {
    if (row.kind !== "unit" || row.resource.resource_id !== wish.resourceId) continue;
    const whole = row.bars.find(({ cutStart, cutEnd }) => !cutStart && !cutEnd);
    if (whole !== undefined) return { checkIn: partOf(scale, whole.from), checkOut: partOf(scale, whole.until) };
  }
  return { checkIn: 0, checkOut: 0 };
}

function partOf(scale: Grid["scale"], place: number): number {
  const column = scale.columns[Math.floor(place)];
  const first = column === undefined ? 0 : scale.columns.findIndex(({ on }) => on === column.on);
  return place - first;
}
