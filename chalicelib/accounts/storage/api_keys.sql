-- The keys of other systems.

-- name: add_api_key
INSERT INTO api_keys (tenant_id, id, name, prefix, secret_hash, scopes, created_by, created_at, expires_at)
VALUES (
    current_tenant_id(), %(id)s, %(name)s, %(prefix)s, %(secret_hash)s, %(scopes)s, %(created_by)s, clock_now(),
    %(expires_at)s
)
RETURNING created_at;

-- name: list_api_keys
SELECT
    key.id,
    key.name,
    key.prefix,
    key.scopes,
    key.created_at,
    key.expires_at,
    key.last_used_at,
    key.created_by,
    maker.name AS created_by_name
FROM api_keys AS key
LEFT JOIN users AS maker ON key.created_by = maker.id
WHERE
    key.tenant_id = current_tenant_id()
    AND key.revoked_at IS NULL
    AND (%(before_at)s::timestamptz IS NULL OR (key.created_at, key.id) < (%(before_at)s, %(before_id)s::uuid))
ORDER BY key.created_at DESC, key.id DESC
LIMIT %(limit)s;

-- name: revoke_api_key
UPDATE api_keys SET revoked_at = clock_now()
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND revoked_at IS NULL;

-- name: revoke_api_keys_of
-- All that somebody made, as they may make none any more.
UPDATE api_keys SET revoked_at = clock_now()
WHERE tenant_id = current_tenant_id() AND created_by = %(user_id)s AND revoked_at IS NULL
RETURNING id, name, prefix;
