-- What is taken, for the calendar: as it is, and as events say it was.

-- name: read_capacities
SELECT
    resource.id,
    resource.capacity,
    resource.units,
    resource.units_each,
    version.document #>> '{mode,mode}' = 'stay' AS by_night
FROM resources AS resource
INNER JOIN policies AS policy
    ON resource.tenant_id = policy.tenant_id AND resource.policy_id = policy.id
INNER JOIN policy_versions AS version
    ON
        policy.tenant_id = version.tenant_id
        AND policy.id = version.policy_id
        AND policy.current_version = version.version
WHERE
    resource.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR resource.id = %(resource_id)s)
    AND (resource.archived_at IS NULL OR resource.archived_at > %(from)s)
ORDER BY resource.position, resource.slug;

-- name: read_uses
-- Who changed rooms is in each from when until when they were there.
WITH changed AS (
    SELECT
        earlier.reservation_id,
        max(earlier.ends_at) AS at,
        max(earlier.check_out_on) AS on_date
    FROM earlier_rooms AS earlier
    WHERE
        earlier.tenant_id = current_tenant_id()
        AND earlier.ends_at >= %(from)s
    GROUP BY earlier.reservation_id
)

SELECT
    reservation.resource_id,
    coalesce(changed.at, reservation.starts_at) AS starts_at,
    reservation.ends_at,
    coalesce(changed.on_date, reservation.check_in_on) AS check_in_on,
    reservation.check_out_on,
    reservation.checked_out_at,
    CASE
        WHEN version.document ->> 'capacity_counts' = 'people' THEN reservation.party_size
        ELSE reservation.quantity
    END AS units
FROM reservations AS reservation
INNER JOIN policy_versions AS version
    ON
        reservation.tenant_id = version.tenant_id
        AND reservation.policy_id = version.policy_id
        AND reservation.policy_version = version.version
LEFT JOIN changed ON reservation.id = changed.reservation_id
WHERE
    reservation.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR reservation.resource_id = %(resource_id)s)
    AND reservation.ends_at >= %(from)s
    AND reservation.starts_at < %(until)s
    AND (reservation.hold_expires_at IS NULL OR reservation.hold_expires_at > clock_now())
    AND reservation.state = ANY(%(states)s)
UNION ALL
SELECT
    earlier.resource_id,
    earlier.starts_at,
    earlier.ends_at,
    earlier.check_in_on,
    earlier.check_out_on,
    NULL AS checked_out_at,
    earlier.taken AS units
FROM earlier_rooms AS earlier
WHERE
    earlier.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR earlier.resource_id = %(resource_id)s)
    AND earlier.ends_at >= %(from)s
    AND earlier.starts_at < %(until)s;

-- name: read_uses_as_of
-- Reads the events of reservations that touch the period, or once did, and of no others. Events hold no row security
-- for hosts: the joins with the reservations and resources that they see do. Where the events of before are archived,
-- the first one after says what was; without any, nothing has changed.
WITH touching AS (
    SELECT reservation.id
    FROM reservations AS reservation
    WHERE
        reservation.tenant_id = current_tenant_id()
        AND reservation.ends_at >= %(from)s
        AND reservation.starts_at < %(until)s
    UNION
    SELECT reservation.id
    FROM reservations AS reservation
    WHERE
        reservation.tenant_id = current_tenant_id()
        AND reservation.latest_end_at >= %(from)s
        AND reservation.earliest_start_at < %(until)s
),

changed AS (
    SELECT
        earlier.reservation_id,
        max(earlier.ends_at) AS at,
        max(earlier.check_out_on) AS on_date
    FROM earlier_rooms AS earlier
    WHERE
        earlier.tenant_id = current_tenant_id()
        AND earlier.ends_at >= %(from)s
        AND earlier.ends_at <= %(as_of)s
    GROUP BY earlier.reservation_id
)

SELECT
    resource.id AS resource_id,
    coalesce(changed.at, (past.facts ->> 'starts_at')::timestamptz) AS starts_at,
    (past.facts ->> 'ends_at')::timestamptz AS ends_at,
    coalesce(changed.on_date, (past.facts ->> 'check_in_on')::date) AS check_in_on,
    (past.facts ->> 'check_out_on')::date AS check_out_on,
    (past.facts ->> 'checked_out_at')::timestamptz AS checked_out_at,
    CASE
        WHEN version.document ->> 'capacity_counts' = 'people' THEN (past.facts ->> 'party_size')::integer
        ELSE (past.facts ->> 'quantity')::integer
    END AS units
FROM touching
INNER JOIN reservations AS reservation
    ON
        reservation.tenant_id = current_tenant_id()
        AND touching.id = reservation.id
        AND reservation.created_at <= %(as_of)s
CROSS JOIN LATERAL (
    SELECT
        coalesce(
            (
                SELECT event.after
                FROM events AS event
                WHERE
                    event.tenant_id = current_tenant_id()
                    AND event.entity_id = reservation.id
                    AND event.entity_kind = 'reservation'
                    AND event.occurred_at <= %(as_of)s
                    AND event.after ->> 'starts_at' IS NOT NULL
                ORDER BY event.id DESC
                LIMIT 1
            ),
            (
                SELECT event.before
                FROM events AS event
                WHERE
                    event.tenant_id = current_tenant_id()
                    AND event.entity_id = reservation.id
                    AND event.entity_kind = 'reservation'
                    AND event.occurred_at > %(as_of)s
                    AND event.before ->> 'starts_at' IS NOT NULL
                ORDER BY event.id
                LIMIT 1
            ),
            reservation_facts(reservation, '{}')
        ) AS facts
) AS past
INNER JOIN resources AS resource
    ON resource.tenant_id = current_tenant_id() AND (past.facts ->> 'resource_id')::uuid = resource.id
