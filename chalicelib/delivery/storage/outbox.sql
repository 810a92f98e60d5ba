-- Events on their way: from the outbox to a delivery for each channel that wants them, and through its attempts.

-- name: take_turn
-- Consumers do their bookkeeping one after the other, so that each sees what the others have begun and settled: events
-- about one entity keep their order. What a crash of the server takes back here is done again, so no one waits for the
-- disk.
SELECT
    pg_advisory_xact_lock('outbox'::regclass::bigint),
    set_config('synchronous_commit', 'off', true);

-- name: take_events
-- The oldest of each tenant first, then the second of each: however many events one has, all others have their turn. A
-- transaction's events become visible together, so none is skipped.
WITH RECURSIVE waiting AS (
    (
        SELECT first.tenant_id
        FROM outbox AS first
        ORDER BY first.tenant_id
        LIMIT 1
    )
    UNION ALL
    SELECT following.tenant_id
    FROM waiting
    CROSS JOIN LATERAL (
        SELECT outbox.tenant_id
        FROM outbox
        WHERE outbox.tenant_id > waiting.tenant_id
        ORDER BY outbox.tenant_id
        LIMIT 1
    ) AS following
),

oldest AS (
    SELECT turn.event_id
    FROM waiting
    CROSS JOIN LATERAL (
        SELECT
            own.event_id,
            row_number() OVER (ORDER BY own.event_id) AS number
        FROM (
            SELECT one.event_id
            FROM outbox AS one
            WHERE
                one.tenant_id = waiting.tenant_id
                AND one.event_id != ALL(%(left_out)s::uuid[])
                AND (%(only)s::uuid[] IS NULL OR one.event_id = ANY(%(only)s))
            ORDER BY one.event_id
            LIMIT %(limit)s
        ) AS own
    ) AS turn
    ORDER BY turn.number, turn.event_id
    LIMIT %(limit)s
),

taken AS (
    DELETE FROM outbox
    USING oldest
    WHERE outbox.event_id = oldest.event_id
    RETURNING outbox.tenant_id, outbox.event_id
)

SELECT
    event.tenant_id,
    tenant.slug AS tenant,
    event.id,
    event.type,
    event.entity_kind,
    event.entity_id,
    event.actor_kind,
    event.actor_id,
    event.before,
    event.after,
    event.occurred_at,
    event.occurred_at < clock_now() - make_interval(secs => %(late)s) AS is_late
FROM taken
INNER JOIN events AS event ON taken.tenant_id = event.tenant_id AND taken.event_id = event.id
INNER JOIN tenants AS tenant ON taken.tenant_id = tenant.id
ORDER BY event.id;

-- name: count_late
INSERT INTO late_events (found_by, count, last_at)
VALUES (%(found_by)s, %(count)s, clock_now())
ON CONFLICT (found_by) DO UPDATE
    SET count = late_events.count + excluded.count, last_at = excluded.last_at;

-- name: list_late
SELECT
    late.found_by,
    late.count,
    late.last_at
FROM late_events AS late
ORDER BY late.found_by;

-- name: add_deliveries
INSERT INTO deliveries (tenant_id, id, event_id, entity_id, channel, target_id, next_attempt_at, created_at)
SELECT
    wanted.tenant_id,
    wanted.id,
    wanted.event_id,
    wanted.entity_id,
    wanted.channel,
    wanted.target_id,
    clock_now(),
    clock_now()
FROM
    unnest(
        %(tenant_ids)s::uuid[],
        %(ids)s::uuid[],
        %(event_ids)s::uuid[],
        %(entity_ids)s::uuid[],
        %(channels)s::text[],
        %(target_ids)s::uuid[]
    ) AS wanted (tenant_id, id, event_id, entity_id, channel, target_id)
ON CONFLICT DO NOTHING;

-- name: hurry_earlier
-- What is told later waits for what is told earlier about the same. So that one does not wait out its pause.
UPDATE deliveries AS earlier
SET next_attempt_at = clock_now()
FROM
    unnest(
        %(tenant_ids)s::uuid[],
        %(event_ids)s::uuid[],
        %(entity_ids)s::uuid[],
        %(channels)s::text[],
        %(target_ids)s::uuid[]
    ) AS wanted (tenant_id, event_id, entity_id, channel, target_id)
