-- Reservations and changes that wait for room or for approval; see waiting/promote_pending.py.

-- name: read_rivals
-- Who has, or waits for, the resource during a time. Buffers of those who wait are left out: this only tells people.
SELECT
    reservation.id,
    reservation.starts_at,
    reservation.ends_at,
    reservation.quantity,
    reservation.party_size,
    (
        SELECT sum(upper(run.units) - lower(run.units))
        FROM allocations AS own, unnest(own.units * %(places)s::int4multirange) AS run (units)
        WHERE
            own.tenant_id = reservation.tenant_id
            AND own.owner_id = reservation.id
            AND own.owner_kind = 'reservation'
            AND own.part = 0
    )::integer AS units
FROM reservations AS reservation
WHERE
    reservation.tenant_id = current_tenant_id()
    AND reservation.id != %(except_reservation)s
    AND reservation.id IN (
        SELECT waiting.id
        FROM reservations AS waiting
        WHERE
            waiting.tenant_id = current_tenant_id()
            AND waiting.resource_id = %(resource_id)s
            AND waiting.state = 'pending'
            AND waiting.starts_at < %(ends_at)s
            AND waiting.ends_at > %(starts_at)s
        UNION ALL
        SELECT allocation.owner_id
        FROM allocations AS allocation
        WHERE
            allocation.tenant_id = current_tenant_id()
            AND allocation.inventory_id = %(inventory_id)s
            AND allocation.owner_kind = 'reservation'
            AND allocation.units && %(places)s::int4multirange
            AND allocation.starts_at < %(ends_at)s
            AND allocation.ends_at > %(starts_at)s
            AND (allocation.held_until IS NULL OR allocation.held_until > clock_now())
    )
ORDER BY reservation.created_at, reservation.id;

-- name: add_change
INSERT INTO reservation_changes (
    id, tenant_id, reservation_id, state, action, resource_id, starts_at, ends_at, check_in_on, check_out_on, quantity,
    party_size, unit, overridden, waits_for, policy_id, policy_version, due_at, created_at
)
VALUES (
    %(id)s, current_tenant_id(), %(reservation_id)s, 'waiting', %(action)s, %(resource_id)s, %(starts_at)s, %(ends_at)s,
    %(check_in_on)s, %(check_out_on)s, %(quantity)s, %(party_size)s, %(unit)s, %(overridden)s, %(waits_for)s,
    %(policy_id)s, %(policy_version)s, %(due_at)s, %(created_at)s
);

-- name: decide_change
UPDATE reservation_changes
SET state = %(state)s, decided_at = %(decided_at)s
WHERE tenant_id = current_tenant_id() AND reservation_id = %(reservation_id)s AND state = 'waiting';

-- name: list_changes
SELECT
    to_jsonb(change) AS change,
    change.state,
    change.decided_at
FROM reservation_changes AS change
WHERE change.tenant_id = current_tenant_id() AND change.reservation_id = %(reservation_id)s
ORDER BY change.id
LIMIT %(limit)s;

-- name: read_applicants
-- Who waits for the approval of something during a time, the oldest first.
SELECT reservation.id
FROM reservations AS reservation
WHERE
    reservation.tenant_id = current_tenant_id()
    AND reservation.resource_id = %(resource_id)s
    AND reservation.state = 'pending'
    AND reservation.waits_for = 'approval'
    AND reservation.starts_at < %(ends_at)s
    AND reservation.ends_at > %(starts_at)s
ORDER BY reservation.updated_at, reservation.id
LIMIT %(limit)s;
