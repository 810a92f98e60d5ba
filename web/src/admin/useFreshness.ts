import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";

import type { ServerMessage } from "@/realtime/messages";
import { useMessages } from "@/realtime/Realtime";

/** What these queries show changes with reservations, closures, guests and who waits. */
const AFFECTED = new Set<unknown>(["audit-new", "calendar", "day", "guest", "guests", "reservation", "reservations", "waitlist"]);
const PAUSE_MS = 300;

/** Read anew what is on the page once others change it; many changes at once are one reason. */
export function useFreshness(tenant: string): void {
  const client = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const refresh = useCallback(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      void client.invalidateQueries({ predicate: ({ queryKey: [of, kind] }) => of === tenant && AFFECTED.has(kind) });
    }, PAUSE_MS);
  }, [client, tenant]);
  const hear = useCallback(
    ({ type }: ServerMessage) => {
      if (/^(?:reservation|closure|waitlist|guest)\./.test(type)) refresh();
    },
    [refresh],
  );
  useMessages(hear, refresh);
  useEffect(() => () => clearTimeout(timer.current), []);
}
