-- Whose queue waits for units; see availability/waitlist_precedence.py.

-- name: waited_for
-- Whose queues hold somebody while the owners block units that are about to come free.
SELECT DISTINCT
    tenant.slug,
    entry.resource_id
FROM waitlist_entries AS entry
INNER JOIN tenants AS tenant ON entry.tenant_id = tenant.id
WHERE
    entry.state = 'waiting'
    AND (entry.tenant_id, entry.resource_id) IN (
        SELECT
            drawing.tenant_id,
            drawing.id
        FROM allocations AS allocation
        INNER JOIN resources AS drawing
            ON
                allocation.tenant_id = drawing.tenant_id
                AND allocation.inventory_id IN (drawing.inventory_id, drawing.needs_inventory_id)
        WHERE allocation.owner_id = ANY(%(owner_ids)s)
    );

-- name: queues_for
-- Whose queues hold somebody who waits for units of the inventories that a resource draws from.
SELECT DISTINCT
    tenant.slug,
    entry.resource_id
FROM waitlist_entries AS entry
INNER JOIN tenants AS tenant ON entry.tenant_id = tenant.id
INNER JOIN resources AS drawing
    ON entry.tenant_id = drawing.tenant_id AND entry.resource_id = drawing.id
INNER JOIN resources AS resource
    ON
        drawing.tenant_id = resource.tenant_id
        AND (
            drawing.inventory_id IN (resource.inventory_id, resource.needs_inventory_id)
            OR drawing.needs_inventory_id IN (resource.inventory_id, resource.needs_inventory_id)
        )
WHERE entry.tenant_id = current_tenant_id() AND entry.state = 'waiting' AND resource.id = %(resource_id)s;

-- name: answer_offers
-- What becomes of the reservations that were offered becomes of the entries.
WITH answered AS (
    UPDATE waitlist_entries AS entry
    SET state = %(state)s, decided_at = %(now)s
    FROM unnest(%(ids)s::uuid[], %(event_ids)s::uuid[]) AS item (id, event_id)
    INNER JOIN waitlist_entries AS old ON item.id = old.id
    WHERE
        entry.tenant_id = old.tenant_id
        AND entry.id = old.id
        AND old.state = ANY(%(before)s)
        AND entry.state = ANY(%(before)s)
    RETURNING
        entry.*,
        old.state AS state_before,
        item.event_id
),

described AS (
    SELECT
        answered.*,
        jsonb_build_object(
            'resource_id', answered.resource_id,
            'starts_at', instant_text(answered.starts_at),
            'ends_at', instant_text(answered.ends_at),
            'check_in_on', answered.check_in_on,
            'check_out_on', answered.check_out_on,
            'quantity', answered.quantity,
            'party_size', answered.party_size,
            'joined_at', instant_text(answered.joined_at)
        ) AS facts
    FROM answered
)

INSERT INTO events (
    tenant_id, id, type, entity_kind, entity_id, actor_kind, actor_id, request_id, before, after, occurred_at
)
SELECT
    described.tenant_id,
    described.event_id,
    %(event_type)s,
    'waitlist_entry',
    described.id,
    %(actor_kind)s,
    %(actor_id)s,
    %(request_id)s,
    described.facts || jsonb_build_object('state', described.state_before),
    described.facts || jsonb_build_object('state', described.state),
    %(now)s
FROM described;
