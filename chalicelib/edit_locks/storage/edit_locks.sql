-- Edit locks. Taking one changes the resource's fence, writing holds it until the COMMIT: one waits for the other, and
-- whoever comes second sees what the first one did. Taking one holds the inventory first, so that those who take locks
-- on resources that share units come one after the other; writing does not ask for it.

-- name: hold_inventory
-- Before the resource, as who changes what it draws from does. No row: there is no such resource.
SELECT inventory.id
FROM resources AS resource
INNER JOIN inventories AS inventory
    ON resource.tenant_id = inventory.tenant_id AND resource.inventory_id = inventory.id
WHERE resource.tenant_id = current_tenant_id() AND resource.id = %(resource_id)s AND resource.archived_at IS NULL
FOR NO KEY UPDATE OF inventory;

-- name: remove_expired
DELETE FROM edit_locks AS lock
WHERE
    lock.tenant_id = current_tenant_id()
    AND lock.resource_id = %(resource_id)s
    AND lock.starts_at < %(ends_at)s
    AND lock.ends_at > %(starts_at)s
    AND lock.expires_at <= clock_now()
RETURNING
    lock.id,
    lock.resource_id,
    lock.starts_at,
    lock.ends_at,
    lock.holder_id,
    lock.holder_name,
    lock.connection_id,
    lock.fencing,
    lock.acquired_at,
    lock.expires_at;

-- name: add_lock
-- No row: somebody has a lock on the range, or the resource was archived or told to draw from others meanwhile.
WITH fence AS (
    UPDATE resources
    SET edit_fence = nextval('edit_lock_fencing')
    WHERE
        tenant_id = current_tenant_id()
        AND id = %(resource_id)s
        AND inventory_id = %(inventory_id)s
        AND archived_at IS NULL
    RETURNING tenant_id, edit_fence
)

INSERT INTO edit_locks (
    tenant_id, id, resource_id, during, holder_id, holder_name, connection_id, fencing, acquired_at, expires_at
)
SELECT
    fence.tenant_id,
    %(id)s,
    %(resource_id)s,
    tstzrange(%(starts_at)s, %(ends_at)s),
    %(holder_id)s,
    %(holder_name)s,
    %(connection_id)s,
    fence.edit_fence,
    clock_now(),
    clock_now() + %(lifetime)s::interval
FROM fence
ON CONFLICT DO NOTHING
RETURNING
    id,
    resource_id,
    starts_at,
    ends_at,
    holder_id,
    holder_name,
    connection_id,
    fencing,
    acquired_at,
    expires_at;

-- name: locks_of_others
-- On what shares units with a resource, but not on itself: of that the constraint keeps others out.
SELECT
    shared.id,
    shared.resource_id,
    shared.starts_at,
    shared.ends_at,
    shared.holder_id,
    shared.holder_name,
    shared.connection_id,
    shared.fencing,
    shared.acquired_at,
    shared.expires_at
FROM
    edit_locks_on_units(
        ARRAY[%(resource_id)s::uuid], ARRAY[%(starts_at)s::timestamptz], ARRAY[%(ends_at)s::timestamptz]
    ) AS shared
WHERE shared.of_another AND shared.holder_id != %(holder_id)s
ORDER BY shared.starts_at, shared.id;

-- name: has_resource
SELECT resource.id
FROM resources AS resource
WHERE resource.tenant_id = current_tenant_id() AND resource.id = %(resource_id)s AND resource.archived_at IS NULL;

-- name: list_locks
-- Those that hold now, on a resource and on what shares its units; on all that the caller sees where nothing is said.
-- Which these are is read first: the function looks past what a host may see.
WITH asked AS MATERIALIZED (
    SELECT
        array_agg(resource.id) AS resource_ids,
        array_agg(coalesce(%(starts_at)s::timestamptz, '-infinity')) AS starts,
        array_agg(coalesce(%(ends_at)s::timestamptz, 'infinity')) AS ends
    FROM resources AS resource
    WHERE
        resource.tenant_id = current_tenant_id()
        AND (%(resource_id)s::uuid IS NULL OR resource.id = %(resource_id)s)
)

SELECT
    shared.id,
    shared.resource_id,
    shared.starts_at,
    shared.ends_at,
    shared.holder_id,
    shared.holder_name,
    shared.connection_id,
    shared.fencing,
    shared.acquired_at,
    shared.expires_at
FROM asked
CROSS JOIN LATERAL edit_locks_on_units(asked.resource_ids, asked.starts, asked.ends) AS shared
ORDER BY shared.starts_at, shared.id
LIMIT %(limit)s;

