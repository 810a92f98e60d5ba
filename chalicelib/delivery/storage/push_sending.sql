-- What is pushed to devices: to whom, and with which keys. Only jobs may read those.

-- name: list_recipients
-- Over all tenants that have events on their way, or one device.
SELECT
    device.tenant_id,
    device.id,
    device.user_id,
    membership.role,
    ARRAY(
        SELECT own.resource_id
        FROM membership_resources AS own
        WHERE own.tenant_id = device.tenant_id AND own.user_id = device.user_id
    ) AS own_resource_ids,
    preferences.event_types,
    preferences.resource_ids,
    preferences.quiet_from,
    preferences.quiet_until,
    preferences.quiet_zone,
    preferences.version
FROM push_devices AS device
INNER JOIN memberships AS membership
    ON device.tenant_id = membership.tenant_id AND device.user_id = membership.user_id
LEFT JOIN push_preferences AS preferences
    ON device.tenant_id = preferences.tenant_id AND device.user_id = preferences.user_id
WHERE device.tenant_id = ANY(%(tenant_ids)s::uuid[]) AND (%(id)s::uuid IS NULL OR device.id = %(id)s)
ORDER BY device.id;

-- name: read_keys
SELECT
    device.endpoint,
    device.p256dh,
    device.auth,
    device.language
FROM push_devices AS device
WHERE device.tenant_id = current_tenant_id() AND device.id = %(id)s;

-- name: read_resource_name
SELECT resource.name
FROM resources AS resource
WHERE resource.tenant_id = current_tenant_id() AND resource.id = %(id)s;

-- name: mark_sent
UPDATE push_devices SET last_sent_at = clock_now()
WHERE tenant_id = current_tenant_id() AND id = %(id)s;

-- name: remove_device
DELETE FROM push_devices
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND endpoint = %(endpoint)s;

-- name: wake_device
DELETE FROM resting_targets
WHERE tenant_id = current_tenant_id() AND target_id = %(id)s;
