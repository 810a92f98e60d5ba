import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";

import { DESK } from "@/admin/access";
import { addDays, dayOf, useNow } from "@/admin/clock";
import { Failed, Stale } from "@/admin/Failed";
import { useShortcut } from "@/admin/shortcuts";
import { useDesk } from "@/admin/tenant";
import { Ghost } from "@/admin/timeline/Ghost";
import { Head, takenByDay } from "@/admin/timeline/Head";
import { Legend } from "@/admin/timeline/Legend";
import { type Draft, NewReservation } from "@/admin/timeline/NewReservation";
import { Peek } from "@/admin/timeline/Peek";
import { foldedOf, type Lying, rowsOf, type TimelineResource } from "@/admin/timeline/rows";
import { Scale } from "@/admin/timeline/scale";
import { SPANS, type TimelineSearch, type Zoom } from "@/admin/timeline/search";
import { type Grid, type Sizes, Tape } from "@/admin/timeline/Tape";
import styles from "@/admin/timeline/Timeline.module.css";
import { Tools } from "@/admin/timeline/Tools";
import { Tray } from "@/admin/timeline/Tray";
import { useDragging } from "@/admin/timeline/useDragging";
import { useMedia } from "@/admin/timeline/useMedia";
import { useTimeline } from "@/admin/timeline/useTimeline";
import { toasts } from "@/admin/toasts";
import type { EditLock } from "@/realtime/locks";
import { useLiveness, useLocks, useRealtime } from "@/realtime/Realtime";
import { useStore } from "@/realtime/store";
import { useWords } from "@/texts/admin";
import { Empty } from "@/ui/Empty";
import { Bone, Skeleton } from "@/ui/Skeleton";

const USUAL: Sizes = { head: 168, group: 28, unit: 36, bar: 28, least: 54, top: 60 };
const LARGE: Sizes = { ...USUAL, group: 30, unit: 44, bar: 34 };
const PHONE: Sizes = { head: 88, group: 30, unit: 44, bar: 34, least: 52, top: 60 };
const NOBODY: readonly TimelineResource[] = [];