-- name: locks_on
-- On the resource itself, whatever shares its units.
SELECT
    lock.id,
    lock.resource_id,
    lock.starts_at,
    lock.ends_at,
    lock.holder_id,
    lock.holder_name,
    lock.connection_id,
    lock.fencing,
    lock.acquired_at,
    lock.expires_at
FROM edit_locks AS lock
WHERE
    lock.tenant_id = current_tenant_id()
    AND lock.resource_id = %(resource_id)s
    AND lock.ends_at > %(starts_at)s
    AND lock.starts_at < %(ends_at)s
    AND lock.expires_at > clock_now()
ORDER BY lock.starts_at, lock.id;

-- name: find_lock
SELECT
    lock.id,
    lock.resource_id,
    lock.starts_at,
    lock.ends_at,
    lock.holder_id,
    lock.holder_name,
    lock.connection_id,
    lock.fencing,
    lock.acquired_at,
    lock.expires_at
FROM edit_locks AS lock
WHERE lock.tenant_id = current_tenant_id() AND lock.id = %(id)s AND lock.expires_at > clock_now();

-- name: renew_lock
-- By the connection that has it, or by another one of the holder where that is gone.
UPDATE edit_locks AS lock
SET connection_id = %(connection_id)s, expires_at = clock_now() + %(lifetime)s::interval
WHERE
    tenant_id = current_tenant_id()
    AND id = %(id)s
    AND holder_id = %(holder_id)s
    AND (
        connection_id = %(connection_id)s
        OR NOT EXISTS (
            SELECT
            FROM connections AS other
            WHERE other.tenant_id = lock.tenant_id AND other.id = lock.connection_id
        )
    )
    AND expires_at > clock_now()
RETURNING
    id,
    resource_id,
    starts_at,
    ends_at,
    holder_id,
    holder_name,
    connection_id,
    fencing,
    acquired_at,
    expires_at;

-- name: remove_lock
DELETE FROM edit_locks
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND fencing = %(fencing)s;

-- name: orphan_locks
-- Their connection is gone: they hold for the grace yet.
UPDATE edit_locks
SET connection_id = NULL, expires_at = least(expires_at, clock_now() + %(grace)s::interval)
WHERE tenant_id = current_tenant_id() AND connection_id = %(connection_id)s
RETURNING expires_at;

-- name: hold_fences
-- Of all that share units with what is touched, also of what a host does not see.
SELECT hold_edit_fences(%(resource_ids)s::uuid[]);

-- name: conflicting_locks
-- What holds on the ranges, of all that share units with what is touched, and whatever holds of the numbers that a
-- write carries.
SELECT
    shared.id,
    shared.resource_id,
    shared.starts_at,
    shared.ends_at,
    shared.holder_id,
    shared.holder_name,
    shared.connection_id,
    shared.fencing,
    shared.acquired_at,
    shared.expires_at
FROM edit_locks_on_units(%(resource_ids)s::uuid[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS shared
UNION
SELECT
    lock.id,
    lock.resource_id,
    lock.starts_at,
    lock.ends_at,
    lock.holder_id,
    lock.holder_name,
    lock.connection_id,
    lock.fencing,
    lock.acquired_at,
    lock.expires_at
FROM edit_locks AS lock
WHERE
    lock.tenant_id = current_tenant_id()
    AND lock.expires_at > clock_now()
    AND lock.fencing = ANY(%(fencing)s)
ORDER BY starts_at, id;

-- name: due_locks
-- Of every tenant, for the scheduled function.
SELECT
    lock.tenant_id,
    lock.id
FROM edit_locks AS lock
WHERE
    lock.expires_at <= clock_now()
    AND (%(only)s::uuid[] IS NULL OR lock.id = ANY(%(only)s::uuid[]))
    AND lock.id != ALL(%(resting)s::uuid[])
ORDER BY lock.expires_at
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED;

-- name: expire_locks
WITH expired AS (
    DELETE FROM edit_locks AS lock
    USING unnest(%(tenant_ids)s::uuid[], %(ids)s::uuid[], %(event_ids)s::uuid[]) AS due (tenant_id, id, event_id)
    WHERE lock.tenant_id = due.tenant_id AND lock.id = due.id
    RETURNING lock.*, due.event_id
)

INSERT INTO events (
    tenant_id, id, type, entity_kind, entity_id, actor_kind, actor_id, request_id, before, after, occurred_at
)
SELECT
    tenant_id,
    event_id,
    %(event_type)s,
    'edit_lock',
    id,
    %(actor_kind)s,
    %(actor_id)s,
    %(request_id)s,
    jsonb_build_object(
        'resource_id', resource_id,
        'starts_at', instant_text(starts_at),
        'ends_at', instant_text(ends_at),
        'holder_id', holder_id,
        'fencing', fencing,
        'expires_at', instant_text(expires_at)
    ),
    NULL,
    clock_now()
FROM expired;
