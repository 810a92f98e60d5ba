-- Closures, and what stands in their way.

-- name: read_closures
SELECT
    closure.id,
    closure.resource_id,
    closure.kind,
    closure.starts_at,
    closure.ends_at,
    closure.units,
    closure.reason,
    closure.version
FROM closures AS closure
WHERE
    closure.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR closure.resource_id = %(resource_id)s)
    AND closure.ends_at > clock_now()
ORDER BY closure.starts_at, closure.id;

-- name: read_inventory_closures
-- The units are those that each closure blocks: of all that it would, those that its resource draws from.
SELECT
    closure.id,
    closure.resource_id,
    closure.kind,
    closure.starts_at,
    closure.ends_at,
    closure.units,
    closure.reason,
    closure.version
FROM closures_of_inventory(%(inventory_id)s) AS closure
WHERE NOT isempty(closure.units);

-- name: find_same_closure
SELECT closure.id
FROM closures AS closure
WHERE
    closure.tenant_id = current_tenant_id()
    AND closure.resource_id = %(resource_id)s
    AND closure.starts_at = %(starts_at)s
    AND closure.ends_at = %(ends_at)s
    AND closure.kind = %(kind)s
    AND closure.units = %(units)s::int4multirange
    AND closure.id != %(id)s
ORDER BY closure.id
LIMIT 1;

-- name: find_closure
SELECT
    closure.id,
    closure.resource_id,
    closure.kind,
    closure.starts_at,
    closure.ends_at,
    closure.units,
    closure.reason,
    closure.version
FROM closures AS closure
WHERE closure.tenant_id = current_tenant_id() AND closure.id = %(closure_id)s;

-- name: add_closure
INSERT INTO closures (id, tenant_id, resource_id, kind, starts_at, ends_at, units, reason)
VALUES (
    %(id)s, current_tenant_id(), %(resource_id)s, %(kind)s, %(starts_at)s, %(ends_at)s, %(units)s::int4multirange,
    %(reason)s
);

-- name: remove_closure
DELETE FROM closures
WHERE tenant_id = current_tenant_id() AND id = %(closure_id)s;

-- name: conflicting_reservations
SELECT DISTINCT
    reservation.id,
    reservation.code,
    reservation.starts_at,
    reservation.ends_at,
    (
        SELECT range_agg(own.units)
        FROM allocations AS own
        WHERE own.tenant_id = reservation.tenant_id AND own.owner_id = reservation.id AND own.owner_kind = 'reservation'
    ) AS units
FROM allocations AS allocation
INNER JOIN reservations AS reservation
    ON allocation.tenant_id = reservation.tenant_id AND allocation.owner_id = reservation.id
WHERE
    allocation.tenant_id = current_tenant_id()
    AND allocation.inventory_id = %(inventory_id)s
    AND allocation.ends_at > %(starts_at)s
    AND allocation.starts_at < %(ends_at)s
    AND (allocation.held_until IS NULL OR allocation.held_until > clock_now())
    AND allocation.units && %(units)s::int4multirange
ORDER BY reservation.starts_at, reservation.id
LIMIT 100;

-- name: change_closure
UPDATE closures SET
    kind = %(kind)s,
    starts_at = %(starts_at)s,
    ends_at = %(ends_at)s,
    units = %(units)s::int4multirange,
    reason = %(reason)s,
    version = version + 1
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND version = %(version)s;

-- name: page_closures
SELECT
    closure.id,
    closure.resource_id,
    closure.kind,
    closure.starts_at,
    closure.ends_at,
    closure.units,
    closure.reason,
    closure.version
FROM closures AS closure
WHERE
    closure.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR closure.resource_id = %(resource_id)s)
    AND closure.ends_at > coalesce(%(from)s, clock_now())
    AND (%(until)s::timestamptz IS NULL OR closure.starts_at < %(until)s)
    AND (
        %(after_at)s::timestamptz IS NULL
        OR (closure.starts_at, closure.id) > (%(after_at)s, %(after_id)s::uuid)
    )
ORDER BY closure.starts_at, closure.id
LIMIT %(limit)s;
