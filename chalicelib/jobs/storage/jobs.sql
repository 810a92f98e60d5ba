-- Runs of scheduled functions, and what is kept for a time only.

-- name: add_run
-- How many items failed in it is counted here, as one that failed again has no row of its own for it.
INSERT INTO job_runs (id, name, started_at, finished_at, changed, failed, error)
VALUES (
    %(id)s,
    %(name)s,
    %(started_at)s,
    clock_now(),
    %(changed)s,
    (
        SELECT count(*)
        FROM job_failures AS failure
        WHERE failure.job = %(name)s AND failure.failed_at >= %(started_at)s
    ),
    %(error)s
);

-- name: last_runs
SELECT DISTINCT ON (run.name)
    run.name,
    run.started_at,
    run.finished_at,
    run.changed,
    run.failed,
    run.error
FROM job_runs AS run
ORDER BY run.name ASC, run.started_at DESC;

-- name: list_runs
SELECT
    run.name,
    run.started_at,
    run.finished_at,
    run.changed,
    run.failed,
    run.error
FROM job_runs AS run
WHERE %(name)s::text IS NULL OR run.name = %(name)s
ORDER BY run.started_at DESC, run.id DESC
LIMIT %(limit)s;

-- name: last_good_runs
-- Seconds since the last run of each that ended without an error began; none where there was no such run yet.
SELECT
    job.name,
    extract(EPOCH FROM clock_now() - good.started_at)::double precision AS seconds
FROM unnest(%(names)s::text[]) AS job (name)
CROSS JOIN LATERAL (
    SELECT run.started_at
    FROM job_runs AS run
    WHERE run.name = job.name AND run.error IS NULL
    ORDER BY run.started_at DESC
    LIMIT 1
) AS good;

-- name: read_lock_waits
-- Of the whole server: who waits for a row waits for a transaction, which belongs to no database.
SELECT
    count(*)::integer AS waiting,
    coalesce(max(extract(EPOCH FROM clock_timestamp() - held_up.waitstart)), 0)::double precision AS seconds
FROM pg_locks AS held_up
WHERE NOT held_up.granted;

-- name: read_failures
SELECT
    failure.item_id,
    failure.next_attempt_at <= clock_now() AS due
FROM job_failures AS failure
WHERE failure.job = %(job)s;

-- name: add_failure
INSERT INTO job_failures AS failure (job, item_id, tenant, first_failed_at, failed_at, next_attempt_at, error)
VALUES (
    %(job)s, %(item_id)s, %(tenant)s, clock_now(), clock_now(), clock_now() + interval '1 minute', %(error)s
)
ON CONFLICT (job, item_id) DO UPDATE SET
    attempts = failure.attempts + 1,
    tenant = excluded.tenant,
    failed_at = excluded.failed_at,
    next_attempt_at = clock_now() + least(interval '1 minute' * 2 ^ least(failure.attempts, 6), interval '1 hour'),
    error = excluded.error;

-- name: forget_failures
DELETE FROM job_failures
WHERE job = %(job)s AND item_id = ANY(%(items)s);

-- name: list_failures
SELECT
    failure.job,
    failure.item_id,
    failure.tenant,
    failure.attempts,
    failure.first_failed_at,
    failure.failed_at,
    failure.next_attempt_at,
    failure.error
FROM job_failures AS failure
WHERE %(job)s::text IS NULL OR failure.job = %(job)s
ORDER BY failure.failed_at DESC, failure.item_id ASC
LIMIT %(limit)s;

-- name: count_failures
SELECT
    failure.job,
    count(*)::integer AS failures
FROM job_failures AS failure
GROUP BY failure.job;

-- name: read_activity
SELECT
    pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS storing,
    activity.xact_commit + activity.xact_rollback AS reported
FROM pg_stat_database AS activity
WHERE activity.datname = current_database();

-- What is kept for its time. Each statement names the oldest that are over by their ids, without those that are left
-- out, and removes them if it is to: what cannot be removed is found by its id.

