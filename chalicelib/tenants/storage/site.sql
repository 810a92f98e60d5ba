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
    tenant.updated_at,
    CASE WHEN tenant.domain_verified_at IS NOT NULL THEN tenant.domain END AS domain,
    coalesce(tenant.settings -> 'embed_origins', '[]'::jsonb) AS embed_origins
FROM tenants AS tenant
WHERE tenant.id = current_tenant_id();