WHERE
    earlier.tenant_id = wanted.tenant_id
    AND earlier.channel = wanted.channel
    AND earlier.target_id = wanted.target_id
    AND earlier.entity_id = wanted.entity_id
    AND earlier.event_id < wanted.event_id
    AND earlier.outcome IS NULL
    AND earlier.next_attempt_at > clock_now()
    AND (earlier.leased_until IS NULL OR earlier.leased_until <= clock_now());

-- name: begin_attempts
-- The next attempt is fixed before this one is made: with full jitter, twice as far away each time, at least a lease.
-- Of the deliveries about one entity through one channel to one target only the first that is not settled yet. Tenants
-- have their turns, and within each its targets, who waits longest first: one that is slow keeps no other waiting, and
-- one that rests is left out. Consumers take turns, so no one else begins them meanwhile.
WITH RECURSIVE waiting AS (
    (
        SELECT
            first.tenant_id,
            first.target_id
        FROM deliveries AS first
        WHERE first.outcome IS NULL
        ORDER BY first.tenant_id, first.target_id
        LIMIT 1
    )
    UNION ALL
    SELECT
        following.tenant_id,
        following.target_id
    FROM waiting
    CROSS JOIN LATERAL (
        SELECT
            delivery.tenant_id,
            delivery.target_id
        FROM deliveries AS delivery
        WHERE
            delivery.outcome IS NULL
            AND (delivery.tenant_id, delivery.target_id) > (waiting.tenant_id, waiting.target_id)
        ORDER BY delivery.tenant_id, delivery.target_id
        LIMIT 1
    ) AS following
),

turns AS (
    SELECT
        turn.tenant_id,
        turn.id,
        turn.next_attempt_at,
        row_number() OVER (PARTITION BY turn.tenant_id ORDER BY turn.number, turn.next_attempt_at) AS number
    FROM waiting
    LEFT JOIN resting_targets AS resting
        ON waiting.tenant_id = resting.tenant_id
        AND waiting.target_id = resting.target_id
        AND resting.resting_until > clock_now()
    CROSS JOIN LATERAL (
        SELECT
            own.tenant_id,
            own.id,
            own.next_attempt_at,
            row_number() OVER (ORDER BY own.next_attempt_at) AS number
        FROM (
            SELECT
                one.tenant_id,
                one.id,
                one.next_attempt_at
            FROM deliveries AS one
            WHERE
                one.tenant_id = waiting.tenant_id
                AND one.target_id = waiting.target_id
                AND one.outcome IS NULL
                AND one.next_attempt_at <= clock_now()
                AND NOT EXISTS (
                    SELECT
                    FROM deliveries AS earlier
                    WHERE
                        earlier.tenant_id = one.tenant_id
                        AND earlier.channel = one.channel
                        AND earlier.target_id = one.target_id
                        AND earlier.entity_id = one.entity_id
                        AND earlier.event_id < one.event_id
                        AND earlier.outcome IS NULL
                )
            ORDER BY one.next_attempt_at
            LIMIT %(limit)s
        ) AS own
    ) AS turn
    WHERE resting.target_id IS NULL
),

due AS (
    SELECT
        turns.tenant_id,
        turns.id
    FROM turns
    ORDER BY turns.number, turns.next_attempt_at
    LIMIT %(limit)s
),

begun AS (
    UPDATE deliveries AS delivery
    SET
        attempts = delivery.attempts + 1,
        leased_until = clock_now() + make_interval(secs => %(lease)s),
        next_attempt_at = clock_now() + make_interval(
            secs => %(lease)s + random() * least(%(most)s, %(first)s * 2.0 ^ delivery.attempts)
        )
    FROM due
    WHERE
        delivery.tenant_id = due.tenant_id
        AND delivery.id = due.id
        AND delivery.outcome IS NULL
        AND delivery.next_attempt_at <= clock_now()
    RETURNING delivery.*
),

tried AS (
    UPDATE resting_targets AS resting
    SET resting_until = clock_now() + make_interval(secs => %(lease)s)
    FROM begun
    WHERE resting.tenant_id = begun.tenant_id AND resting.target_id = begun.target_id
)

SELECT
    begun.tenant_id,
    begun.id,
    begun.channel,
    begun.target_id,
    begun.attempts,
    begun.remaining,
    begun.created_at,
    tenant.slug AS tenant,
    event.id AS event_id,
    event.type,
    event.entity_kind,
    event.entity_id,
    event.actor_kind,
    event.actor_id,
    event.before,
    event.after,
    event.occurred_at
