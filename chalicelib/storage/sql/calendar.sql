-- What is taken, for the calendar: as it is, and as events say it was.

-- name: read_capacities
SELECT
    resource.id,
    resource.capacity
FROM resources AS resource
WHERE
    resource.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR resource.id = %(resource_id)s)
    AND (resource.archived_at IS NULL OR resource.archived_at > %(from)s)
ORDER BY resource.position, resource.slug;

-- name: read_uses
SELECT
    reservation.resource_id,
    reservation.starts_at,
    reservation.ends_at,
    reservation.check_in_on,
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
WHERE
    reservation.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR reservation.resource_id = %(resource_id)s)
    AND reservation.ends_at >= %(from)s
    AND reservation.starts_at < %(until)s
    AND reservation.state = ANY(%(states)s);

-- name: read_uses_as_of
-- Reads the events of reservations that touch the period, or once did, and of no others. Events hold no row security
-- for hosts: the joins with the reservations and resources that they see do.
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
)

SELECT
    resource.id AS resource_id,
    (latest.after ->> 'starts_at')::timestamptz AS starts_at,
    (latest.after ->> 'ends_at')::timestamptz AS ends_at,
    (latest.after ->> 'check_in_on')::date AS check_in_on,
    (latest.after ->> 'check_out_on')::date AS check_out_on,
    (latest.after ->> 'checked_out_at')::timestamptz AS checked_out_at,
    CASE
        WHEN version.document ->> 'capacity_counts' = 'people' THEN (latest.after ->> 'party_size')::integer
        ELSE (latest.after ->> 'quantity')::integer
    END AS units
FROM touching
CROSS JOIN LATERAL (
    SELECT event.after
    FROM events AS event
    WHERE
        event.tenant_id = current_tenant_id()
        AND event.entity_id = touching.id
        AND event.entity_kind = 'reservation'
        AND event.occurred_at <= %(as_of)s
        AND event.after ->> 'starts_at' IS NOT NULL
    ORDER BY event.id DESC
    LIMIT 1
) AS latest
INNER JOIN resources AS resource
    ON resource.tenant_id = current_tenant_id() AND (latest.after ->> 'resource_id')::uuid = resource.id
INNER JOIN policy_versions AS version
    ON
        version.tenant_id = current_tenant_id()
        AND (latest.after ->> 'policy_id')::uuid = version.policy_id
        AND (latest.after ->> 'policy_version')::integer = version.version
WHERE
    (%(resource_id)s::uuid IS NULL OR resource.id = %(resource_id)s)
    AND (latest.after ->> 'ends_at')::timestamptz >= %(from)s
    AND (latest.after ->> 'starts_at')::timestamptz < %(until)s
    AND latest.after ->> 'state' = ANY(%(states)s);

-- name: read_closures_during
SELECT
    closure.id,
    closure.resource_id,
    closure.kind,
    closure.starts_at,
    closure.ends_at,
    closure.units,
    closure.reason
FROM closures AS closure
WHERE
    closure.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR closure.resource_id = %(resource_id)s)
    AND closure.ends_at > %(from)s
    AND closure.starts_at < %(until)s
ORDER BY closure.starts_at, closure.id;

-- name: read_closures_as_of
WITH latest AS (
    SELECT DISTINCT ON (event.entity_id)
        event.entity_id,
        event.after
    FROM events AS event
    WHERE
        event.tenant_id = current_tenant_id()
        AND event.entity_kind = 'closure'
        AND event.occurred_at <= %(as_of)s
    ORDER BY event.entity_id ASC, event.id DESC
)

SELECT
    latest.entity_id AS id,
    resource.id AS resource_id,
    latest.after ->> 'kind' AS kind,
    (latest.after ->> 'starts_at')::timestamptz AS starts_at,
    (latest.after ->> 'ends_at')::timestamptz AS ends_at,
    latest.after -> 'units' AS units,
    latest.after ->> 'reason' AS reason
FROM latest
INNER JOIN resources AS resource
    ON resource.tenant_id = current_tenant_id() AND (latest.after ->> 'resource_id')::uuid = resource.id
WHERE
    (%(resource_id)s::uuid IS NULL OR resource.id = %(resource_id)s)
    AND (latest.after ->> 'ends_at')::timestamptz > %(from)s
    AND (latest.after ->> 'starts_at')::timestamptz < %(until)s
ORDER BY starts_at, id;

-- name: read_unit_labels
SELECT
    unit.resource_id,
    unit.number,
    unit.label
FROM units AS unit
WHERE unit.tenant_id = current_tenant_id()
ORDER BY unit.resource_id, unit.number;
