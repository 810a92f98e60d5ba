-- The queue of what waits for room; see waiting/promote_pending.py.

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
