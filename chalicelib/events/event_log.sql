-- What happened, appended in the transaction of the change.

-- name: append_event
INSERT INTO events (
    tenant_id, id, type, entity_kind, entity_id, actor_kind, actor_id, request_id, before, after, occurred_at
)
VALUES (
    current_tenant_id(), %(id)s, %(type)s, %(entity_kind)s, %(entity_id)s, %(actor_kind)s, %(actor_id)s, %(request_id)s,
    %(before)s, %(after)s, %(occurred_at)s
);

-- name: list_events
-- The latest first: ids are UUIDv7, made in the order of time.
SELECT
    event.id,
    event.type,
    event.entity_kind,
    event.entity_id,
    event.actor_kind,
    event.actor_id,
    account.name AS actor_name,
    event.request_id,
    event.before,
    event.after,
    event.occurred_at
FROM events AS event
LEFT JOIN users AS account
    ON event.actor_kind = 'staff' AND event.actor_id = account.id::text
WHERE
    event.tenant_id = current_tenant_id()
    AND (%(entity_id)s::uuid IS NULL OR event.entity_id = %(entity_id)s)
    AND (%(entity_kind)s::text IS NULL OR event.entity_kind = %(entity_kind)s)
    AND (%(types)s::text[] IS NULL OR event.type = ANY(%(types)s))
    AND (%(actor_kind)s::text IS NULL OR event.actor_kind = %(actor_kind)s)
    AND (%(actor_id)s::text IS NULL OR event.actor_id = %(actor_id)s)
    AND (%(from)s::timestamptz IS NULL OR event.occurred_at >= %(from)s)
    AND (%(until)s::timestamptz IS NULL OR event.occurred_at < %(until)s)
    AND (%(before_id)s::uuid IS NULL OR event.id < %(before_id)s)
ORDER BY event.id DESC
LIMIT %(limit)s;

-- name: missed_since
-- Where what a client does not know begins: with what was still under way when its last event was stored.
SELECT coalesce(event.oldest_running, event.transaction_id)::text AS transaction_id
FROM events AS event
WHERE event.tenant_id = current_tenant_id() AND event.id >= %(known)s
ORDER BY event.id
LIMIT 1;

-- name: read_snapshot
-- What ends a reading of several pages: transactions from `until` on, and those that were running, are for the next.
SELECT
    pg_snapshot_xmax(pg_current_snapshot())::text AS until_transaction,
    ARRAY(SELECT running.id::text FROM pg_snapshot_xip(pg_current_snapshot()) AS running (id)) AS running;

-- name: events_after
-- In the order in which their transactions began to write.
SELECT
    event.id,
    event.type,
    event.entity_kind,
    event.entity_id,
    event.actor_kind,
    event.actor_id,
    account.name AS actor_name,
    event.request_id,
    event.before,
    event.after,
    event.occurred_at,
    event.transaction_id::text AS transaction_id
FROM events AS event
LEFT JOIN users AS account
    ON event.actor_kind = 'staff' AND event.actor_id = account.id::text
WHERE
    event.tenant_id = current_tenant_id()
    AND (event.transaction_id, event.id) > (%(after_transaction)s::text::xid8, %(after_id)s)
    AND event.id IS DISTINCT FROM %(known)s
    AND event.transaction_id < %(until_transaction)s::text::xid8
    AND event.transaction_id != ALL(%(running)s::text[]::xid8[])
    AND event.entity_kind = ANY(%(kinds)s)
ORDER BY event.transaction_id, event.id
LIMIT %(limit)s;

-- name: kept_from
-- Where the archive ends: the instant that the first 48 bits of the first id that is kept are (UUIDv7, RFC 9562).
SELECT
    to_timestamp(
        ('x' || left(replace(archived.until_id::text, '-', ''), 12))::bit(48)::bigint::double precision / 1000
    ) AS at
FROM event_partitions AS archived
WHERE archived.archived
ORDER BY archived.until_id DESC
LIMIT 1;

-- name: types_after
SELECT event.type
FROM events AS event
WHERE
    event.tenant_id = current_tenant_id()
    AND event.entity_id = %(entity_id)s
    AND event.id > %(after_id)s
ORDER BY event.id;

-- name: published_together
-- What one request did to the dates of a series, in order: one email tells of all of them.
SELECT
    date_of_it.series_id,
    array_agg(sibling.entity_id ORDER BY sibling.id) AS reservation_ids
FROM series_occurrences AS date_of_it
INNER JOIN events AS event
    ON date_of_it.tenant_id = event.tenant_id AND event.id = %(event_id)s
INNER JOIN series_occurrences AS other
    ON date_of_it.tenant_id = other.tenant_id AND date_of_it.series_id = other.series_id
INNER JOIN events AS sibling
    ON
        other.tenant_id = sibling.tenant_id
        AND other.reservation_id = sibling.entity_id
        AND event.type = sibling.type
        AND event.request_id = sibling.request_id
WHERE date_of_it.tenant_id = current_tenant_id() AND date_of_it.reservation_id = %(entity_id)s
GROUP BY date_of_it.series_id;

-- name: append_events
INSERT INTO events (
    tenant_id, id, type, entity_kind, entity_id, actor_kind, actor_id, request_id, before, after, occurred_at
)
SELECT
    current_tenant_id(),
    event.id,
    event.type,
    event.entity_kind,
    event.entity_id,
    %(actor_kind)s,
    %(actor_id)s,
    %(request_id)s,
    event.before,
    event.after,
    %(occurred_at)s
FROM
    unnest(
        %(ids)s::uuid[],
        %(types)s::text[],
        %(entity_kinds)s::text[],
        %(entity_ids)s::uuid[],
        %(befores)s::jsonb[],
        %(afters)s::jsonb[]
    ) AS event (id, type, entity_kind, entity_id, before, after);
