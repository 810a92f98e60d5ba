import { useEffect, useState } from "react";

import type { Reservation } from "@/admin/reservations/queries";
import type { OwnLock } from "@/realtime/locks";
import { useRealtime } from "@/realtime/Realtime";
import { SocketRefused } from "@/realtime/socket";

interface Claim {
  /** For the header `Edit-Lock`; null while there is no lock: the API refuses what others have taken, with or without. */
  fencing: number | null;
  refusal: string | null;
}

/** Tell the others that one is editing this, for as long as the form is open. */
export function useOwnLock({ resource_id, starts_at, ends_at }: Reservation): Claim {
  const realtime = useRealtime();
  const [claim, setClaim] = useState<Claim>({ fencing: null, refusal: null });
  useEffect(() => {
    let isOver = false;
    let own: OwnLock | null = null;
    realtime.locks.acquire(resource_id, Date.parse(starts_at), Date.parse(ends_at), () => setClaim({ fencing: null, refusal: null })).then(
      (lock) => {
        own = lock;
        if (isOver) void realtime.locks.release(lock);
        else setClaim({ fencing: lock.fencing, refusal: null });
      },
      (thrown: unknown) => {
        if (!isOver && thrown instanceof SocketRefused) setClaim({ fencing: null, refusal: thrown.message });
      },
    );
    return () => {
      isOver = true;
      if (own !== null) void realtime.locks.release(own);
    };
  }, [realtime, resource_id, starts_at, ends_at]);
  return claim;
}