INNER JOIN policy_versions AS version
    ON
        version.tenant_id = current_tenant_id()
        AND (past.facts ->> 'policy_id')::uuid = version.policy_id
        AND (past.facts ->> 'policy_version')::integer = version.version
LEFT JOIN changed ON reservation.id = changed.reservation_id
WHERE
    (%(resource_id)s::uuid IS NULL OR resource.id = %(resource_id)s)
    AND (past.facts ->> 'ends_at')::timestamptz >= %(from)s
    AND (past.facts ->> 'starts_at')::timestamptz < %(until)s
    AND coalesce((past.facts ->> 'hold_expires_at')::timestamptz > %(as_of)s, true)
    AND past.facts ->> 'state' = ANY(%(states)s)
UNION ALL
SELECT
    earlier.resource_id,
    earlier.starts_at,
    earlier.ends_at,
    earlier.check_in_on,
    earlier.check_out_on,
    NULL AS checked_out_at,
    earlier.taken AS units
FROM earlier_rooms AS earlier
WHERE
    earlier.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR earlier.resource_id = %(resource_id)s)
    AND earlier.ends_at >= %(from)s
    AND earlier.ends_at <= %(as_of)s
    AND earlier.starts_at < %(until)s;

-- name: read_closures_during
-- For each resource that draws from the units, whichever of them was closed.
SELECT
    closure.id,
    resource.id AS resource_id,
    owner.id AS made_for,
    closure.kind,
    closure.starts_at,
    closure.ends_at,
    blocked.units,
    closure.reason
FROM closures AS closure
INNER JOIN resources AS owner
    ON closure.tenant_id = owner.tenant_id AND closure.resource_id = owner.id
INNER JOIN resources AS resource
    ON owner.tenant_id = resource.tenant_id AND owner.inventory_id = resource.inventory_id
CROSS JOIN LATERAL (
    SELECT CASE WHEN upper_inf(owner.units) THEN closure.units ELSE closure.units * owner.units END AS units
) AS blocked
WHERE
    closure.tenant_id = current_tenant_id()
    AND blocked.units && resource.units
    AND (%(resource_id)s::uuid IS NULL OR resource.id = %(resource_id)s)
    AND closure.ends_at > %(from)s
    AND closure.starts_at < %(until)s
ORDER BY closure.starts_at, closure.id, resource.position, resource.slug;

-- name: read_closures_as_of
-- What a closure was is told by its last event until then; where that one is archived, by the first one after or, where
-- nothing happened to it since, by the closure itself.
WITH latest AS (
    SELECT DISTINCT ON (event.entity_id)
        event.entity_id,
        event.after AS facts
    FROM events AS event
    WHERE
        event.tenant_id = current_tenant_id()
        AND event.entity_kind = 'closure'
        AND event.occurred_at <= %(as_of)s
    ORDER BY event.entity_id ASC, event.id DESC
),

following AS (
    SELECT DISTINCT ON (event.entity_id)
        event.entity_id,
        event.before AS facts
    FROM events AS event
    WHERE
        event.tenant_id = current_tenant_id()
        AND event.entity_kind = 'closure'
        AND event.occurred_at > %(as_of)s
        AND %(archived)s
    ORDER BY event.entity_id ASC, event.id ASC
),

past AS (
    SELECT
        latest.entity_id,
        latest.facts
    FROM latest
    UNION ALL
    SELECT
        following.entity_id,
        following.facts
    FROM following
    WHERE following.entity_id NOT IN (SELECT latest.entity_id FROM latest)
    UNION ALL
    SELECT
        closure.id,
        jsonb_build_object(
            'resource_id', closure.resource_id,
            'kind', closure.kind,
            'starts_at', instant_text(closure.starts_at),
            'ends_at', instant_text(closure.ends_at),
            'units', translate(replace(closure.units::text, ',)', ',2147483647)'), '{})', '[]]')::jsonb,
            'reason', closure.reason
        )
    FROM closures AS closure
    WHERE
        closure.tenant_id = current_tenant_id()
        AND closure.kind != 'lowered_capacity'
        AND %(archived)s
        AND closure.id NOT IN (SELECT latest.entity_id FROM latest)
        AND closure.id NOT IN (SELECT following.entity_id FROM following)
)

SELECT
    past.entity_id AS id,
    resource.id AS resource_id,
    owner.id AS made_for,
    past.facts ->> 'kind' AS kind,
    (past.facts ->> 'starts_at')::timestamptz AS starts_at,
    (past.facts ->> 'ends_at')::timestamptz AS ends_at,
    blocked.units,
    past.facts ->> 'reason' AS reason
FROM past
INNER JOIN resources AS owner
    ON owner.tenant_id = current_tenant_id() AND (past.facts ->> 'resource_id')::uuid = owner.id
INNER JOIN resources AS resource
    ON owner.tenant_id = resource.tenant_id AND owner.inventory_id = resource.inventory_id
CROSS JOIN LATERAL (
    SELECT
        CASE
            WHEN upper_inf(owner.units) THEN units_of_runs(past.facts -> 'units')
            ELSE units_of_runs(past.facts -> 'units') * owner.units
        END AS units
) AS blocked
WHERE
    blocked.units && resource.units
    AND (%(resource_id)s::uuid IS NULL OR resource.id = %(resource_id)s)
    AND (past.facts ->> 'ends_at')::timestamptz > %(from)s
    AND (past.facts ->> 'starts_at')::timestamptz < %(until)s
ORDER BY starts_at, id;

-- name: read_unit_labels
SELECT
    unit.resource_id,
    unit.number,
    unit.label
FROM units AS unit
WHERE unit.tenant_id = current_tenant_id()
ORDER BY unit.resource_id, unit.number;
