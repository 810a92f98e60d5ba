-- Statistics: kept up to date per resource and local day, and read.

-- name: begin_progress
INSERT INTO statistics_progress (tenant_id, transaction_id)
VALUES (current_tenant_id(), '0'::xid8)
ON CONFLICT (tenant_id) DO NOTHING;

-- name: lock_progress
-- One at a time brings a tenant's statistics up to date. What transactions still under way write has to wait for the
-- next time: the oldest of them is where it stops.
SELECT
    progress.transaction_id::text AS reached,
    pg_snapshot_xmin(pg_current_snapshot())::text AS reachable
FROM statistics_progress AS progress
WHERE progress.tenant_id = current_tenant_id()
FOR UPDATE;

-- name: advance_progress
UPDATE statistics_progress SET transaction_id = %(reachable)s::text::xid8
WHERE tenant_id = current_tenant_id();

-- name: are_current
-- Where only is read: whether nothing has happened since the last time, and every day has its lead times.
SELECT
    EXISTS (
        SELECT 1
        FROM statistics_progress AS progress
        WHERE
            progress.tenant_id = current_tenant_id()
            AND NOT EXISTS (
                SELECT 1
                FROM events AS event
                WHERE
                    event.tenant_id = current_tenant_id()
                    AND event.transaction_id >= progress.transaction_id
                    AND event.entity_kind = 'reservation'
            )
    )
    AND NOT EXISTS (
        SELECT 1
        FROM daily_statistics AS kept
        WHERE kept.tenant_id = current_tenant_id() AND kept.lead_times IS NULL
    ) AS current;

-- name: touched_days
-- The days on which reservations were before or after the changes since the last time, and after where progress stops:
-- what is committed is in the answer, and is looked at once more the next time. And the days that do not have their
-- lead times yet.
WITH since AS MATERIALIZED (
    -- By itself: over many partitions Postgres expects so many rows that it would start workers for a handful.
    SELECT
        event.entity_id,
        event.before,
        event.after
    FROM events AS event
    WHERE
        event.tenant_id = current_tenant_id()
        AND event.transaction_id >= %(reached)s::text::xid8
        AND event.entity_kind = 'reservation'
)

SELECT DISTINCT
    touched.resource_id,
    day.on_date::date AS on_date
FROM since
CROSS JOIN LATERAL (VALUES (since.before), (since.after)) AS side (facts)
CROSS JOIN LATERAL (
    SELECT
        (side.facts ->> 'resource_id')::uuid AS resource_id,
        (side.facts ->> 'starts_at')::timestamptz AT TIME ZONE %(zone)s AS starts_at,
        (side.facts ->> 'ends_at')::timestamptz AT TIME ZONE %(zone)s AS ends_at
) AS touched
CROSS JOIN LATERAL generate_series(
    date_trunc('day', touched.starts_at), touched.ends_at - interval '1 microsecond', interval '1 day'
) AS day (on_date)
WHERE touched.starts_at IS NOT NULL
UNION
-- What changes of a price changes in the rooms of before, too.
SELECT
    earlier.resource_id,
    day.on_date::date AS on_date
FROM since
INNER JOIN earlier_rooms AS earlier
    ON earlier.tenant_id = current_tenant_id() AND since.entity_id = earlier.reservation_id
CROSS JOIN LATERAL generate_series(
    date_trunc('day', earlier.starts_at AT TIME ZONE %(zone)s), earlier.ends_at AT TIME ZONE %(zone)s, interval '1 day'
) AS day (on_date)
UNION
SELECT
    kept.resource_id,
    kept.on_date
FROM daily_statistics AS kept
WHERE kept.tenant_id = current_tenant_id() AND kept.lead_times IS NULL;

-- name: forget_days
DELETE FROM daily_statistics AS kept
USING unnest(%(resource_ids)s::uuid[], %(dates)s::date[]) AS touched (resource_id, on_date)
WHERE
    kept.tenant_id = current_tenant_id()
    AND kept.resource_id = touched.resource_id
    AND kept.on_date = touched.on_date;

-- name: forget_all_days
DELETE FROM daily_statistics
WHERE tenant_id = current_tenant_id();

