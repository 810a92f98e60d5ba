-- How every transaction begins, and the probe of readiness.

-- name: limit_time
SELECT
    set_config('lock_timeout', %(lock)s, true) AS lock_setting,
    set_config('statement_timeout', %(statement)s, true) AS statement_setting,
    set_config('idle_in_transaction_session_timeout', %(idle)s, true) AS idle_setting;

-- name: limit_toll
-- What is counted in a transaction of its own, which ends at once, stays counted whatever becomes of the request;
-- nobody waits for the disk.
SELECT
    set_config('lock_timeout', %(lock)s, true) AS lock_setting,
    set_config('statement_timeout', %(statement)s, true) AS statement_setting,
    set_config('idle_in_transaction_session_timeout', %(idle)s, true) AS idle_setting,
    set_config('synchronous_commit', 'off', true) AS commit_setting;

-- name: begin_tenant
SELECT
    tenant.id,
    tenant.slug,
    tenant.timezone,
    tenant.currency,
    tenant.name,
    tenant.suspended_reason,
    coalesce((tenant.settings ->> 'confirm_by_email')::boolean, false) AS confirms_by_email,
    coalesce((tenant.settings ->> 'waitlist')::boolean, true) AS keeps_waitlist,
    clock_now() AS now,
    set_config('app.tenant_id', tenant.id::text, true) AS tenant_setting
FROM tenants AS tenant
WHERE tenant.slug = %(slug)s;

-- name: begin_without_tenant
SELECT clock_now() AS now;

-- name: begin_acting
SELECT
    set_config('app.user_id', %(user_id)s, true) AS user_setting,
    set_config('app.user_email', %(email)s, true) AS email_setting,
    set_config('app.resource_ids', %(resource_ids)s, true) AS resources_setting,
    set_config('app.connection_id', %(connection_id)s, true) AS connection_setting;

-- name: answers
SELECT 1 AS answer;

-- name: position
-- Where the next record of the log begins: behind everything that was committed before it is asked for.
SELECT pg_current_wal_insert_lsn()::text AS position;
