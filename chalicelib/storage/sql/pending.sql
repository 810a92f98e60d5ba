-- Reservations and changes that wait for room or for approval; see services/promote_pending.py.

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
        WHERE own.owner_id = reservation.id AND own.owner_kind = 'reservation' AND own.part = 0
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
            allocation.inventory_id = %(inventory_id)s
            AND allocation.owner_kind = 'reservation'
            AND allocation.units && %(places)s::int4multirange
            AND allocation.starts_at < %(ends_at)s
            AND allocation.ends_at > %(starts_at)s
            AND (allocation.held_until IS NULL OR allocation.held_until > clock_now())
    )
ORDER BY reservation.created_at, reservation.id;

-- name: waiting_resources
-- Where somebody waits for room, over all tenants that are not suspended.
SELECT
    tenant.slug,
    waiting.resource_id
FROM (
    SELECT DISTINCT
        reservation.tenant_id,
        reservation.resource_id
    FROM reservations AS reservation
    WHERE reservation.state = 'pending' AND reservation.waits_for = 'room'
    UNION
    SELECT DISTINCT
        change.tenant_id,
        change.resource_id
    FROM reservation_changes AS change
    WHERE change.state = 'waiting' AND change.waits_for = 'room'
) AS waiting
INNER JOIN tenants AS tenant ON waiting.tenant_id = tenant.id
WHERE tenant.suspended_reason IS NULL
ORDER BY tenant.slug, waiting.resource_id;

-- name: read_queue
-- The oldest who wait for room in a resource, after the last one that was looked at; nobody changes them meanwhile.
SELECT
    reservation.id,
    reservation.updated_at AS since,
    reservation.starts_at,
    reservation.ends_at,
    reservation.quantity,
    reservation.party_size,
    reservation.wanted_unit,
    reservation.resource_id,
    reservation.policy_id,
    reservation.policy_version
FROM reservations AS reservation
WHERE
    reservation.tenant_id = current_tenant_id()
    AND reservation.resource_id = %(resource_id)s
    AND reservation.state = 'pending'
    AND reservation.waits_for = 'room'
    AND (reservation.updated_at, reservation.id) > (%(after_at)s, %(after_id)s::uuid)
ORDER BY reservation.updated_at, reservation.id
LIMIT %(limit)s
FOR NO KEY UPDATE;

-- name: read_waiting_changes
SELECT
    change.reservation_id,
    to_jsonb(change) AS change
FROM reservation_changes AS change
WHERE
    change.tenant_id = current_tenant_id()
    AND change.resource_id = %(resource_id)s
    AND change.state = 'waiting'
    AND change.waits_for = 'room'
ORDER BY change.created_at, change.id
LIMIT %(limit)s
FOR UPDATE;

-- name: waiting_in_tenant
SELECT DISTINCT reservation.resource_id
FROM reservations AS reservation
WHERE reservation.tenant_id = current_tenant_id() AND reservation.state = 'pending' AND reservation.waits_for = 'room'
UNION
SELECT DISTINCT change.resource_id
FROM reservation_changes AS change
WHERE change.tenant_id = current_tenant_id() AND change.state = 'waiting' AND change.waits_for = 'room';

-- name: promote
-- Confirms many at once. Nobody else can have changed them, as read_queue locked them.
WITH promoted AS (
    UPDATE reservations AS reservation
    SET
        state = 'confirmed',
        waits_for = NULL,
        due_at = item.due_at,
        retained = greatest(0, reservation.retained - (reservation.price ->> 'total')::bigint),
        version = reservation.version + 1,
        updated_at = %(now)s
    FROM
        unnest(%(ids)s::uuid[], %(due_ats)s::timestamptz[], %(units)s::int4multirange[], %(event_ids)s::uuid[])
            AS item (id, due_at, units, event_id)
    WHERE
        reservation.tenant_id = current_tenant_id()
        AND reservation.id = item.id
        AND reservation.state = 'pending'
    RETURNING
        reservation.id,
        reservation.version,
        reservation.nonrefundable,
        item.event_id,
        reservation_facts(reservation, item.units) AS facts
)

INSERT INTO events (
    tenant_id, id, type, entity_kind, entity_id, actor_kind, actor_id, request_id, before, after, occurred_at
)
SELECT
    current_tenant_id(),
    promoted.event_id,
    %(event_type)s,
    'reservation',
    promoted.id,
    %(actor_kind)s,
    %(actor_id)s,
    %(request_id)s,
    promoted.facts || jsonb_build_object(
        'state', 'pending',
        'version', promoted.version - 1,
        'units', '[]'::jsonb,
        'due', promoted.nonrefundable,
        'retained', promoted.nonrefundable
    ),
    promoted.facts || '{"refund": 0}',
    %(now)s
FROM promoted;

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

-- name: overdue_changes
-- Changes that found no room in time, over all tenants that may be seen.
SELECT
    tenant.slug,
    change.reservation_id
FROM reservation_changes AS change
INNER JOIN tenants AS tenant ON change.tenant_id = tenant.id
WHERE change.state = 'waiting' AND change.due_at <= clock_now() AND tenant.suspended_reason IS NULL
ORDER BY change.due_at, change.id
LIMIT %(limit)s;
