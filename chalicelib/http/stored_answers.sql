-- Answers kept under the caller's Idempotency-Key, written in the transaction of the change they answer.

-- name: claim_key
INSERT INTO idempotency_keys (tenant_id, caller, route, key, body_hash, status, headers, body, created_at)
VALUES (
    current_tenant_id(), %(caller)s, %(route)s, %(key)s, %(body_hash)s, %(status)s, %(headers)s, %(body)s,
    %(created_at)s
)
ON CONFLICT DO NOTHING;

-- name: forget_answer
DELETE FROM idempotency_keys
WHERE tenant_id = current_tenant_id() AND caller = %(caller)s AND route = %(route)s AND key = %(key)s;

-- name: find_answer
SELECT
    stored.body_hash,
    stored.status,
    stored.headers,
    stored.body
FROM idempotency_keys AS stored
WHERE
    stored.tenant_id = current_tenant_id()
    AND stored.caller = %(caller)s
    AND stored.route = %(route)s
    AND stored.key = %(key)s;