-- name: add_days
-- Minutes and nights count on the days they are on, times the units taken; a night is 1440 minutes of its day. A price
-- is spread evenly over the nights or, without any, over the time from start to end; how many, how it ended and what
-- was retained count on the day of the start, where it began. Who left early was there until then, and who changed
-- rooms is in each while they were there.
INSERT INTO daily_statistics (
    tenant_id, resource_id, on_date, reserved_minutes, nights, revenue, active, cancelled, came, no_shows, lead_minutes,
    lead_times, retained
)
WITH changed AS (
    SELECT
        earlier.reservation_id,
        max(earlier.ends_at) AS at,
        max(earlier.check_out_on) AS on_date
    FROM earlier_rooms AS earlier
    WHERE
        earlier.tenant_id = current_tenant_id()
        AND (%(from)s::timestamptz IS NULL OR earlier.ends_at > %(from)s)
    GROUP BY earlier.reservation_id
),

rooms AS (
    SELECT
        reservation.id AS reservation_id,
        reservation.resource_id,
        changed.at AS from_at,
        changed.on_date AS from_on,
        NULL::timestamptz AS until_at,
        NULL::date AS until_on,
        NULL::integer AS taken
    FROM reservations AS reservation
    LEFT JOIN changed ON reservation.id = changed.reservation_id
    WHERE
        reservation.tenant_id = current_tenant_id()
        AND (%(every)s OR reservation.resource_id = ANY(%(resource_ids)s::uuid[]))
        AND (%(from)s::timestamptz IS NULL OR reservation.ends_at > %(from)s)
        AND (%(until)s::timestamptz IS NULL OR reservation.starts_at < %(until)s)
    UNION ALL
    SELECT
        earlier.reservation_id,
        earlier.resource_id,
        earlier.starts_at,
        earlier.check_in_on,
        earlier.ends_at,
        earlier.check_out_on,
        earlier.taken
    FROM earlier_rooms AS earlier
    WHERE
        earlier.tenant_id = current_tenant_id()
        AND (%(every)s OR earlier.resource_id = ANY(%(resource_ids)s::uuid[]))
        AND (%(from)s::timestamptz IS NULL OR earlier.ends_at > %(from)s)
        AND (%(until)s::timestamptz IS NULL OR earlier.starts_at < %(until)s)
),

one AS (
    SELECT
        reservation.tenant_id,
        rooms.resource_id,
        rooms.from_at,
        rooms.until_at,
        coalesce(rooms.from_on, '-infinity') AS from_on,
        coalesce(rooms.until_on, 'infinity') AS until_on,
        coalesce(rooms.from_at = reservation.starts_at, true) AS began_here,
        reservation.starts_at,
        least(
            reservation.ends_at,
            greatest(reservation.starts_at, coalesce(reservation.checked_out_at, reservation.ends_at))
        ) AS ends_at,
        reservation.ends_at AS sold_until,
        reservation.retained,
        CASE
            WHEN reservation.checked_out_at < reservation.ends_at
                THEN (reservation.checked_out_at AT TIME ZONE %(zone)s)::date
        END AS left_on,
        reservation.created_at,
        reservation.check_in_on,
        reservation.check_out_on,
        reservation.state,
        reservation.state IN ('confirmed', 'checked_in', 'completed') AS sold,
        reservation.state NOT IN ('cancelled', 'no_show', 'rejected', 'expired') AS active,
        (reservation.price ->> 'total')::bigint AS total,
        (reservation.starts_at AT TIME ZONE %(zone)s)::date AS first_date,
        ((reservation.ends_at - interval '1 microsecond') AT TIME ZONE %(zone)s)::date AS last_date,
        coalesce(rooms.taken, CASE policy_version.document ->> 'capacity_counts'
            WHEN 'people' THEN reservation.party_size
            ELSE reservation.quantity
        END)::bigint AS units
    FROM rooms
    INNER JOIN reservations AS reservation ON rooms.reservation_id = reservation.id
    INNER JOIN policy_versions AS policy_version
        ON
            reservation.tenant_id = policy_version.tenant_id
            AND reservation.policy_id = policy_version.policy_id
            AND reservation.policy_version = policy_version.version
    WHERE
        reservation.tenant_id = current_tenant_id()
        AND (reservation.state NOT IN ('rejected', 'expired') OR reservation.retained > 0)
),

