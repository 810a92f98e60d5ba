-- What a resource lacks because others took the units that it draws from, or that it needs.

-- name: see_everything
-- What hosts do not see takes of their resources, too. Until `see_own`.
WITH kept AS MATERIALIZED (
    SELECT set_config('app.own_resource_ids', coalesce(current_setting('app.resource_ids', true), ''), true) AS own
)

SELECT set_config('app.resource_ids', '', true) AS opened
FROM kept
WHERE kept.own IS NOT NULL;

-- name: see_own
SELECT set_config('app.resource_ids', current_setting('app.own_resource_ids', true), true) AS closed;

-- name: read_taken
-- What others than a resource itself took of the units that it draws from or needs, without who it was. What has no
-- allocations any more had the units that its events tell.
WITH sharing AS MATERIALIZED (
    SELECT
        pair.resource_id,
        pair.other_id,
        pair.units,
        pair.taken,
        pair.lost
    FROM sharing_resources() AS pair
    WHERE %(resource_id)s::uuid IS NULL OR pair.resource_id = %(resource_id)s
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
    GROUP BY earlier.reservation_id
),

uses AS (
    SELECT
        reservation.id AS reservation_id,
        reservation.resource_id,
        coalesce(changed.at, reservation.starts_at) AS starts_at,
        reservation.ends_at,
        coalesce(changed.on_date, reservation.check_in_on) AS check_in_on,
        reservation.check_out_on,
        reservation.checked_out_at,
        CASE
            WHEN version.document ->> 'capacity_counts' = 'people' THEN reservation.party_size
            ELSE reservation.quantity
        END AS counted,
        NULL::int4multirange AS units
    FROM reservations AS reservation
    INNER JOIN policy_versions AS version
        ON
            reservation.tenant_id = version.tenant_id
            AND reservation.policy_id = version.policy_id
            AND reservation.policy_version = version.version
    LEFT JOIN changed ON reservation.id = changed.reservation_id
    WHERE
        reservation.tenant_id = current_tenant_id()
        AND reservation.resource_id IN (SELECT sharing.other_id FROM sharing)
        AND reservation.ends_at >= %(from)s
        AND reservation.starts_at < %(until)s
        AND (reservation.hold_expires_at IS NULL OR reservation.hold_expires_at > clock_now())
        AND reservation.state = ANY(%(states)s)
    UNION ALL
    SELECT
        earlier.reservation_id,
        earlier.resource_id,
        earlier.starts_at,
        earlier.ends_at,
        earlier.check_in_on,
        earlier.check_out_on,
        NULL AS checked_out_at,
        earlier.taken AS counted,
        earlier.units
    FROM earlier_rooms AS earlier
    WHERE
        earlier.tenant_id = current_tenant_id()
        AND earlier.resource_id IN (SELECT sharing.other_id FROM sharing)
        AND earlier.ends_at >= %(from)s
        AND earlier.starts_at < %(until)s
)

SELECT
    sharing.resource_id,
    uses.starts_at,
    uses.ends_at,
    uses.check_in_on,
    uses.check_out_on,
    uses.checked_out_at,
    coalesce(sharing.lost, took.units) AS units
FROM uses
INNER JOIN sharing ON uses.resource_id = sharing.other_id
INNER JOIN resources AS other
    ON other.tenant_id = current_tenant_id() AND sharing.other_id = other.id
CROSS JOIN LATERAL (
    SELECT
        coalesce(
            sharing.taken,
            uses.units,
            CASE WHEN uses.counted >= other.capacity THEN other.units END,
            (
                SELECT range_agg(allocation.units)
                FROM allocations AS allocation
                WHERE
                    allocation.tenant_id = current_tenant_id()
                    AND allocation.owner_id = uses.reservation_id
                    AND allocation.owner_kind = 'reservation'
            ),
            (
                SELECT units_of_runs(event.after -> 'units')
                FROM events AS event
                WHERE
                    event.tenant_id = current_tenant_id()
                    AND event.entity_id = uses.reservation_id
                    AND event.entity_kind = 'reservation'
                    AND event.after -> 'units' != '[]'
                ORDER BY event.id DESC
                LIMIT 1
            ),
            -- Nobody knows any more: the first ones.
            (
                SELECT range_agg(int4range(first_one.number, first_one.number + 1))
                FROM (
                    SELECT each.number
                    FROM
                        unnest(other.units) AS run (units),
                        generate_series(lower(run.units), coalesce(upper(run.units), other.capacity + 1) - 1)
                            AS each (number)
                    ORDER BY number
                    LIMIT uses.counted * other.units_each
                ) AS first_one
            )
        ) AS units
) AS took
WHERE took.units && sharing.units
ORDER BY uses.starts_at, uses.reservation_id, sharing.resource_id;

