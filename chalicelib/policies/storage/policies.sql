-- Policies and their versions as administrators publish them, and what was reserved under them.

-- name: list_policies
SELECT
    policy.id,
    policy.slug,
    policy.name,
    policy.current_version,
    policy_version.published_at,
    policy_version.document::text AS document,
    (
        SELECT count(*)
        FROM resources AS resource
        WHERE
            resource.tenant_id = policy.tenant_id
            AND resource.policy_id = policy.id
            AND resource.archived_at IS NULL
    ) AS resources
FROM policies AS policy
INNER JOIN policy_versions AS policy_version
    ON
        policy.tenant_id = policy_version.tenant_id
        AND policy.id = policy_version.policy_id
        AND policy.current_version = policy_version.version
WHERE
    policy.tenant_id = current_tenant_id()
    AND (%(named)s::text IS NULL OR policy.id = %(id)s::uuid OR policy.slug = %(named)s)
    AND (%(after)s::text IS NULL OR policy.slug > %(after)s)
ORDER BY policy.slug
LIMIT %(limit)s;

-- name: list_versions
SELECT
    policy_version.version,
    policy_version.published_at,
    policy_version.document::text AS document
FROM policy_versions AS policy_version
WHERE
    policy_version.tenant_id = current_tenant_id()
    AND policy_version.policy_id = %(policy_id)s
    AND (%(version)s::int IS NULL OR policy_version.version = %(version)s)
ORDER BY policy_version.version DESC
LIMIT 200;

-- name: add_policy
INSERT INTO policies (id, tenant_id, slug, name, current_version)
VALUES (%(id)s, current_tenant_id(), %(slug)s, %(name)s, 1)
ON CONFLICT (tenant_id, slug) DO NOTHING;

-- name: add_version
INSERT INTO policy_versions (tenant_id, policy_id, version, document, published_at)
VALUES (current_tenant_id(), %(policy_id)s, %(version)s, %(document)s, clock_now());

-- name: publish_version
UPDATE policies SET current_version = current_version + 1
WHERE tenant_id = current_tenant_id() AND id = %(policy_id)s AND current_version = %(version)s;

-- name: past_reservations
SELECT
    reservation.id,
    reservation.code,
    reservation.resource_id,
    guest.email,
    reservation.state,
    reservation.starts_at,
    reservation.ends_at,
    reservation.check_in_on,
    reservation.check_out_on,
    reservation.quantity,
    reservation.party_size,
    (reservation.price ->> 'total')::bigint AS price_total,
    reservation.created_at,
    reservation.updated_at
FROM reservations AS reservation
INNER JOIN resources AS resource
    ON reservation.tenant_id = resource.tenant_id AND reservation.resource_id = resource.id
INNER JOIN guests AS guest
    ON reservation.tenant_id = guest.tenant_id AND reservation.guest_id = guest.id
WHERE
    reservation.tenant_id = current_tenant_id()
    AND resource.policy_id = %(policy_id)s
    AND (%(from)s::timestamptz IS NULL OR reservation.created_at >= %(from)s)
    AND (%(until)s::timestamptz IS NULL OR reservation.created_at < %(until)s)
ORDER BY reservation.created_at DESC, reservation.id DESC
LIMIT %(limit)s;

-- name: resources_under
SELECT resource.id
FROM resources AS resource
WHERE resource.tenant_id = current_tenant_id() AND resource.policy_id = %(policy_id)s AND resource.archived_at IS NULL;
