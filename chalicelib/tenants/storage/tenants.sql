-- Tenants as operators and owners change them. What happens to a tenant is told in its own events, so each of these
-- statements enters the tenant it touches.

-- name: list_tenants
SELECT
    tenant.id,
    tenant.slug,
    tenant.name,
    tenant.timezone,
    tenant.currency,
    tenant.locale,
    tenant.suspended_at,
    tenant.suspended_reason,
    tenant.created_at
FROM tenants AS tenant
WHERE %(after)s::text IS NULL OR tenant.slug > %(after)s
ORDER BY tenant.slug
LIMIT %(limit)s;

-- name: insert_tenant
INSERT INTO tenants (id, slug, name, timezone, currency, locale, created_at, updated_at)
VALUES (%(id)s, %(slug)s, %(name)s, %(timezone)s, %(currency)s, %(locale)s, clock_now(), clock_now())
ON CONFLICT (slug) DO NOTHING
RETURNING set_config('app.tenant_id', id::text, true) AS entered;

-- name: suspend_tenant
UPDATE tenants SET
    suspended_at = clock_now(),
    suspended_reason = %(reason)s,
    updated_at = clock_now()
WHERE slug = %(slug)s AND suspended_at IS NULL
RETURNING id, set_config('app.tenant_id', id::text, true) AS entered;

-- name: resume_tenant
UPDATE tenants SET
    suspended_at = NULL,
    suspended_reason = NULL,
    updated_at = clock_now()
WHERE slug = %(slug)s AND suspended_at IS NOT NULL
RETURNING id, set_config('app.tenant_id', id::text, true) AS entered;

-- name: lock_tenant
-- Waits for everybody who is storing something that belongs to the tenant: their foreign keys hold this row.
SELECT tenant.id
FROM tenants AS tenant
WHERE tenant.id = current_tenant_id()
FOR UPDATE;

-- name: tenant_is_still
SELECT tenant.id
FROM tenants AS tenant
WHERE
    tenant.id = current_tenant_id()
    AND tenant.timezone = %(timezone)s
    AND tenant.currency = %(currency)s;

-- name: tenant_is_and_stays
-- For SERIALIZABLE transactions, whose view is older than what others did since they began.
SELECT tenant.id
FROM tenants AS tenant
WHERE
    tenant.id = current_tenant_id()
    AND tenant.timezone = %(timezone)s
    AND tenant.currency = %(currency)s
FOR SHARE;

-- name: has_reservations
SELECT EXISTS(
    SELECT 1
    FROM reservations AS reservation
    WHERE reservation.tenant_id = current_tenant_id()
) AS found;

-- name: change_tenant
UPDATE tenants SET
    name = %(name)s,
    timezone = %(timezone)s,
    currency = %(currency)s,
    locale = %(locale)s,
    site = %(site)s,
    version = version + 1,
    updated_at = clock_now()
WHERE id = current_tenant_id() AND version = %(version)s;

-- name: read_settings
SELECT
    tenant.settings,
    tenant.version
FROM tenants AS tenant
WHERE tenant.id = current_tenant_id();

-- name: change_settings
UPDATE tenants SET
    settings = %(settings)s,
    version = version + 1,
    updated_at = clock_now()
WHERE id = current_tenant_id() AND version = %(version)s;
