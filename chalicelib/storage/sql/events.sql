-- What happened, appended in the transaction of the change.

-- name: append_event
INSERT INTO events (
    tenant_id, id, type, entity_kind, entity_id, actor_kind, actor_id, request_id, before, after, occurred_at
)
VALUES (
    current_tenant_id(), %(id)s, %(type)s, %(entity_kind)s, %(entity_id)s, %(actor_kind)s, %(actor_id)s, %(request_id)s,
    %(before)s, %(after)s, %(occurred_at)s
);