-- name: remove_past_allocations
-- Only what ends later decides anything; buffers are part of what ends.
WITH past AS (
    SELECT
        past.owner_id,
        past.part,
        concat(past.owner_id, '/', past.part) AS named
    FROM allocations AS past
    WHERE
        past.ends_at <= clock_now()
        AND (cardinality(%(left_out)s::text[]) = 0 OR concat(past.owner_id, '/', past.part) != ALL(%(left_out)s))
    ORDER BY past.ends_at
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
),

removed AS (
    DELETE FROM allocations AS allocation
    USING past
    WHERE
        allocation.owner_id = past.owner_id
        AND allocation.part = past.part
        AND %(removes)s
)

SELECT past.named AS id
FROM past;

-- name: remove_old_keys
WITH old AS (
    SELECT
        old.tenant_id,
        old.caller,
        old.route,
        old.key,
        encode(
            sha256(convert_to(concat_ws('|', old.tenant_id, old.caller, old.route, old.key), 'UTF8')), 'hex'
        ) AS named
    FROM idempotency_keys AS old
    WHERE
        old.created_at < clock_now() - interval '24 hours'
        AND (
            cardinality(%(left_out)s::text[]) = 0
            OR encode(
                sha256(convert_to(concat_ws('|', old.tenant_id, old.caller, old.route, old.key), 'UTF8')), 'hex'
            ) != ALL(%(left_out)s)
        )
    ORDER BY old.created_at
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
),

removed AS (
    DELETE FROM idempotency_keys AS kept
    USING old
    WHERE
        kept.tenant_id = old.tenant_id
        AND kept.caller = old.caller
        AND kept.route = old.route
        AND kept.key = old.key
        AND %(removes)s
)

SELECT old.named AS id
FROM old;

-- name: remove_old_tokens
-- Ended sessions are kept for a month, so that a refresh token that is used again is still known as a stolen one.
WITH old AS (
    SELECT
        old.token_hash,
        encode(old.token_hash, 'hex') AS named
    FROM sessions AS session
    INNER JOIN refresh_tokens AS old ON session.id = old.session_id
    WHERE
        coalesce(session.revoked_at, session.expires_at) < clock_now() - interval '30 days'
        AND (cardinality(%(left_out)s::text[]) = 0 OR encode(old.token_hash, 'hex') != ALL(%(left_out)s))
    ORDER BY old.token_hash
    LIMIT %(limit)s
),

removed AS (
    DELETE FROM refresh_tokens AS token
    USING old
    WHERE
        token.token_hash = old.token_hash
        AND %(removes)s
)

SELECT old.named AS id
FROM old;

-- name: remove_old_sessions
-- Those whose tokens are all removed.
WITH ended AS (
    SELECT
        ended.id,
        ended.id::text AS named
    FROM sessions AS ended
    WHERE
        coalesce(ended.revoked_at, ended.expires_at) < clock_now() - interval '30 days'
        AND NOT EXISTS (
            SELECT
            FROM refresh_tokens AS token
            WHERE token.session_id = ended.id
        )
        AND (cardinality(%(left_out)s::text[]) = 0 OR ended.id::text != ALL(%(left_out)s))
    ORDER BY ended.id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
),

removed AS (
    DELETE FROM sessions AS session
    USING ended
    WHERE
        session.id = ended.id
        AND %(removes)s
)

SELECT ended.named AS id
FROM ended;

-- name: remove_old_resets
WITH old AS (
    SELECT
        old.token_hash,
        encode(old.token_hash, 'hex') AS named
    FROM password_resets AS old
    WHERE
        old.expires_at < clock_now() - interval '1 day'
        AND (cardinality(%(left_out)s::text[]) = 0 OR encode(old.token_hash, 'hex') != ALL(%(left_out)s))
    ORDER BY old.expires_at
    LIMIT %(limit)s
),

removed AS (
    DELETE FROM password_resets AS reset
    USING old
    WHERE
        reset.token_hash = old.token_hash
        AND %(removes)s
)

SELECT old.named AS id
FROM old;

