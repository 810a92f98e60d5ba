-- An allocation says until when it is only held: what reads it needs no look at the reservation to know that it is
-- free again.
ALTER TABLE allocations ADD COLUMN held_until timestamptz;

COMMENT ON COLUMN allocations.held_until IS
'The end of the hold that it belongs to: its units are free again then, swept or not. NULL: it blocks until removed.';

-- Row security would hide every row from their owner.
ALTER TABLE reservations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE allocations NO FORCE ROW LEVEL SECURITY;
UPDATE allocations AS allocation
SET held_until = reservation.hold_expires_at
FROM reservations AS reservation
WHERE
    allocation.tenant_id = reservation.tenant_id
    AND allocation.owner_id = reservation.id
    AND reservation.hold_expires_at IS NOT NULL;
ALTER TABLE allocations FORCE ROW LEVEL SECURITY;
ALTER TABLE reservations FORCE ROW LEVEL SECURITY;

GRANT UPDATE (held_until) ON allocations TO berth_app, berth_jobs;
