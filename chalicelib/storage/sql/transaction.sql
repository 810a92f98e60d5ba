-- How every transaction begins, and the probe of readiness.

-- name: begin_tenant
SELECT
    tenant.id,
    tenant.slug,
    tenant.timezone,
    tenant.currency,
    clock_now() AS now,
    set_config('app.tenant_id', tenant.id::text, true) AS tenant_setting
FROM tenants AS tenant
WHERE tenant.slug = %(slug)s;

-- name: answers
SELECT 1 AS answer;
