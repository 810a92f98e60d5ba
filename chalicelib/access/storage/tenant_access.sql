-- Which tenant a slug names, and whose pages may call for it.

-- name: find_tenant
SELECT
    tenant.id,
    set_config('app.tenant_id', tenant.id::text, true) AS entered
FROM tenants AS tenant
WHERE tenant.slug = %(slug)s;

-- name: read_origins
SELECT
    coalesce(tenant.settings -> 'origins', '[]'::jsonb) AS origins,
    CASE WHEN tenant.domain_verified_at IS NOT NULL THEN 'https://' || tenant.domain END AS own_origin
FROM tenants AS tenant
WHERE tenant.slug = %(slug)s;

-- name: find_host
SELECT tenant.slug
FROM tenants AS tenant
WHERE tenant.domain = %(host)s AND tenant.domain_verified_at IS NOT NULL;
