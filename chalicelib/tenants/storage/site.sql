-- What tenants tell the public about themselves.

-- name: read_site
SELECT
    tenant.id,
    tenant.slug,
    tenant.name,
    tenant.timezone,
    tenant.currency,
    tenant.locale,
    tenant.site,
    tenant.version,
    tenant.updated_at
FROM tenants AS tenant
WHERE tenant.id = current_tenant_id();