-- name: remove_old_throttles
WITH old AS (
    SELECT
        old.key_hash,
        encode(old.key_hash, 'hex') AS named
    FROM throttles AS old
    WHERE
        old.window_ends_at < clock_now() - interval '1 day'
        AND (cardinality(%(left_out)s::text[]) = 0 OR encode(old.key_hash, 'hex') != ALL(%(left_out)s))
    ORDER BY old.window_ends_at
    LIMIT %(limit)s
),

removed AS (
    DELETE FROM throttles AS throttle
    USING old
    -- One that counts again meanwhile stays.
    WHERE
        throttle.key_hash = old.key_hash
        AND throttle.window_ends_at < clock_now() - interval '1 day'
        AND %(removes)s
)

SELECT old.named AS id
FROM old;

-- name: remove_old_requests
WITH old AS (
    SELECT
        old.tenant_id,
        old.id,
        old.id::text AS named
    FROM unconfirmed_requests AS old
    WHERE
        old.expires_at < clock_now()
        AND (cardinality(%(left_out)s::text[]) = 0 OR old.id::text != ALL(%(left_out)s))
    ORDER BY old.expires_at
    LIMIT %(limit)s
),

removed AS (
    DELETE FROM unconfirmed_requests AS request
    USING old
    WHERE
        request.tenant_id = old.tenant_id
        AND request.id = old.id
        AND %(removes)s
)

SELECT old.named AS id
FROM old;

-- name: remove_old_runs
WITH old AS (
    SELECT
        old.id,
        old.id::text AS named
    FROM job_runs AS old
    WHERE
        old.finished_at < clock_now() - interval '14 days'
        AND (cardinality(%(left_out)s::text[]) = 0 OR old.id::text != ALL(%(left_out)s))
    ORDER BY old.finished_at
    LIMIT %(limit)s
),

removed AS (
    DELETE FROM job_runs AS run
    USING old
    WHERE
        run.id = old.id
        AND %(removes)s
)

SELECT old.named AS id
FROM old;

-- name: remove_old_deliveries
WITH settled AS (
    SELECT
        settled.tenant_id,
        settled.id,
        settled.id::text AS named
    FROM deliveries AS settled
    WHERE
        settled.settled_at < clock_now() - interval '30 days' AND settled.outcome != 'dead'
        AND (cardinality(%(left_out)s::text[]) = 0 OR settled.id::text != ALL(%(left_out)s))
    ORDER BY settled.settled_at
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
),

removed AS (
    DELETE FROM deliveries AS delivery
    USING settled
    WHERE
        delivery.tenant_id = settled.tenant_id
        AND delivery.id = settled.id
        AND %(removes)s
)

SELECT settled.named AS id
FROM settled;

-- name: remove_surplus_deliveries
-- Of each webhook the latest 10,000 stay. What is still on its way is not counted and stays.
WITH surplus AS (
    SELECT
        surplus.tenant_id,
        surplus.id,
        surplus.id::text AS named
    FROM webhooks AS webhook
    CROSS JOIN LATERAL (
        SELECT delivery.id
        FROM deliveries AS delivery
        WHERE delivery.tenant_id = webhook.tenant_id AND delivery.target_id = webhook.id
        ORDER BY delivery.id DESC
        LIMIT 1 OFFSET 10000
    ) AS latest
    CROSS JOIN LATERAL (
        SELECT
            older.tenant_id,
            older.id
        FROM deliveries AS older
        WHERE
            older.tenant_id = webhook.tenant_id
            AND older.target_id = webhook.id
            AND older.id <= latest.id
            AND older.outcome IS NOT NULL
            AND (cardinality(%(left_out)s::text[]) = 0 OR older.id::text != ALL(%(left_out)s))
        ORDER BY older.id
        LIMIT %(limit)s
    ) AS surplus
    ORDER BY surplus.id
    LIMIT %(limit)s
),

removed AS (
    DELETE FROM deliveries AS delivery
    USING surplus
    WHERE
        delivery.tenant_id = surplus.tenant_id
        AND delivery.id = surplus.id
        AND %(removes)s
)

SELECT surplus.named AS id
FROM surplus;
