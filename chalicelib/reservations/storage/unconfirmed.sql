-- What anonymous callers asked for and have not confirmed by email yet.

-- name: add_request
INSERT INTO unconfirmed_requests (tenant_id, id, kind, email, body, secret_hash, created_at, expires_at)
VALUES (
    current_tenant_id(),
    %(id)s,
    %(kind)s,
    %(email)s,
    %(body)s,
    %(secret_hash)s,
    clock_now(),
    clock_now() + %(lifetime)s::interval
);

-- name: find_request
SELECT
    request.id,
    request.kind,
    request.body
FROM unconfirmed_requests AS request
WHERE
    request.tenant_id = current_tenant_id()
    AND request.secret_hash = %(secret_hash)s
    AND request.expires_at > clock_now();

-- name: forget_requests
DELETE FROM unconfirmed_requests
WHERE tenant_id = current_tenant_id() AND email = ANY(%(emails)s::text[]);