daily AS (
    SELECT
        one.*,
        day.on_date::date AS on_date,
        -- Of a midnight that happens twice (Havana, Azores) Postgres takes the later; a day begins with the earlier.
        midnight.starts_at - CASE
            WHEN (midnight.starts_at - interval '1 hour') AT TIME ZONE %(zone)s >= day.on_date THEN interval '1 hour'
            ELSE interval '0'
        END AS day_starts_at,
        midnight.ends_at - CASE
            WHEN (midnight.ends_at - interval '1 hour') AT TIME ZONE %(zone)s >= day.on_date + interval '1 day'
                THEN interval '1 hour'
            ELSE interval '0'
        END AS day_ends_at,
        (extract(EPOCH FROM one.starts_at - one.created_at) / 60)::integer AS lead_minutes,
        CASE
            WHEN day.on_date::date >= one.from_on AND day.on_date::date < one.until_on
                THEN day.on_date::date - one.check_in_on
        END AS night,
        one.began_here AND day.on_date::date = one.first_date AS begins,
        one.check_out_on - one.check_in_on AS nights
    FROM one
    CROSS JOIN LATERAL generate_series(
        one.first_date::timestamp, one.last_date::timestamp, interval '1 day'
    ) AS day (on_date)
    CROSS JOIN LATERAL (
        SELECT
            day.on_date AT TIME ZONE %(zone)s AS starts_at,
            (day.on_date + interval '1 day') AT TIME ZONE %(zone)s AS ends_at
    ) AS midnight
)

SELECT
    daily.tenant_id,
    daily.resource_id,
    daily.on_date,
    coalesce(sum(
        daily.units * CASE
            WHEN daily.night < daily.nights AND daily.on_date < coalesce(daily.left_on, 'infinity') THEN 1440
            WHEN daily.nights IS NULL THEN greatest(0, extract(
                EPOCH FROM least(daily.ends_at, daily.day_ends_at, daily.until_at)
                - greatest(daily.starts_at, daily.day_starts_at, daily.from_at)
            ) / 60)::bigint
            ELSE 0
        END
    ) FILTER (WHERE daily.sold), 0)::bigint,
    coalesce(sum(daily.units) FILTER (
        WHERE daily.sold AND daily.night < daily.nights AND daily.on_date < coalesce(daily.left_on, 'infinity')
    ), 0),
    coalesce(sum(
        CASE
            WHEN daily.nights IS NULL AND part.starts_at < part.ends_at
                THEN
                    div(daily.total * extract(EPOCH FROM part.ends_at - daily.starts_at), part.seconds)
                    - div(daily.total * extract(EPOCH FROM part.starts_at - daily.starts_at), part.seconds)
            WHEN daily.night < daily.nights
                THEN daily.total * (daily.night + 1) / daily.nights - daily.total * daily.night / daily.nights
            ELSE 0
        END
    ) FILTER (WHERE daily.sold), 0),
    count(*) FILTER (WHERE daily.begins AND daily.active),
    count(*) FILTER (WHERE daily.begins AND daily.state = 'cancelled'),
    count(*) FILTER (WHERE daily.begins AND daily.state IN ('checked_in', 'completed')),
    count(*) FILTER (WHERE daily.begins AND daily.state = 'no_show'),
    coalesce(sum(daily.lead_minutes) FILTER (
        WHERE daily.begins AND daily.active
    ), 0),
    coalesce(array_agg(daily.lead_minutes) FILTER (
        WHERE daily.begins AND daily.active
    ), '{}'),
    coalesce(sum(daily.retained) FILTER (WHERE daily.begins), 0)
FROM daily
CROSS JOIN LATERAL (
    SELECT
        greatest(daily.starts_at, daily.day_starts_at, daily.from_at) AS starts_at,
        least(daily.sold_until, daily.day_ends_at, daily.until_at) AS ends_at,
        extract(EPOCH FROM daily.sold_until - daily.starts_at) AS seconds
) AS part
WHERE
    %(every)s
    OR (daily.resource_id, daily.on_date) IN (
        SELECT
            touched.resource_id,
            touched.on_date
        FROM unnest(%(resource_ids)s::uuid[], %(dates)s::date[]) AS touched (resource_id, on_date)
    )
GROUP BY daily.tenant_id, daily.resource_id, daily.on_date;

