-- What the clock does to many reservations at once, over every tenant that may be seen: all of them for scheduled
-- functions, one's own for a request. Rows that somebody is changing just now are left for the next run.

-- name: due_reservations
-- In the order of the index alone: a second column would have each batch sort all that is due at the same moment.
SELECT
    reservation.tenant_id,
    reservation.id,
    reservation.state,
    reservation.hold_expires_at
FROM reservations AS reservation
INNER JOIN tenants AS tenant ON reservation.tenant_id = tenant.id
WHERE
    reservation.due_at <= clock_now()
    AND reservation.state = ANY(%(states)s)
    AND tenant.suspended_reason IS NULL
    AND (%(only)s::uuid[] IS NULL OR reservation.id = ANY(%(only)s::uuid[]))
    AND reservation.id != ALL(%(resting)s::uuid[])
    AND reservation.tenant_id != ALL(%(later)s::uuid[])
ORDER BY reservation.due_at
LIMIT %(limit)s
FOR NO KEY UPDATE OF reservation SKIP LOCKED;

-- name: ended_holds
-- Of some inventories, swept or not: what takes units in their place expires them first.
SELECT
    reservation.id,
    reservation.hold_expires_at
FROM reservations AS reservation
WHERE
    reservation.tenant_id = current_tenant_id()
    AND reservation.state = 'held'
    AND reservation.hold_expires_at <= clock_now()
    AND reservation.id IN (
        SELECT allocation.owner_id
        FROM allocations AS allocation
        WHERE
            allocation.tenant_id = current_tenant_id()
            AND allocation.inventory_id = ANY(%(inventory_ids)s)
            AND allocation.held_until <= clock_now()
    )
ORDER BY reservation.id
FOR NO KEY UPDATE;

-- name: due_arrivals
-- Confirmed reservations whose time has come: `missed` where the policy they were made under says when nobody came, and
-- `keeps` where their units stay taken all the same.
SELECT
    reservation.tenant_id,
    reservation.id,
    reservation.state,
    reservation.hold_expires_at,
    coalesce((policy_version.document ->> 'no_show_keeps_units')::boolean, false) AS keeps
FROM reservations AS reservation
INNER JOIN tenants AS tenant ON reservation.tenant_id = tenant.id
INNER JOIN policy_versions AS policy_version
    ON
        reservation.tenant_id = policy_version.tenant_id
        AND reservation.policy_id = policy_version.policy_id
        AND reservation.policy_version = policy_version.version
WHERE
    reservation.due_at <= clock_now()
    AND reservation.state = 'confirmed'
    AND (policy_version.document ->> 'no_show_after_minutes' IS NOT NULL) = %(missed)s
    AND tenant.suspended_reason IS NULL
    AND (%(only)s::uuid[] IS NULL OR reservation.id = ANY(%(only)s::uuid[]))
    AND reservation.id != ALL(%(resting)s::uuid[])
    AND reservation.tenant_id != ALL(%(later)s::uuid[])
ORDER BY reservation.due_at
LIMIT %(limit)s
FOR NO KEY UPDATE OF reservation SKIP LOCKED;

-- name: sweep
-- What is owed stays what it is: nothing was for a hold or a request, and who did not come gets nothing back.
WITH swept AS (
    UPDATE reservations AS reservation
    SET
        state = %(state)s,
        hold_expires_at = NULL,
        due_at = NULL,
        waits_for = NULL,
        retained = reservation.retained
        + CASE WHEN %(state)s = 'no_show' THEN (reservation.price ->> 'total')::bigint ELSE 0 END,
        version = reservation.version + 1,
        updated_at = %(now)s
    FROM
        unnest(
            %(ids)s::uuid[],
            %(states)s::text[],
            %(holds)s::timestamptz[],
            %(keeps)s::boolean[],
            %(event_ids)s::uuid[]
        ) AS item (id, state, hold_expires_at, keeps, event_id)
    WHERE
        reservation.id = item.id
        AND reservation.state = item.state
        AND reservation.hold_expires_at IS NOT DISTINCT FROM item.hold_expires_at
    RETURNING
        reservation AS changed,
        reservation.tenant_id,
        reservation.id,
        reservation.version,
        reservation.retained
        - CASE WHEN %(state)s = 'no_show' THEN (reservation.price ->> 'total')::bigint ELSE 0 END AS retained_before,
        item.state AS state_before,
        item.hold_expires_at,
        item.keeps,
        item.event_id
),

freed AS (
    DELETE FROM allocations AS allocation
    USING swept
    WHERE allocation.owner_id = swept.id AND NOT swept.keeps
),

used AS (
    -- Who was there had these units, whatever buffer is still to come.
    UPDATE allocations AS allocation
    SET pinned = true
    FROM swept
    WHERE allocation.owner_id = swept.id AND %(state)s = 'completed' AND NOT allocation.pinned
),

described AS MATERIALIZED (
    -- The facts are worked out once, though both columns of the event say them. The units are looked up row by row: a
    -- generic plan expects one row here, and would join an aggregate over all of them in a loop.
    SELECT
        swept.*,
        reservation_facts(
            swept.changed,
            (
                SELECT range_agg(allocation.units) FROM allocations AS allocation
                WHERE allocation.owner_id = swept.id AND allocation.owner_kind = 'reservation'
            )
        ) AS facts
    FROM swept
)

INSERT INTO events (
    tenant_id, id, type, entity_kind, entity_id, actor_kind, actor_id, request_id, before, after, occurred_at
)
SELECT
    tenant_id,
    event_id,
    %(event_type)s,
    'reservation',
    id,
    %(actor_kind)s,
    %(actor_id)s,
    %(request_id)s,
    facts || jsonb_build_object(
        'state', state_before,
        'version', version - 1,
        'hold_expires_at', instant_text(hold_expires_at),
        'retained', retained_before
    ),
    CASE WHEN keeps THEN facts ELSE facts || '{"units": []}' END || '{"refund": 0}',
    %(now)s
FROM described;
