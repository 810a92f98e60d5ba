-- Who calls: what a session or an API key allows at this moment. Read at every request, so that a right that was taken
-- back ends with the next one.

-- name: read_access
SELECT
    account.operator,
    membership.role,
    ARRAY(
        SELECT own.resource_id
        FROM membership_resources AS own
        WHERE own.tenant_id = membership.tenant_id AND own.user_id = membership.user_id
        ORDER BY own.resource_id
    ) AS resource_ids
FROM sessions AS session
INNER JOIN users AS account ON session.user_id = account.id
LEFT JOIN tenants AS tenant ON tenant.slug = %(tenant)s
LEFT JOIN memberships AS membership ON tenant.id = membership.tenant_id AND account.id = membership.user_id
WHERE
    session.id = %(session_id)s
    AND session.user_id = %(user_id)s
    AND session.revoked_at IS NULL
    AND session.expires_at > clock_now()
    AND account.disabled_at IS NULL;

-- name: read_key
SELECT
    key.id,
    key.secret_hash,
    key.scopes
FROM api_keys AS key
WHERE
    key.tenant_id = current_tenant_id()
    AND key.prefix = %(prefix)s
    AND key.revoked_at IS NULL
    AND (key.expires_at IS NULL OR key.expires_at > clock_now());

-- name: key_scopes
SELECT key.scopes
FROM api_keys AS key
WHERE
    key.tenant_id = current_tenant_id()
    AND key.id = %(id)s
    AND key.revoked_at IS NULL
    AND (key.expires_at IS NULL OR key.expires_at > clock_now());

-- name: note_use
-- At most once a minute: a key in use would otherwise rewrite its row at every request.
UPDATE api_keys
SET last_used_at = clock_now()
WHERE
    tenant_id = current_tenant_id()
    AND id = %(id)s
    AND (last_used_at IS NULL OR last_used_at < clock_now() - interval '1 minute');