FROM begun
INNER JOIN events AS event ON begun.tenant_id = event.tenant_id AND begun.event_id = event.id
INNER JOIN tenants AS tenant ON begun.tenant_id = tenant.id
ORDER BY begun.event_id;

-- name: settle_attempts
-- How attempts ended, all at once. The first to say that a delivery is over counts; a failure says nothing of it once
-- another attempt has begun.
UPDATE deliveries AS delivery
SET
    outcome = ended.outcome,
    last_error = ended.error,
    settled_at = CASE WHEN ended.outcome IS NOT NULL THEN clock_now() END,
    leased_until = NULL,
    remaining = ended.remaining,
    attempts = CASE
        WHEN ended.starts_over THEN 0
        WHEN ended.not_begun THEN delivery.attempts - 1
        ELSE delivery.attempts
    END,
    next_attempt_at = clock_now() + make_interval(secs => ended.pause)
FROM
    unnest(
        %(tenant_ids)s::uuid[],
        %(ids)s::uuid[],
        %(numbers)s::integer[],
        %(outcomes)s::text[],
        %(errors)s::text[],
        %(pauses)s::double precision[],
        %(remainings)s::jsonb[],
        %(starting_over)s::boolean[],
        %(not_begun)s::boolean[]
    ) AS ended (tenant_id, id, number, outcome, error, pause, remaining, starts_over, not_begun)
WHERE
    delivery.tenant_id = ended.tenant_id
    AND delivery.id = ended.id
    AND delivery.outcome IS NULL
    AND (ended.outcome IS NOT NULL OR delivery.attempts = ended.number);

-- name: rest_targets
-- Targets that took nothing rest, four times as long each time up to an hour, or as long as they have asked for.
INSERT INTO resting_targets AS resting (tenant_id, target_id, failures, failing_since, resting_until)
SELECT
    failed.tenant_id,
    failed.target_id,
    1,
    clock_now(),
    clock_now() + make_interval(secs => greatest(failed.asked, %(first)s * (0.5 + random() / 2)))
FROM unnest(%(tenant_ids)s::uuid[], %(target_ids)s::uuid[], %(asked)s::double precision[])
    AS failed (tenant_id, target_id, asked)
ON CONFLICT (tenant_id, target_id) DO UPDATE SET
    failures = resting.failures + 1,
    resting_until = greatest(
        excluded.resting_until,
        clock_now() + make_interval(
            secs => least(%(most)s, %(first)s * 4.0 ^ least(resting.failures, 10)) * (0.5 + random() / 2)
        )
    );

-- name: wake_targets
-- Targets that took something.
DELETE FROM resting_targets AS resting
USING unnest(%(tenant_ids)s::uuid[], %(target_ids)s::uuid[]) AS well (tenant_id, target_id)
WHERE resting.tenant_id = well.tenant_id AND resting.target_id = well.target_id;

-- name: read_backlog
-- The oldest event has the smallest id, near enough: ids begin with the time.
SELECT
    (SELECT count(*) FROM outbox) AS waiting,
    (
        SELECT event.occurred_at
        FROM outbox AS oldest
        INNER JOIN events AS event ON oldest.tenant_id = event.tenant_id AND oldest.event_id = event.id
        ORDER BY oldest.event_id
        LIMIT 1
    ) AS waiting_since,
    count(*) AS dead,
    min(delivery.settled_at) AS dead_since
FROM deliveries AS delivery
WHERE delivery.outcome = 'dead';

-- name: list_dead
SELECT
    delivery.id,
    tenant.slug AS tenant,
    event.type,
    event.entity_id,
    delivery.channel,
    delivery.attempts,
    delivery.last_error,
    delivery.settled_at AS dead_since
FROM deliveries AS delivery
INNER JOIN events AS event ON delivery.tenant_id = event.tenant_id AND delivery.event_id = event.id
INNER JOIN tenants AS tenant ON delivery.tenant_id = tenant.id
WHERE delivery.outcome = 'dead'
ORDER BY delivery.settled_at DESC, delivery.id DESC
LIMIT %(limit)s;

-- name: retry_dead
-- As if it had never been tried: due now, with all its attempts before it. Its last error stays until the next one.
UPDATE deliveries
SET outcome = NULL, settled_at = NULL, attempts = 0, remaining = NULL, next_attempt_at = clock_now()
WHERE outcome = 'dead' AND (%(id)s::uuid IS NULL OR id = %(id)s);
