-- What the seed writes, as the owner of the schema. A statement that finds everything as it should be touches no row.

-- name: read_clock
SELECT clock_now() AS at;

-- name: put_tenant
INSERT INTO tenants (id, slug, name, timezone, currency, locale, site)
VALUES (%(id)s, %(slug)s, %(name)s, %(timezone)s, %(currency)s, %(locale)s, %(site)s)
ON CONFLICT (slug) DO UPDATE SET
    name = excluded.name,
    timezone = excluded.timezone,
    currency = excluded.currency,
    locale = excluded.locale,
    site = excluded.site,
    version = tenants.version + 1,
    updated_at = clock_now()
WHERE
    (tenants.name, tenants.timezone, tenants.currency, tenants.locale, tenants.site)
    IS DISTINCT FROM (excluded.name, excluded.timezone, excluded.currency, excluded.locale, excluded.site);

-- name: enter_tenant
SELECT set_config('app.tenant_id', tenant.id::text, true) AS tenant_id
FROM tenants AS tenant
WHERE tenant.slug = %(slug)s;

-- name: put_policy
INSERT INTO policies (id, tenant_id, slug, name)
VALUES (%(id)s, current_tenant_id(), %(slug)s, %(name)s)
ON CONFLICT (tenant_id, slug) DO UPDATE SET name = excluded.name
WHERE policies.name != excluded.name;

-- name: publish_policy
WITH present AS (
    SELECT
        policy.id,
        policy_version.document,
        (
            SELECT coalesce(max(earlier.version), 0)
            FROM policy_versions AS earlier
            WHERE earlier.tenant_id = policy.tenant_id AND earlier.policy_id = policy.id
        ) AS latest
    FROM policies AS policy
    LEFT JOIN policy_versions AS policy_version
        ON
            policy.tenant_id = policy_version.tenant_id
            AND policy.id = policy_version.policy_id
            AND policy.current_version = policy_version.version
    WHERE policy.tenant_id = current_tenant_id() AND policy.slug = %(slug)s
),

published AS (
    INSERT INTO policy_versions (tenant_id, policy_id, version, document)
    SELECT
        current_tenant_id(),
        present.id,
        present.latest + 1,
        %(document)s
    FROM present
    WHERE present.document IS DISTINCT FROM %(document)s
    RETURNING policy_id, version
)

UPDATE policies
SET current_version = published.version
FROM published
WHERE policies.tenant_id = current_tenant_id() AND policies.id = published.policy_id;

-- name: put_resource
INSERT INTO resources (
    id,
    tenant_id,
    slug,
    name,
    kind,
    summary,
    description,
    capacity,
    max_party_size,
    assignment,
    policy_id,
    amenities,
    images,
    location,
    position
)
SELECT
    %(id)s,
    policy.tenant_id,
    %(slug)s,
    %(name)s,
    %(kind)s,
    %(summary)s,
    %(description)s,
    %(capacity)s,
    %(max_party_size)s,
    %(assignment)s,
    policy.id,
    %(amenities)s,
    %(images)s,
    %(location)s,
    %(position)s
FROM policies AS policy
WHERE policy.tenant_id = current_tenant_id() AND policy.slug = %(policy)s
ON CONFLICT (tenant_id, slug) DO UPDATE SET
    name = excluded.name,
    kind = excluded.kind,
    summary = excluded.summary,
    description = excluded.description,
    capacity = excluded.capacity,
    max_party_size = excluded.max_party_size,
    assignment = excluded.assignment,
    policy_id = excluded.policy_id,
    amenities = excluded.amenities,
    images = excluded.images,
    location = excluded.location,
    position = excluded.position,
    archived_at = NULL,
    version = resources.version + 1,
    updated_at = clock_now()
WHERE
    (
        resources.name,
        resources.kind,
        resources.summary,
        resources.description,
        resources.capacity,
        resources.max_party_size,
        resources.assignment,
        resources.policy_id,
        resources.amenities,
        resources.images,
        resources.location,
        resources.position,
        resources.archived_at
    )
    IS DISTINCT FROM (
        excluded.name,
        excluded.kind,
        excluded.summary,
        excluded.description,
        excluded.capacity,
        excluded.max_party_size,
        excluded.assignment,
        excluded.policy_id,
        excluded.amenities,
        excluded.images,
        excluded.location,
        excluded.position,
        NULL
    )
    -- What somebody changed in the demo stays as they left it.
    AND NOT EXISTS (
        SELECT 1
        FROM events AS event
        WHERE event.tenant_id = current_tenant_id() AND event.entity_id = resources.id
    );

-- name: highest_unit_taken
SELECT coalesce(max(upper(allocation.units)) - 1, 0) AS unit
FROM allocations AS allocation
INNER JOIN resources AS resource
    ON allocation.tenant_id = resource.tenant_id AND allocation.resource_id = resource.id
WHERE
    resource.tenant_id = current_tenant_id()
    AND resource.slug = %(slug)s
    AND allocation.owner_kind = 'reservation';

-- name: remove_units
DELETE FROM units
USING resources AS resource
WHERE
    units.tenant_id = current_tenant_id()
    AND units.tenant_id = resource.tenant_id
    AND units.resource_id = resource.id
    AND resource.slug = %(slug)s
    AND units.label IS DISTINCT FROM (%(labels)s::text[])[units.number];

-- name: add_units
INSERT INTO units (tenant_id, resource_id, number, label)
SELECT
    resource.tenant_id,
    resource.id,
    unit.number,
    unit.label
FROM resources AS resource
CROSS JOIN unnest(%(labels)s::text[]) WITH ORDINALITY AS unit (label, number)
WHERE resource.tenant_id = current_tenant_id() AND resource.slug = %(slug)s
ON CONFLICT DO NOTHING;

-- name: archive_resources
UPDATE resources
SET
    archived_at = clock_now(),
    version = version + 1,
    updated_at = clock_now()
WHERE
    tenant_id = current_tenant_id()
    AND id = ANY(%(ids)s)
    AND archived_at IS NULL;

-- name: read_resource_ids
SELECT
    resource.slug,
    resource.id
FROM resources AS resource
WHERE resource.tenant_id = current_tenant_id();

-- name: read_windows
SELECT
    availability_window.id,
    availability_window.starts_at,
    availability_window.ends_at
FROM availability_windows AS availability_window
WHERE
    availability_window.tenant_id = current_tenant_id()
    AND availability_window.resource_id = %(resource_id)s
    AND availability_window.starts_at >= %(from_at)s;

-- name: remove_window
DELETE FROM availability_windows
WHERE tenant_id = current_tenant_id() AND id = %(id)s;

-- name: add_window
INSERT INTO availability_windows (id, tenant_id, resource_id, starts_at, ends_at)
VALUES (%(id)s, current_tenant_id(), %(resource_id)s, %(starts_at)s, %(ends_at)s)
ON CONFLICT (tenant_id, resource_id, starts_at) DO NOTHING;

-- name: forget_outbox
DELETE FROM outbox;
