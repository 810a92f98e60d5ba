import { useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";

import { merged, type Period, readResource, type Timeline, timelineQuery, touchedBy } from "@/admin/timeline/data";
import { useMessages, useRealtime } from "@/realtime/Realtime";

/** Messages that come close together are one reading. */
const PAUSE_MS = 120;
/** More resources than that are read all at once. */
const MOST_ONE_BY_ONE = 4;

/** The timeline of a period, as it is now: what messages are about is read anew. */
export function useTimeline(tenant: string, period: Period): { query: UseQueryResult<Timeline>; refresh: (ids: readonly string[]) => Promise<void> } {
  const { socket } = useRealtime();
  const client = useQueryClient();
  const { from, until, ended } = period;
  const query = useQuery(timelineQuery(tenant, period));
  const touched = useRef<Set<string> | "all">(new Set());
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const stop = useRef<AbortController>(undefined);

  const refresh = useCallback(
    async (ids: readonly string[]) => {
      const { queryKey } = timelineQuery(tenant, { from, until, ended });
      stop.current ??= new AbortController();
      const { signal } = stop.current;
      const read = (id: string) => readResource(tenant, { from, until, ended }, id, socket.position(), signal);
      try {
        for (const part of await Promise.all(ids.map(read))) client.setQueryData(queryKey, (known) => known && merged(known, part));
      } catch {
        // What it is now is not known: all of it is read again, and says so where it cannot be.
        if (!signal.aborted) await client.invalidateQueries({ queryKey });
      }
    },
    [client, socket, tenant, from, until, ended],
  );

  const readTouched = useCallback(() => {
    const ids = touched.current;
    touched.current = new Set();
    if (ids === "all" || ids.size > MOST_ONE_BY_ONE) void client.invalidateQueries({ queryKey: [tenant, "timeline"] });
    else void refresh([...ids]);
  }, [client, tenant, refresh]);

  const touch = useCallback(
    (ids: readonly string[] | "all") => {
      if (ids.length === 0) return;
      if (ids === "all" || touched.current === "all") touched.current = "all";
      else for (const id of ids) touched.current.add(id);
      clearTimeout(timer.current);
      timer.current = setTimeout(readTouched, PAUSE_MS);
    },
    [readTouched],
  );

  useMessages(
    useCallback((message) => touch(touchedBy(message)), [touch]),
    useCallback(() => touch("all"), [touch]),
  );
  useEffect(
    () => () => {
      clearTimeout(timer.current);
      stop.current?.abort();
      stop.current = undefined;
    },
    [tenant, from, until, ended],
  );
  return { query, refresh };
}
