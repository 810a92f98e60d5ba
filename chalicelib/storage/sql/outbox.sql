-- Events on their way: from the outbox to a delivery for each channel that wants them, and through its attempts.

-- name: take_events
-- The oldest that nobody else is looking at. A transaction's events become visible together, so none is skipped.
WITH taken AS (
    DELETE FROM outbox
    USING (
        SELECT waiting.event_id
        FROM outbox AS waiting
        ORDER BY waiting.event_id
        LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED
    ) AS oldest
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
    event.occurred_at
FROM taken
INNER JOIN events AS event ON taken.tenant_id = event.tenant_id AND taken.event_id = event.id
INNER JOIN tenants AS tenant ON taken.tenant_id = tenant.id
ORDER BY event.id;

-- name: add_deliveries
INSERT INTO deliveries (tenant_id, id, event_id, channel, next_attempt_at, created_at)
SELECT
    wanted.tenant_id,
    wanted.id,
    wanted.event_id,
    wanted.channel,
    clock_now(),
    clock_now()
FROM
    unnest(%(tenant_ids)s::uuid[], %(ids)s::uuid[], %(event_ids)s::uuid[], %(channels)s::text[])
        AS wanted (tenant_id, id, event_id, channel)
ON CONFLICT DO NOTHING;

-- name: begin_attempts
-- The next attempt is fixed before this one is made: with full jitter, twice as far away each time, at least a lease.
WITH begun AS (
    UPDATE deliveries AS delivery
    SET
        attempts = delivery.attempts + 1,
        next_attempt_at = clock_now() + make_interval(
            secs => %(lease)s + random() * least(%(most)s, %(first)s * 2.0 ^ delivery.attempts)
        )
    FROM (
        SELECT
            due.tenant_id,
            due.id
        FROM deliveries AS due
        WHERE due.outcome IS NULL AND due.next_attempt_at <= clock_now()
        ORDER BY due.next_attempt_at
        LIMIT %(limit)s
        FOR UPDATE SKIP LOCKED
    ) AS due
    WHERE delivery.tenant_id = due.tenant_id AND delivery.id = due.id
    RETURNING delivery.*
)

SELECT
    begun.id,
    begun.channel,
    begun.attempts,
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

-- name: settle_delivery
UPDATE deliveries
SET outcome = %(outcome)s, last_error = %(error)s, settled_at = clock_now()
WHERE id = %(id)s AND outcome IS NULL;

-- name: note_failure
UPDATE deliveries
SET last_error = %(error)s
WHERE id = %(id)s AND outcome IS NULL;

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
SET outcome = NULL, settled_at = NULL, attempts = 0, next_attempt_at = clock_now()
WHERE outcome = 'dead' AND (%(id)s::uuid IS NULL OR id = %(id)s);
