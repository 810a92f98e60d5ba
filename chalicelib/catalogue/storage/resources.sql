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

-- name: list_windows
SELECT
    availability_window.id,
    availability_window.resource_id,
    availability_window.starts_at,
    availability_window.ends_at
FROM availability_windows AS availability_window
WHERE
    availability_window.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR availability_window.resource_id = %(resource_id)s)
    AND (%(window_id)s::uuid IS NULL OR availability_window.id = %(window_id)s)
    AND (%(from)s::timestamptz IS NULL OR availability_window.ends_at > %(from)s)
    AND (%(until)s::timestamptz IS NULL OR availability_window.starts_at < %(until)s)
    AND (
        %(after_at)s::timestamptz IS NULL
        OR (availability_window.starts_at, availability_window.id) > (%(after_at)s, %(after_id)s::uuid)
    )
ORDER BY availability_window.starts_at, availability_window.id
LIMIT %(limit)s;

-- name: add_window
INSERT INTO availability_windows (id, tenant_id, resource_id, starts_at, ends_at)
VALUES (%(id)s, current_tenant_id(), %(resource_id)s, %(starts_at)s, %(ends_at)s);

-- name: remove_window
DELETE FROM availability_windows
WHERE tenant_id = current_tenant_id() AND id = %(id)s;

-- name: reservations_in_window
SELECT
    reservation.id,
    reservation.code,
    reservation.starts_at,
    reservation.ends_at,
    (
        SELECT range_agg(own.units)
        FROM allocations AS own
        WHERE own.tenant_id = reservation.tenant_id AND own.owner_id = reservation.id AND own.owner_kind = 'reservation'
    ) AS units
FROM reservations AS reservation
WHERE
    reservation.tenant_id = current_tenant_id()
    AND reservation.resource_id = %(resource_id)s
    AND reservation.starts_at < %(ends_at)s
    AND reservation.ends_at > %(starts_at)s
    AND reservation.state IN ('pending', 'held', 'confirmed', 'checked_in')
ORDER BY reservation.starts_at, reservation.id
LIMIT 100;
