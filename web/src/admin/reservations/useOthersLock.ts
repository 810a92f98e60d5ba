import type { Reservation } from "@/admin/reservations/queries";
import { useDesk } from "@/admin/tenant";
import type { EditLock } from "@/realtime/locks";
import { useLocks } from "@/realtime/Realtime";

/** Somebody else's claim on what this reservation takes; live. */
export function useOthersLock(reservation: Reservation | undefined): EditLock | null {
  const { me } = useDesk();
  const locks = useLocks();
  if (reservation === undefined) return null;
  const [from, until] = [Date.parse(reservation.starts_at), Date.parse(reservation.ends_at)];
  for (const lock of locks.values()) {
    const isMine = lock.holderId === me.user.id;
    if (!isMine && lock.resourceId === reservation.resource_id && lock.startsAt < until && from < lock.endsAt) return lock;
  }
  return null;
}
