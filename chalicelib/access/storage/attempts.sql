-- How often something was tried or done, by key.

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
    FROM address, (VALUES (%(email)s::bytea), (%(tenant)s::bytea)) AS key (hash)
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
