import { useEffect, useState } from "react";

import type { Schemas } from "@/api/client";
import { failureOf, type Refused } from "@/api/problems";
import type { Change, Reservation } from "@/public/manage/managed";
import { preview } from "@/public/manage/writes";

export type Verdict =
  | { state: "none" | "waiting" }
  | { state: "possible"; preview: Schemas["PreviewedReservation"] }
  | { state: "refused"; refused: Refused };

const PAUSE_MS = 150;

/** What the API says a change would come to, asked a moment after the last wish; the answer to the last one wins. */
export function usePreview(tenant: string, reservation: Reservation, token: string, change: Change | null): Verdict {
  const wish = change === null ? "" : `${reservation.version} ${JSON.stringify(change)}`;
  const [found, setFound] = useState<{ wish: string; verdict: Verdict }>({ wish: "", verdict: { state: "none" } });
  useEffect(() => {
    if (wish === "") return;
    const controller = new AbortController();
    const timer = setTimeout(() => {
      const asked = JSON.parse(wish.slice(wish.indexOf(" ") + 1)) as Change;
      preview(controller.signal, tenant, reservation.id, token, asked).then(
        (preview) => setFound({ wish, verdict: { state: "possible", preview } }),
        (thrown: unknown) => {
          const refused = failureOf(thrown);
          if (refused !== null && !controller.signal.aborted) setFound({ wish, verdict: { state: "refused", refused } });
        },
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [wish, tenant, reservation.id, token]);
  if (wish === "") return { state: "none" };
  return found.wish === wish ? found.verdict : { state: "waiting" };
}
