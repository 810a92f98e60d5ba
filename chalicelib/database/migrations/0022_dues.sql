-- What is owed of a reservation beyond its price, what a cancellation retains at least, when its guest left;
-- and changes that wait for approval.
-- No database holds enough yet for these short locks to matter, and one transaction leaves nothing half-done:
-- squawk-ignore-file constraint-missing-not-valid

ALTER TABLE reservations
ADD COLUMN retained bigint NOT NULL DEFAULT 0 CHECK (retained >= 0),
ADD COLUMN nonrefundable bigint NOT NULL DEFAULT 0 CHECK (nonrefundable >= 0),
ADD COLUMN checked_out_at timestamptz;

COMMENT ON COLUMN reservations.retained IS
'What is owed of what was given up, in minor units: on top of the price while that is owed, otherwise all that is.';

COMMENT ON COLUMN reservations.nonrefundable IS
'What a cancellation retains at least: as much as one would have before the reservation was moved.';

COMMENT ON COLUMN reservations.checked_out_at IS
'When the guest was checked out. Before the end: from then on, with the buffer after it, the units are free.';

ALTER TABLE reservation_changes
ADD COLUMN waits_for text NOT NULL DEFAULT 'room' CHECK (waits_for IN ('room', 'approval'));

ALTER TABLE daily_statistics
ADD COLUMN retained bigint NOT NULL DEFAULT 0 CHECK (retained >= 0);

-- Row security would hide every row from their owner.
ALTER TABLE reservations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE events NO FORCE ROW LEVEL SECURITY;
ALTER TABLE daily_statistics NO FORCE ROW LEVEL SECURITY;
-- A cancellation's event says what was given back. What was never confirmed was never owed, whatever it says.
UPDATE reservations AS reservation
SET retained = greatest(
    0, (reservation.price ->> 'total')::bigint - coalesce((cancelled.after ->> 'refund')::bigint, 0)
)
FROM events AS cancelled
WHERE
    cancelled.tenant_id = reservation.tenant_id
    AND cancelled.entity_id = reservation.id
    AND cancelled.entity_kind = 'reservation'
    AND cancelled.type = 'reservation.cancelled'
    AND cancelled.before ->> 'state' = 'confirmed'
    AND reservation.state = 'cancelled';
UPDATE reservations AS reservation
SET retained = (reservation.price ->> 'total')::bigint
WHERE reservation.state = 'no_show';
-- Days without lead times are made again when statistics are asked for next.
UPDATE daily_statistics AS kept
SET lead_times = NULL
WHERE kept.cancelled > 0 OR kept.no_shows > 0;
ALTER TABLE daily_statistics FORCE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
ALTER TABLE reservations FORCE ROW LEVEL SECURITY;

CREATE OR REPLACE FUNCTION reservation_facts(reservation reservations, units int4multirange) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object(
    'state', reservation.state,
    'version', reservation.version,
    'resource_id', reservation.resource_id,
    'guest_id', reservation.guest_id,
    'starts_at', instant_text(reservation.starts_at),
    'ends_at', instant_text(reservation.ends_at),
    'check_in_on', reservation.check_in_on,
    'check_out_on', reservation.check_out_on,
    'quantity', reservation.quantity,
    'party_size', reservation.party_size,
    'units', coalesce(translate(units::text, '{})', '[]]')::jsonb, '[]'),
    'units_promised', reservation.units_promised,
    'price', reservation.price,
    'due', CASE
        WHEN reservation.state IN ('confirmed', 'checked_in', 'completed') THEN (reservation.price ->> 'total')::bigint
        ELSE 0
    END + reservation.retained,
    'retained', reservation.retained,
    'policy_id', reservation.policy_id,
    'policy_version', reservation.policy_version,
    'hold_expires_at', instant_text(reservation.hold_expires_at),
    'checked_out_at', instant_text(reservation.checked_out_at)
);

-- Who leaves early keeps what is past, and what is to come is free.
GRANT UPDATE (during) ON allocations TO berth_app;
