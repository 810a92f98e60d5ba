-- What tenants offer, and under which policy.

-- name: read_terms
SELECT
    resource.id,
    resource.slug,
    resource.name,
    resource.capacity,
    resource.max_party_size,
    resource.assignment,
    resource.inventory_id,
    resource.units,
    resource.units_each,
    resource.needs_inventory_id,
    resource.needs_units,
    resource.version AS resource_version,
    resource.policy_id,
    policy.current_version AS policy_version,
    policy_version.document::text AS policy_document
FROM resources AS resource
INNER JOIN policies AS policy
    ON resource.tenant_id = policy.tenant_id AND resource.policy_id = policy.id
INNER JOIN policy_versions AS policy_version
    ON
        policy.tenant_id = policy_version.tenant_id
        AND policy.id = policy_version.policy_id
        AND policy.current_version = policy_version.version
WHERE
    resource.tenant_id = current_tenant_id()
    AND (resource.id = ANY(%(resource_ids)s) OR resource.slug = ANY(%(slugs)s) OR %(every)s)
    AND resource.archived_at IS NULL
ORDER BY resource.position, resource.slug;

-- name: read_versions
-- What is different as soon as any of all terms that the caller may see is: each change counts a version on.
SELECT
    sha256(
        convert_to(
            coalesce(
                string_agg(
                    concat_ws(' ', resource.id, resource.version, resource.policy_id, policy.current_version),
                    ',' ORDER BY resource.id
                ),
                ''
            ),
            'UTF8'
        )
    ) AS fingerprint
FROM resources AS resource
INNER JOIN policies AS policy
    ON resource.tenant_id = policy.tenant_id AND resource.policy_id = policy.id
WHERE
    resource.tenant_id = current_tenant_id()
    AND resource.archived_at IS NULL;

-- name: read_resource
-- Archived or not.
SELECT
    resource.id,
    resource.slug,
    resource.name,
    resource.capacity,
    resource.max_party_size,
    resource.assignment,
    resource.inventory_id,
    resource.units,
    resource.units_each,
    resource.needs_inventory_id,
    resource.needs_units
FROM resources AS resource
WHERE resource.tenant_id = current_tenant_id() AND resource.id = %(resource_id)s;

-- name: read_kept_terms
-- The terms that reservations keep: their resource as it is, archived or not, and the policy version they were made
-- under, whatever the resource is offered under today.
SELECT
    resource.id,
    resource.slug,
    resource.name,
    resource.capacity,
    resource.max_party_size,
    resource.assignment,
    resource.inventory_id,
    resource.units,
    resource.units_each,
    resource.needs_inventory_id,
    resource.needs_units,
    resource.version AS resource_version,
    policy_version.policy_id,
    policy_version.version AS policy_version,
    policy_version.document::text AS policy_document,
    CASE
        WHEN (present.policy_id, present.version) != (policy_version.policy_id, policy_version.version)
            THEN present.document::text
    END AS present_document
FROM
    unnest(%(resource_ids)s::uuid[], %(policy_ids)s::uuid[], %(policy_versions)s::integer[])
        AS kept (resource_id, policy_id, policy_version)
INNER JOIN resources AS resource ON kept.resource_id = resource.id
INNER JOIN policy_versions AS policy_version
    ON
        resource.tenant_id = policy_version.tenant_id
        AND kept.policy_id = policy_version.policy_id
        AND kept.policy_version = policy_version.version
INNER JOIN policies AS policy
    ON resource.tenant_id = policy.tenant_id AND resource.policy_id = policy.id
INNER JOIN policy_versions AS present
    ON
        policy.tenant_id = present.tenant_id
        AND policy.id = present.policy_id
        AND policy.current_version = present.version
WHERE resource.tenant_id = current_tenant_id();

-- name: read_catalogue
SELECT
    resource.id,
    resource.slug,
    resource.name,
    resource.kind,
    resource.summary,
    resource.description,
    resource.capacity,
    resource.max_party_size,
    resource.assignment,
    resource.inventory_id,
    resource.units,
    resource.units_each,
    resource.needs_inventory_id,
    resource.needs_units,
    resource.amenities,
    resource.images,
    resource.location,
    resource.position,
    resource.version,
    resource.updated_at,
    resource.archived_at,
    resource.policy_id,
    policy.current_version AS policy_version,
    policy_version.document::text AS policy_document
FROM resources AS resource
INNER JOIN policies AS policy
    ON resource.tenant_id = policy.tenant_id AND resource.policy_id = policy.id
INNER JOIN policy_versions AS policy_version
    ON
        policy.tenant_id = policy_version.tenant_id
        AND policy.id = policy_version.policy_id
        AND policy.current_version = policy_version.version
WHERE
    resource.tenant_id = current_tenant_id()
    AND (resource.archived_at IS NOT NULL) = %(archived)s
    AND (%(named)s::text IS NULL OR resource.id = %(id)s::uuid OR resource.slug = %(named)s)
    AND (%(kind)s::text IS NULL OR resource.kind = %(kind)s)
    AND (%(modes)s::text[] IS NULL OR policy_version.document -> 'mode' ->> 'mode' = ANY(%(modes)s))
    AND (resource.amenities @> %(amenities)s::text[])
    AND (
        %(party_size)s::int IS NULL
        OR resource.max_party_size::bigint
        * CASE policy_version.document ->> 'capacity_counts' WHEN 'people' THEN 1 ELSE %(quantity)s::bigint END
        >= %(party_size)s
    )
    AND (
        %(after_slug)s::text IS NULL
        OR (resource.position, resource.slug) > (%(after_position)s::int, %(after_slug)s)
    )
ORDER BY resource.position, resource.slug
LIMIT %(limit)s;

-- name: read_units
SELECT
    unit.number,
    unit.label
FROM units AS unit
WHERE unit.tenant_id = current_tenant_id() AND unit.resource_id = %(resource_id)s
ORDER BY unit.number;
