-- The catalogue as administrators change it.

-- name: find_policy
SELECT policy.id
FROM policies AS policy
WHERE policy.tenant_id = current_tenant_id() AND (policy.id = %(id)s::uuid OR policy.slug = %(named)s);

-- name: add_resource
INSERT INTO resources (
    id, tenant_id, slug, name, kind, summary, description, capacity, max_party_size, assignment, policy_id, amenities,
    location, position, created_at, updated_at
)
VALUES (
    %(id)s, current_tenant_id(), %(slug)s, %(name)s, %(kind)s, %(summary)s, %(description)s, %(capacity)s,
    %(max_party_size)s, %(assignment)s, %(policy_id)s, %(amenities)s, %(location)s, %(position)s, clock_now(),
    clock_now()
)
ON CONFLICT (tenant_id, slug) DO NOTHING;

-- name: change_resource
UPDATE resources SET
    name = %(name)s,
    kind = %(kind)s,
    summary = %(summary)s,
    description = %(description)s,
    capacity = %(capacity)s,
    max_party_size = %(max_party_size)s,
    policy_id = %(policy_id)s,
    amenities = %(amenities)s,
    location = %(location)s,
    position = %(position)s,
    version = version + 1,
    updated_at = clock_now()
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND version = %(version)s;

-- name: archive_resource
UPDATE resources SET
    archived_at = %(at)s,
    version = version + 1,
    updated_at = clock_now()
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND version = %(version)s AND archived_at IS NULL;

-- name: restore_resource
UPDATE resources AS resource SET
    archived_at = NULL,
    version = resource.version + 1,
    updated_at = clock_now()
FROM (
    SELECT
        archived.id,
        archived.archived_at,
        archived.version
    FROM resources AS archived
    WHERE
        archived.tenant_id = current_tenant_id()
        AND (archived.id = %(id)s::uuid OR archived.slug = %(named)s)
        AND archived.archived_at IS NOT NULL
    FOR UPDATE
) AS before
WHERE resource.tenant_id = current_tenant_id() AND resource.id = before.id
RETURNING before.id, before.archived_at, before.version;

-- name: read_images
SELECT
    resource.id,
    resource.images,
    resource.version
FROM resources AS resource
WHERE
    resource.tenant_id = current_tenant_id()
    AND (resource.id = %(id)s::uuid OR resource.slug = %(named)s)
    AND resource.archived_at IS NULL;

-- name: replace_images
UPDATE resources SET
    images = %(images)s,
    version = version + 1,
    updated_at = clock_now()
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND version = %(version)s;

-- name: touch_resource
-- What hangs on a resource is part of it: readers and editors see another version.
UPDATE resources SET
    version = version + 1,
    updated_at = clock_now()
WHERE tenant_id = current_tenant_id() AND id = %(id)s;

-- name: remove_units
DELETE FROM units
WHERE tenant_id = current_tenant_id() AND resource_id = %(resource_id)s AND number >= %(first)s;

-- name: label_unit
INSERT INTO units AS unit (tenant_id, resource_id, number, label)
VALUES (current_tenant_id(), %(resource_id)s, %(number)s, %(label)s)
ON CONFLICT (tenant_id, resource_id, number) DO UPDATE SET label = excluded.label;

-- name: list_amenities
SELECT
    amenity.name,
    count(*) AS resources
FROM resources AS resource
CROSS JOIN LATERAL unnest(resource.amenities) AS amenity (name)
WHERE resource.tenant_id = current_tenant_id() AND resource.archived_at IS NULL
GROUP BY amenity.name
ORDER BY amenity.name;
