-- Sign-in: attempts, sessions, refresh tokens and password resets. Row security shows each person their own.

-- name: take_attempt
-- Counted before the password is looked at, so that attempts at the same time cannot all pass.
INSERT INTO throttles AS throttle (key_hash, failures, window_ends_at)
VALUES (%(key_hash)s, 1, clock_now() + %(window)s)
ON CONFLICT (key_hash) DO UPDATE SET
    failures = CASE WHEN throttle.window_ends_at <= clock_now() THEN 1 ELSE throttle.failures + 1 END,
    window_ends_at = CASE
        WHEN throttle.window_ends_at <= clock_now() THEN excluded.window_ends_at
        ELSE throttle.window_ends_at
    END
RETURNING throttle.failures, throttle.window_ends_at;

-- name: count_apart
-- Before BEGIN, in a transaction of its own that ends at once: what is counted stays counted, whatever becomes of the
-- request, and nobody waits for the disk, nor for a row that another request holds until its COMMIT.
SELECT
    set_config('synchronous_commit', 'off', true) AS commit_setting,
    set_config('lock_timeout', '1s', true) AS lock_setting;

-- name: count_writes
-- The others are counted only for who may write at all: one address cannot use up what a tenant has.
WITH address AS (
    INSERT INTO throttles AS throttle (key_hash, failures, window_ends_at)
    VALUES (%(address)s, 1, clock_now() + %(window)s)
    ON CONFLICT (key_hash) DO UPDATE SET
        failures = CASE WHEN throttle.window_ends_at <= clock_now() THEN 1 ELSE throttle.failures + 1 END,
        window_ends_at = CASE
            WHEN throttle.window_ends_at <= clock_now() THEN excluded.window_ends_at
            ELSE throttle.window_ends_at
        END
    RETURNING throttle.key_hash, throttle.failures, throttle.window_ends_at
),

others AS (
    INSERT INTO throttles AS throttle (key_hash, failures, window_ends_at)
    SELECT
        key.hash,
        1,
        clock_now() + %(window)s
    FROM address, unnest(%(others)s::bytea[]) AS key (hash)
    WHERE address.failures <= %(most)s
    ORDER BY key.hash
    ON CONFLICT (key_hash) DO UPDATE SET
        failures = CASE WHEN throttle.window_ends_at <= clock_now() THEN 1 ELSE throttle.failures + 1 END,
        window_ends_at = CASE
            WHEN throttle.window_ends_at <= clock_now() THEN excluded.window_ends_at
            ELSE throttle.window_ends_at
        END
    RETURNING throttle.key_hash, throttle.failures, throttle.window_ends_at
)

SELECT
    address.key_hash,
    address.failures,
    address.window_ends_at,
    clock_now() AS now
FROM address
UNION ALL
SELECT
    others.key_hash,
    others.failures,
    others.window_ends_at,
    clock_now() AS now
FROM others;

-- name: count_within
-- With the change itself, under each key that has not reached its limit: fewer rows than keys mean that one has.
INSERT INTO throttles AS throttle (key_hash, failures, window_ends_at)
SELECT
    key.hash,
    1,
    clock_now() + %(window)s
FROM unnest(%(keys)s::bytea[]) AS key (hash)
ORDER BY key.hash
ON CONFLICT (key_hash) DO UPDATE SET
    failures = CASE WHEN throttle.window_ends_at <= clock_now() THEN 1 ELSE throttle.failures + 1 END,
    window_ends_at = CASE
        WHEN throttle.window_ends_at <= clock_now() THEN excluded.window_ends_at
        ELSE throttle.window_ends_at
    END
WHERE
    throttle.window_ends_at <= clock_now()
    OR throttle.failures < (%(most)s::integer[])[array_position(%(keys)s::bytea[], throttle.key_hash)];

-- name: return_attempt
-- It was none: the one of the address is taken back, those of the account are forgotten.
UPDATE throttles SET failures = failures - 1
WHERE key_hash = %(key_hash)s AND failures > 1;

-- name: forget_attempts
DELETE FROM throttles
WHERE key_hash = %(key_hash)s;

-- name: find_person_by_email
SELECT
    person.id,
    person.email,
    person.name,
    person.operator,
    person.password_hash
FROM users AS person
WHERE person.email = current_user_email() AND person.disabled_at IS NULL;

-- name: find_person
SELECT
    person.id,
    person.email,
    person.name,
    person.operator,
    person.password_hash
FROM users AS person
WHERE person.id = current_user_id() AND person.disabled_at IS NULL;

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
-- Letters that were sent before must not undo what the last one did.
UPDATE password_resets SET used_at = clock_now()
WHERE user_id = current_user_id() AND used_at IS NULL;

-- name: find_identity
SELECT identity.subject
FROM user_identities AS identity
WHERE identity.issuer = %(issuer)s AND identity.user_id = current_user_id();

-- name: add_identity
INSERT INTO user_identities (issuer, subject, user_id, created_at)
VALUES (%(issuer)s, %(subject)s, current_user_id(), clock_now());