-- name: read_sums
-- By step, by resource, and of all: both are null there. Money over years may be more than a bigint holds.
SELECT
    kept.resource_id,
    date_trunc(%(step)s, kept.on_date::timestamp)::date AS from_on,
    coalesce(sum(kept.reserved_minutes), 0)::bigint AS reserved_minutes,
    coalesce(sum(kept.nights), 0)::bigint AS nights,
    coalesce(sum(kept.revenue), 0) AS revenue,
    coalesce(sum(kept.retained), 0) AS retained,
    coalesce(sum(kept.active), 0)::bigint AS active,
    coalesce(sum(kept.cancelled), 0)::bigint AS cancelled,
    coalesce(sum(kept.came), 0)::bigint AS came,
    coalesce(sum(kept.no_shows), 0)::bigint AS no_shows,
    coalesce(sum(kept.lead_minutes), 0)::bigint AS lead_minutes
FROM daily_statistics AS kept
WHERE
    kept.tenant_id = current_tenant_id()
    AND kept.on_date >= %(from)s
    AND kept.on_date < %(until)s
    AND (%(resource_id)s::uuid IS NULL OR kept.resource_id = %(resource_id)s)
GROUP BY GROUPING SETS ((kept.resource_id), (date_trunc(%(step)s, kept.on_date::timestamp)::date), ());

-- name: read_median_lead
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY lead.minutes) AS minutes
FROM daily_statistics AS kept
CROSS JOIN LATERAL unnest(kept.lead_times) AS lead (minutes)
WHERE
    kept.tenant_id = current_tenant_id()
    AND kept.on_date >= %(from)s
    AND kept.on_date < %(until)s
    AND (%(resource_id)s::uuid IS NULL OR kept.resource_id = %(resource_id)s);

-- name: read_offers
SELECT
    resource.id,
    resource.slug,
    resource.name,
    resource.capacity,
    resource.units,
    resource.units_each,
    resource.policy_id
FROM resources AS resource
WHERE
    resource.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR resource.id = %(resource_id)s)
    AND (
        resource.archived_at IS NULL
        OR EXISTS (
            SELECT 1
            FROM daily_statistics AS kept
            WHERE
                kept.tenant_id = resource.tenant_id
                AND kept.resource_id = resource.id
                AND kept.on_date >= %(from)s
                AND kept.on_date < %(until)s
        )
    )
ORDER BY resource.position, resource.slug;

-- name: read_closed
-- From the closures themselves: what they block of the past is not among the allocations any more. For each resource
-- that draws from the units, whichever of them was closed.
SELECT
    closure.id,
    resource.id AS resource_id,
    closure.kind,
    closure.starts_at,
    closure.ends_at,
    blocked.units,
    closure.reason,
    closure.version
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
    AND closure.ends_at > %(starts_at)s
    AND closure.starts_at < %(ends_at)s;

-- name: read_resource_changes
SELECT
    event.entity_id AS resource_id,
    event.occurred_at AS at,
    (event.before ->> 'capacity')::integer AS capacity,
    (event.before ->> 'policy_id')::uuid AS policy_id
FROM resources AS resource
INNER JOIN events AS event ON resource.tenant_id = event.tenant_id AND resource.id = event.entity_id
WHERE
    resource.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR resource.id = %(resource_id)s)
    AND event.type = 'resource.updated'
    AND event.occurred_at > %(from)s
    AND (
        event.before ->> 'capacity' != event.after ->> 'capacity'
        OR event.before ->> 'policy_id' != event.after ->> 'policy_id'
    )
ORDER BY event.occurred_at, event.id;

-- name: read_policies_in_force
SELECT
    version.policy_id,
    version.published_at,
    version.document::text AS document
FROM policy_versions AS version
WHERE version.tenant_id = current_tenant_id() AND version.policy_id = ANY(%(policy_ids)s)
ORDER BY version.policy_id, version.version;

-- name: read_windows
SELECT
    availability_window.resource_id,
    availability_window.starts_at,
    availability_window.ends_at
FROM availability_windows AS availability_window
WHERE
    availability_window.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR availability_window.resource_id = %(resource_id)s)
    AND availability_window.ends_at > %(starts_at)s
    AND availability_window.starts_at < %(ends_at)s
ORDER BY availability_window.resource_id, availability_window.starts_at;
