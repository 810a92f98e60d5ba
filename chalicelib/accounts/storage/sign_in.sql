-- Sign-in: attempts, sessions, refresh tokens and password resets. Row security shows each user their own.

-- name: find_user_by_email
SELECT
    account.id,
    account.email,
    account.name,
    account.operator,
    account.password_hash
FROM users AS account
WHERE account.email = current_user_email() AND account.disabled_at IS NULL;

-- name: find_user
SELECT
    account.id,
    account.email,
    account.name,
    account.operator,
    account.password_hash
FROM users AS account
WHERE account.id = current_user_id() AND account.disabled_at IS NULL;

-- name: read_memberships
SELECT
    tenant.slug AS tenant,
    tenant.name AS tenant_name,
    membership.role,
    tenant.suspended_reason
FROM memberships AS membership
INNER JOIN tenants AS tenant ON membership.tenant_id = tenant.id
WHERE membership.user_id = current_user_id()
ORDER BY tenant.name, tenant.id;

-- name: change_password
UPDATE users SET
    password_hash = %(password_hash)s,
    version = version + 1,
    updated_at = clock_now()
WHERE id = current_user_id() AND disabled_at IS NULL;

-- name: open_session
INSERT INTO sessions (id, user_id, created_at, refreshed_at, expires_at, user_agent)
VALUES (%(id)s, current_user_id(), clock_now(), clock_now(), clock_now() + %(lifetime)s, %(user_agent)s);

-- name: prolong_session
UPDATE sessions SET
    refreshed_at = clock_now(),
    expires_at = clock_now() + %(lifetime)s
WHERE
    id = %(id)s
    AND user_id = current_user_id()
    AND revoked_at IS NULL
    AND expires_at > clock_now();

-- name: end_session
UPDATE sessions SET
    revoked_at = clock_now(),
    revoked_because = %(because)s
WHERE id = %(id)s AND user_id = current_user_id() AND revoked_at IS NULL;

-- name: end_sessions
UPDATE sessions SET
    revoked_at = clock_now(),
    revoked_because = %(because)s
WHERE user_id = current_user_id() AND revoked_at IS NULL AND (%(except_id)s::uuid IS NULL OR id <> %(except_id)s);

-- name: list_sessions
SELECT
    session.id,
    session.created_at,
    session.refreshed_at,
    session.expires_at,
    session.user_agent
FROM sessions AS session
WHERE
    session.user_id = current_user_id()
    AND session.revoked_at IS NULL
    AND session.expires_at > clock_now()
ORDER BY session.refreshed_at DESC, session.id DESC
LIMIT 200;

-- name: add_refresh_token
INSERT INTO refresh_tokens (token_hash, session_id, user_id, issued_at)
VALUES (%(token_hash)s, %(session_id)s, current_user_id(), clock_now());

-- name: use_refresh_tokens
-- All that the session has: one of them is used, and the others were given to those who came a moment later.
UPDATE refresh_tokens SET used_at = clock_now()
WHERE session_id = %(session_id)s AND user_id = current_user_id() AND used_at IS NULL;

-- name: find_refresh_token
SELECT
    token.session_id,
    token.used_at IS NOT NULL AS used,
    coalesce(token.used_at > clock_now() - %(overlap)s::interval, false) AS used_recently
FROM refresh_tokens AS token
WHERE token.token_hash = %(token_hash)s AND token.user_id = current_user_id();

-- name: add_password_reset
INSERT INTO password_resets (token_hash, user_id, created_at, expires_at)
VALUES (%(token_hash)s, current_user_id(), clock_now(), clock_now() + %(lifetime)s);

-- name: use_password_reset
UPDATE password_resets SET used_at = clock_now()
WHERE
    token_hash = %(token_hash)s
    AND user_id = current_user_id()
    AND used_at IS NULL
    AND expires_at > clock_now();

-- name: use_other_password_resets
-- Emails that were sent before must not undo what the last one did.
UPDATE password_resets SET used_at = clock_now()
WHERE user_id = current_user_id() AND used_at IS NULL;

-- name: find_identity
SELECT identity.subject
FROM user_identities AS identity
WHERE identity.issuer = %(issuer)s AND identity.user_id = current_user_id();

-- name: add_identity
INSERT INTO user_identities (issuer, subject, user_id, created_at)
VALUES (%(issuer)s, %(subject)s, current_user_id(), clock_now());
