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
-- What others than a resource itself took of the units that it draws from or needs, without who it was: as it is, or as
-- it stood. What has no allocations any more had the units that its events tell, and so had what stood otherwise.
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

others AS MATERIALIZED (
    SELECT array_agg(DISTINCT sharing.other_id) AS ids
    FROM sharing
)

SELECT
    sharing.resource_id,
    used.starts_at,
    used.ends_at,
    used.check_in_on,
    used.check_out_on,
    used.checked_out_at,
    coalesce(sharing.lost, took.units) AS units
FROM others
CROSS JOIN LATERAL uses_between(
    %(from)s::timestamptz, %(until)s::timestamptz, others.ids, %(states)s::text[], %(as_of)s::timestamptz
) AS used
INNER JOIN sharing ON used.resource_id = sharing.other_id
INNER JOIN resources AS other
    ON other.tenant_id = current_tenant_id() AND sharing.other_id = other.id
CROSS JOIN LATERAL (
    SELECT range_agg(allocation.units) AS units
    FROM allocations AS allocation
    WHERE
        allocation.tenant_id = current_tenant_id()
        AND allocation.owner_id = used.reservation_id
        AND allocation.owner_kind = 'reservation'
) AS present
CROSS JOIN LATERAL (
    SELECT
        coalesce(
            sharing.taken,
            used.units,
            CASE WHEN used.taken >= other.capacity THEN other.units END,
            CASE WHEN %(as_of)s::timestamptz IS NULL THEN present.units END,
            (
                SELECT units_of_runs(event.after -> 'units')
                FROM events AS event
                WHERE
                    event.tenant_id = current_tenant_id()
                    AND event.entity_id = used.reservation_id
                    AND event.entity_kind = 'reservation'
                    AND event.after -> 'units' != '[]'
                    AND (%(as_of)s::timestamptz IS NULL OR event.occurred_at <= %(as_of)s)
                ORDER BY event.id DESC
                LIMIT 1
            ),
            present.units,
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
                    LIMIT used.taken * other.units_each
                ) AS first_one
            )
        ) AS units
) AS took
WHERE others.ids IS NOT NULL AND took.units && sharing.units
ORDER BY used.starts_at, used.reservation_id, sharing.resource_id;
