-- Devices of a member, and what the member wants to be notified of.

-- name: list_devices
SELECT
    device.id,
    device.endpoint,
    device.name,
    device.language,
    device.last_sent_at,
    device.created_at
FROM push_devices AS device
WHERE
    device.tenant_id = current_tenant_id()
    AND device.user_id = %(user_id)s
    AND (%(id)s::uuid IS NULL OR device.id = %(id)s)
ORDER BY device.id;

-- name: find_endpoint
SELECT device.id
FROM push_devices AS device
WHERE
    device.tenant_id = current_tenant_id() AND device.endpoint = %(endpoint)s AND device.user_id = %(user_id)s;

-- name: remove_endpoint
-- A browser notifies the member who added it last.
DELETE FROM push_devices
WHERE tenant_id = current_tenant_id() AND endpoint = %(endpoint)s;

-- name: add_device
INSERT INTO push_devices (tenant_id, id, user_id, endpoint, p256dh, auth, name, language, created_at)
VALUES (
    current_tenant_id(),
    %(id)s,
    %(user_id)s,
    %(endpoint)s,
    %(public_key)s,
    %(auth)s,
    %(name)s,
    %(language)s,
    clock_now()
);

-- name: delete_device
DELETE FROM push_devices
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND user_id = %(user_id)s;

-- name: wake_device
DELETE FROM resting_targets
WHERE tenant_id = current_tenant_id() AND target_id = %(id)s;

-- name: read_preferences
SELECT
    preferences.event_types,
    preferences.resource_ids,
    preferences.quiet_from,
    preferences.quiet_until,
    preferences.quiet_zone,
    preferences.version
FROM push_preferences AS preferences
WHERE preferences.tenant_id = current_tenant_id() AND preferences.user_id = %(user_id)s;

-- name: write_preferences
INSERT INTO push_preferences (
    tenant_id, user_id, event_types, resource_ids, quiet_from, quiet_until, quiet_zone, version, updated_at
)
VALUES (
    current_tenant_id(),
    %(user_id)s,
    %(event_types)s,
    %(resource_ids)s,
    %(quiet_from)s,
    %(quiet_until)s,
    %(quiet_zone)s,
    %(version)s + 1,
    clock_now()
)
ON CONFLICT (tenant_id, user_id) DO UPDATE SET
    event_types = %(event_types)s,
    resource_ids = %(resource_ids)s,
    quiet_from = %(quiet_from)s,
    quiet_until = %(quiet_until)s,
    quiet_zone = %(quiet_zone)s,
    version = push_preferences.version + 1,
    updated_at = clock_now()
WHERE push_preferences.version = %(version)s;

-- name: count_resources
SELECT count(*) AS resources
FROM resources AS resource
WHERE resource.tenant_id = current_tenant_id() AND resource.id = ANY(%(resource_ids)s::uuid[]);