-- name: read_taken_as_of
-- The same as events tell it; see `calendar.sql`.
WITH sharing AS MATERIALIZED (
    SELECT
        pair.resource_id,
        pair.other_id,
        pair.units,
        pair.taken,
        pair.lost
    FROM sharing_resources() AS pair
    WHERE %(resource_id)s::uuid IS NULL OR pair.resource_id = %(resource_id)s
),

touching AS (
    SELECT reservation.id
    FROM reservations AS reservation
    WHERE
        reservation.tenant_id = current_tenant_id()
        AND reservation.ends_at >= %(from)s
        AND reservation.starts_at < %(until)s
        AND EXISTS (SELECT FROM sharing)
    UNION
    SELECT reservation.id
    FROM reservations AS reservation
    WHERE
        reservation.tenant_id = current_tenant_id()
        AND reservation.latest_end_at >= %(from)s
        AND reservation.earliest_start_at < %(until)s
        AND EXISTS (SELECT FROM sharing)
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
),

uses AS (
    SELECT
        reservation.id AS reservation_id,
        resource.id AS resource_id,
        coalesce(changed.at, (past.facts ->> 'starts_at')::timestamptz) AS starts_at,
        (past.facts ->> 'ends_at')::timestamptz AS ends_at,
        coalesce(changed.on_date, (past.facts ->> 'check_in_on')::date) AS check_in_on,
        (past.facts ->> 'check_out_on')::date AS check_out_on,
        (past.facts ->> 'checked_out_at')::timestamptz AS checked_out_at,
        CASE
            WHEN version.document ->> 'capacity_counts' = 'people' THEN (past.facts ->> 'party_size')::integer
            ELSE (past.facts ->> 'quantity')::integer
        END AS counted,
        NULL::int4multirange AS units
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
        resource.id IN (SELECT sharing.other_id FROM sharing)
        AND (past.facts ->> 'ends_at')::timestamptz >= %(from)s
        AND (past.facts ->> 'starts_at')::timestamptz < %(until)s
        AND coalesce((past.facts ->> 'hold_expires_at')::timestamptz > %(as_of)s, true)
        AND past.facts ->> 'state' = ANY(%(states)s)
    UNION ALL
    SELECT
        earlier.reservation_id,
        earlier.resource_id,
        earlier.starts_at,
        earlier.ends_at,
        earlier.check_in_on,
        earlier.check_out_on,
        NULL AS checked_out_at,
        earlier.taken AS counted,
        earlier.units
    FROM earlier_rooms AS earlier
    WHERE
        earlier.tenant_id = current_tenant_id()
        AND earlier.resource_id IN (SELECT sharing.other_id FROM sharing)
        AND earlier.ends_at >= %(from)s
        AND earlier.ends_at <= %(as_of)s
        AND earlier.starts_at < %(until)s
)

SELECT
    sharing.resource_id,
    uses.starts_at,
    uses.ends_at,
    uses.check_in_on,
    uses.check_out_on,
    uses.checked_out_at,
    coalesce(sharing.lost, took.units) AS units
FROM uses
INNER JOIN sharing ON uses.resource_id = sharing.other_id
INNER JOIN resources AS other
    ON other.tenant_id = current_tenant_id() AND sharing.other_id = other.id
CROSS JOIN LATERAL (
    SELECT
        coalesce(
            sharing.taken,
            uses.units,
            CASE WHEN uses.counted >= other.capacity THEN other.units END,
            (
                SELECT units_of_runs(event.after -> 'units')
                FROM events AS event
                WHERE
                    event.tenant_id = current_tenant_id()
                    AND event.entity_id = uses.reservation_id
                    AND event.entity_kind = 'reservation'
                    AND event.after -> 'units' != '[]'
                    AND event.occurred_at <= %(as_of)s
                ORDER BY event.id DESC
                LIMIT 1
            ),
            (
                SELECT range_agg(allocation.units)
                FROM allocations AS allocation
                WHERE
                    allocation.tenant_id = current_tenant_id()
                    AND allocation.owner_id = uses.reservation_id
                    AND allocation.owner_kind = 'reservation'
            ),
            -- Nobody knows any more: the first ones.
            (
                SELECT range_agg(int4range(first_one.number, first_one.number + 1))
                FROM (
                    SELECT each.number
                    FROM
                        unnest(other.units) AS run (units),
                        generate_series(lower(run.units), coalesce(upper(run.units), other.capacity + 1) - 1)
                            AS each (number)
                    ORDER BY number
                    LIMIT uses.counted * other.units_each
                ) AS first_one
            )
        ) AS units
) AS took
WHERE took.units && sharing.units
ORDER BY uses.starts_at, uses.reservation_id, sharing.resource_id;
