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
-- As they are, or as they stood.
SELECT
    used.resource_id,
    used.starts_at,
    used.ends_at,
    used.check_in_on,
    used.check_out_on,
    used.checked_out_at,
    used.taken AS units
FROM
    uses_between(
        %(from)s::timestamptz,
        %(until)s::timestamptz,
        CASE WHEN %(resource_id)s::uuid IS NOT NULL THEN ARRAY[%(resource_id)s::uuid] END,
        %(states)s::text[],
        %(as_of)s::timestamptz
    ) AS used;

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
