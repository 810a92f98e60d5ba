-- Inventories that several resources draw from, and what draws from them; see catalogue/share_units.py.

-- name: add_inventory
INSERT INTO inventories (id, tenant_id, name, capacity, created_at)
VALUES (%(id)s, current_tenant_id(), %(name)s, %(capacity)s, clock_now());

-- name: list_inventories
-- Those that were made to be shared, and the own ones of resources that others draw from.
SELECT
    inventory.id,
    coalesce(inventory.name, owner.name) AS name,
    coalesce(inventory.capacity, owner.capacity) AS capacity,
    inventory.name IS NULL AS own,
    CASE WHEN inventory.name IS NULL THEN owner.version ELSE inventory.version END AS version,
    (
        SELECT
            coalesce(
                jsonb_agg(
                    jsonb_build_object(
                        'resource_id', resource.id,
                        'slug', resource.slug,
                        'needed', resource.inventory_id != inventory.id
                    )
                    ORDER BY resource.position, resource.slug
                ),
                '[]'
            )
        FROM resources AS resource
        WHERE
            resource.tenant_id = inventory.tenant_id
            AND (resource.inventory_id = inventory.id OR resource.needs_inventory_id = inventory.id)
    ) AS resources
FROM inventories AS inventory
LEFT JOIN resources AS owner
    ON inventory.tenant_id = owner.tenant_id AND inventory.id = owner.id
WHERE
    inventory.tenant_id = current_tenant_id()
    AND (%(id)s::uuid IS NULL OR inventory.id = %(id)s)
    AND (%(after)s::uuid IS NULL OR inventory.id > %(after)s)
    AND (
        inventory.name IS NOT NULL
        OR %(id)s::uuid IS NOT NULL
        OR EXISTS (
            SELECT 1
            FROM resources AS resource
            WHERE
                resource.tenant_id = inventory.tenant_id
                AND resource.id != inventory.id
                AND (resource.inventory_id = inventory.id OR resource.needs_inventory_id = inventory.id)
        )
    )
ORDER BY inventory.id
LIMIT %(limit)s;

-- name: change_inventory
UPDATE inventories SET
    name = %(name)s,
    capacity = %(capacity)s,
    version = version + 1
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND name IS NOT NULL AND version = %(version)s;

-- name: delete_inventory
DELETE FROM inventories
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND name IS NOT NULL;

-- name: resources_above
-- Archived ones, too: they can be restored. What is drawn from an inventory with a name has an end.
SELECT
    resource.id,
    resource.slug,
    resource.archived_at IS NOT NULL AS archived
FROM resources AS resource
WHERE
    resource.tenant_id = current_tenant_id()
    AND (
        (resource.inventory_id = %(id)s AND upper(resource.units) - 1 > %(capacity)s)
        OR (resource.needs_inventory_id = %(id)s AND upper(resource.needs_units) - 1 > %(capacity)s)
    )
ORDER BY resource.position, resource.slug
LIMIT 100;

-- name: read_users
-- Whose allocations are still kept; no code: those of closures.
SELECT
    reservation.code,
    max(allocation.ends_at) AS ends_at
FROM allocations AS allocation
LEFT JOIN reservations AS reservation
    ON allocation.tenant_id = reservation.tenant_id AND allocation.owner_id = reservation.id
WHERE allocation.tenant_id = current_tenant_id() AND allocation.inventory_id = %(id)s
GROUP BY reservation.code
ORDER BY max(allocation.ends_at) DESC, reservation.code
LIMIT 6;

-- name: lock_inventories
-- Those who change an inventory, or what draws from it, come one after the other.
SELECT inventory.id
FROM inventories AS inventory
WHERE inventory.tenant_id = current_tenant_id() AND inventory.id = ANY(%(ids)s::uuid[])
ORDER BY inventory.id
FOR NO KEY UPDATE;

-- name: lock_resource
-- Waits for those who are taking units of it, and lets others wait who are about to.
SELECT resource.id
FROM resources AS resource
WHERE resource.tenant_id = current_tenant_id() AND resource.id = %(resource_id)s
FOR UPDATE;

-- name: reservations_to_come
SELECT
    reservation.id,
    reservation.code,
    reservation.starts_at,
    reservation.ends_at,
    range_agg(allocation.units) FILTER (WHERE allocation.owner_kind = 'reservation') AS units
FROM allocations AS allocation
INNER JOIN reservations AS reservation
    ON allocation.tenant_id = reservation.tenant_id AND allocation.owner_id = reservation.id
WHERE
    allocation.tenant_id = current_tenant_id()
    AND allocation.inventory_id = ANY(%(inventory_ids)s::uuid[])
    AND allocation.resource_id = %(resource_id)s
    AND allocation.ends_at > clock_now()
GROUP BY reservation.id
ORDER BY reservation.starts_at, reservation.id
LIMIT 100;

-- name: share_units
UPDATE resources SET
    inventory_id = %(inventory_id)s,
    units = %(units)s::int4multirange,
    units_each = %(units_each)s,
    needs_inventory_id = %(needs_inventory_id)s,
    needs_units = %(needs_units)s::int4multirange,
    capacity = %(capacity)s,
    version = version + 1,
    updated_at = clock_now()
WHERE tenant_id = current_tenant_id() AND id = %(resource_id)s AND version = %(version)s;

-- name: forget_labels
-- Of units that the resource does not draw from any more.
DELETE FROM units
WHERE
    tenant_id = current_tenant_id()
    AND resource_id = %(resource_id)s
    AND NOT %(units)s::int4multirange @> number;
