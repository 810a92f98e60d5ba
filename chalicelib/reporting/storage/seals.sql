-- Seals over a tenant's events, as the role of background jobs.

-- name: list_seals
SELECT
    seal.number,
    seal.until_transaction::text AS until_transaction,
    seal.event_ids,
    seal.event_hashes,
    seal.digest,
    seal.sealed_at
FROM event_seals AS seal
WHERE seal.tenant_id = current_tenant_id() AND seal.number > %(after)s
ORDER BY seal.number
LIMIT %(limit)s;

-- name: last_seal
SELECT
    seal.number,
    seal.until_transaction::text AS until_transaction,
    seal.digest
FROM event_seals AS seal
WHERE seal.tenant_id = current_tenant_id()
ORDER BY seal.number DESC
LIMIT 1;

-- name: add_seal
INSERT INTO event_seals (tenant_id, number, until_transaction, event_ids, event_hashes, digest, sealed_at)
VALUES (
    current_tenant_id(), %(number)s, %(until_transaction)s::text::xid8, %(event_ids)s::uuid[],
    %(event_hashes)s::bytea[], %(digest)s, clock_now()
);

-- name: events_between
-- Archived ones too; as text, which is the same on every version of Postgres. What is still under way is not sealed.
SELECT
    event.id,
    event.transaction_id::text AS transaction_id,
    event.type,
    event.entity_kind,
    event.entity_id::text AS entity_id,
    event.actor_kind,
    event.actor_id,
    event.request_id,
    event.before::text AS before,
    event.after::text AS after,
    (extract(EPOCH FROM event.occurred_at) * 1000000)::bigint AS occurred_microseconds,
    event.archived
FROM every_event AS event
WHERE
    event.tenant_id = current_tenant_id()
    AND event.transaction_id >= %(from_transaction)s::text::xid8
    AND event.transaction_id < coalesce(%(until_transaction)s::text::xid8, pg_snapshot_xmin(pg_current_snapshot()))
ORDER BY event.transaction_id, event.id
LIMIT %(limit)s;

-- name: list_tenants_to_seal
SELECT tenant.slug
FROM tenants AS tenant
ORDER BY tenant.slug;

-- name: list_active_tenants
SELECT tenant.slug
FROM tenants AS tenant
WHERE tenant.suspended_reason IS NULL
ORDER BY tenant.slug;