/** Who is where: resources and their units by days or hours, live, and moved by hand. */
export function TimelinePage() {
  const { tenant, site, membership } = useDesk();
  const words = useWords();
  const { text } = words;
  const now = useNow();
  const today = dayOf(now, site.timezone);
  const search: TimelineSearch = useSearch({ from: "/$tenant/timeline" });
  const navigate = useNavigate({ from: "/$tenant/timeline" });
  const zoom: Zoom = search.zoom ?? "weeks";
  const from = search.from ?? addDays(today, zoom === "hours" ? 0 : -1);
  const until = addDays(from, SPANS[zoom].days);
  const ended = search.ended === true;
  const { query, refresh } = useTimeline(tenant, { from, until, ended });
  const isPhone = useMedia("(width < 760px)");
  const isLarge = useMedia("(width >= 1500px) and (height >= 940px)");
  const sizes = isPhone ? PHONE : isLarge ? LARGE : USUAL;
  /** Those that were folded up or opened by hand; the others are open unless nothing of them is offered. */
  const [byHand, setByHand] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [peek, setPeek] = useState<{ lying: Lying; resource: TimelineResource } | null>(null);
  const [draft, setDraft] = useState<Draft | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const shownGrid = useRef<Grid | null>(null);

  const { data } = query;
  const all = data?.resources ?? NOBODY;
  const resources = useMemo(() => (search.resource === undefined ? all : all.filter(({ slug }) => slug === search.resource)), [all, search.resource]);
  const scale = useMemo(() => (zoom === "hours" ? Scale.ofHours(data?.days ?? []) : Scale.ofDays(data?.days ?? [])), [data?.days, zoom]);
  const folded = useMemo(() => foldedOf(resources, data?.notOffered ?? [], data?.days ?? [], byHand), [resources, data, byHand]);
  const rows = useMemo(() => rowsOf(resources, data?.notOffered ?? [], { scale, folded }), [resources, data?.notOffered, scale, folded]);
  const locks = useLocksOfOthers();
  const liveness = useLiveness();

  const create = useCallback((drag: { key: string; wish: unknown; verdict: Draft["verdict"] }, fencing: number | null) => {
    setDraft({ key: drag.key, wish: drag.wish as Draft["wish"], fencing, verdict: drag.verdict });
  }, []);
  const mayWrite = DESK.includes(membership.role);
  const drag = useDragging({ tenant, mayWrite, scroller, refresh, create });
  const dragged = useStore(drag.dragging.current)?.bar ?? null;

  const go = useCallback((changes: TimelineSearch) => void navigate({ search: (before: TimelineSearch) => ({ ...before, ...changes }), replace: true }), [navigate]);
  const step = (way: 1 | -1) => go({ from: addDays(from, way * SPANS[zoom].step) });
  const toToday = () => {
    go({ from: undefined });
    scroller.current?.scrollTo({ left: 0 });
  };
  // A day by the hour begins in the middle of the night: who opens it looks for now.
  const opened = `${tenant} ${zoom} ${from}`;
  useEffect(() => {
    const box = scroller.current;
    if (box !== null && data !== undefined) box.scrollTo({ left: zoom === "hours" ? hourLeft(scale, Date.now(), box) : 0 });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once for each period, not whenever what is shown changes
  }, [opened, data === undefined]);
  useShortcut("t", text("timeline.today"), toToday);
  const fold = useCallback((id: string) => setByHand((before) => new Map(before).set(id, !folded.has(id))), [folded]);
  const closeDraft = () => {
    setDraft(null);
    drag.dragging.end();
  };
  const openOf = (lying: Lying, resourceId: string) => {
    const resource = all.find(({ resource_id }) => resource_id === resourceId);
    if (!drag.wasDragged.current && resource !== undefined) setPeek({ lying, resource });
  };
  const draftResource = draft === null ? undefined : all.find(({ resource_id }) => resource_id === draft.wish.resourceId);
  const isByHour = zoom === "hours";

  return (
    <div className={styles.page}>
      <Tools
        zoom={zoom}
        from={from}
        until={until}
        ended={ended}
        resources={all}
        resource={search.resource}
        taken={takenByDay(all).get(today)}
        step={step}
        toToday={toToday}
        go={go}
      />
      {liveness === "waiting" && data !== undefined && (
        <p className={styles.offline} role="status">
          {text("timeline.offline", { time: words.instant(new Date(query.dataUpdatedAt).toISOString(), { timeStyle: "short" }) })}
        </p>
      )}
      {query.isError && data !== undefined && <Stale error={query.error} at={query.dataUpdatedAt} retry={() => void query.refetch()} />}
      {data === undefined ? (
        <div className={styles.waiting}>
          {query.isError ? (
            <Failed error={query.error} retry={() => void query.refetch()} />
          ) : (
            <Skeleton label={text("load.waiting")}>
              {Array.from({ length: 12 }, (_, number) => (
                <Bone key={number} height={`${sizes.unit}px`} />
              ))}
            </Skeleton>
          )}
        </div>
      ) : all.length === 0 ? (
        <div className={styles.waiting}>
          <Empty title={text("timeline.empty")} hint={text("timeline.empty.hint")} />
        </div>
      ) : (
        <div className={styles.work}>
          <Tray
            resources={resources}
            now={now}
            open={({ lying, resource }) => openOf(lying, resource.resource_id)}
            onDown={(event, waiting) => drag.onTicketDown(event, waiting, shownGrid.current)}
          />
          <Tape
            label={text("timeline.tape")}
            rows={rows}
            scale={scale}
            sizes={sizes}
            fitting={zoom === "quarter" ? 30 : isByHour ? 24 : SPANS[zoom].days}
            now={now}
            locks={locks}
            scroller={scroller}
            dragged={dragged}
            fold={fold}
            open={(bar) => openOf(bar.lying, bar.resourceId)}
            onBarDown={drag.onBarDown}
            onLaneDown={drag.onLaneDown}
            onBarKey={drag.onBarKey}
            corner={
              <>
                <span className="small muted">{text("timeline.unit")}</span>
                {!isByHour && <span className="small muted">{text("timeline.taken")}</span>}
              </>
            }
            header={(column, first, end) => <Head scale={scale} resources={resources} column={column} from={first} until={end} today={today} now={now} isByHour={isByHour} />}
          >
            {(grid) => {
              shownGrid.current = grid;
              return draft === null && <Ghost dragging={drag.dragging} grid={grid} scroller={scroller} />;
            }}
          </Tape>
        </div>
      )}
      <Legend ended={ended} />
      {peek !== null && <Peek {...peek} close={() => setPeek(null)} />}
      {draft !== null && draftResource !== undefined && (
        <NewReservation
          tenant={tenant}
          draft={draft}
          resource={draftResource}
          close={closeDraft}
          done={async (guest) => {
            await refresh([draft.wish.resourceId]);
            closeDraft();
            toasts.say(text("timeline.reserved", { guest }));
          }}
        />
      )}
    </div>
  );
}

/** How far to scroll, so that an hour before an instant is the first one. */
function hourLeft(scale: Scale, at: number, { scrollWidth }: HTMLElement): number {
  return (Math.max(0, scale.at(at) - 2) / Math.max(1, scale.columns.length)) * scrollWidth;
}

/** Locks that others hold, by resource. */
function useLocksOfOthers(): ReadonlyMap<string, readonly EditLock[]> {
  const locks = useLocks();
  const { locks: known } = useRealtime();
  return useMemo(() => {
    const found = new Map<string, EditLock[]>();
    for (const lock of locks.values()) if (!known.isOwn(lock.id)) found.set(lock.resourceId, [...(found.get(lock.resourceId) ?? []), lock]);
    return found;
  }, [locks, known]);
}
