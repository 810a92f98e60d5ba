-- Tenants' own domains.

-- name: read_domain
SELECT
    tenant.domain,
    tenant.domain_token,
    tenant.domain_verified_at,
    tenant.domain_checked_at,
    tenant.domain_problem,
    tenant.domain_missing_since,
    tenant.version
FROM tenants AS tenant
WHERE tenant.id = current_tenant_id();

-- name: change_domain
UPDATE tenants SET
    domain = %(host)s,
    domain_token = %(token)s,
    domain_verified_at = NULL,
    domain_checked_at = NULL,
    domain_problem = NULL,
    domain_missing_since = NULL,
    version = version + 1,
    updated_at = clock_now()
WHERE id = current_tenant_id() AND version = %(version)s;

-- name: store_check
-- Of the domain that was checked: another one may have been set meanwhile.
UPDATE tenants SET
    domain_verified_at = %(verified_at)s,
    domain_checked_at = %(checked_at)s,
    domain_problem = %(problem)s,
    domain_missing_since = %(missing_since)s
WHERE id = current_tenant_id() AND domain = %(host)s AND domain_token = %(token)s
RETURNING id;

-- name: is_taken
SELECT EXISTS(
    SELECT 1
    FROM tenants AS tenant
    WHERE
        tenant.domain = %(host)s
        AND tenant.domain_verified_at IS NOT NULL
        AND tenant.id <> current_tenant_id()
) AS taken;

-- name: list_due
-- Of all tenants that are served: proven domains that were not checked for so long, the longest first.
SELECT
    tenant.id,
    tenant.slug,
    tenant.domain,
    tenant.domain_token
FROM tenants AS tenant
WHERE
    tenant.domain_verified_at IS NOT NULL
    AND tenant.suspended_at IS NULL
    AND tenant.domain_checked_at <= clock_now() - %(every)s::interval
ORDER BY tenant.domain_checked_at, tenant.id
LIMIT %(limit)s;
