-- Feeds, and what they tell.

-- name: list_feeds
SELECT
    feed.id,
    feed.resource_id,
    feed.unit,
    feed.member_id,
    feed.detailed,
    feed.created_by,
    maker.name AS created_by_name,
    feed.created_at
FROM calendar_feeds AS feed
LEFT JOIN users AS maker ON feed.created_by = maker.id
WHERE
    feed.tenant_id = current_tenant_id()
    AND (%(id)s::uuid IS NULL OR feed.id = %(id)s)
    AND (%(of)s::uuid IS NULL OR feed.created_by = %(of)s OR feed.member_id = %(of)s)
    AND (%(after)s::uuid IS NULL OR feed.id > %(after)s)
ORDER BY feed.id
LIMIT %(limit)s;

-- name: count_feeds
SELECT count(*) AS feeds
FROM calendar_feeds AS feed
WHERE feed.tenant_id = current_tenant_id();

-- name: add_feed
INSERT INTO calendar_feeds (tenant_id, id, key_hash, resource_id, unit, member_id, detailed, created_by, created_at)
VALUES (
    current_tenant_id(), %(id)s, %(key_hash)s, %(resource_id)s, %(unit)s, %(member_id)s, %(detailed)s, %(created_by)s,
    clock_now()
);

-- name: renew_feed
UPDATE calendar_feeds SET key_hash = %(key_hash)s
WHERE tenant_id = current_tenant_id() AND id = %(id)s;

-- name: delete_feed
DELETE FROM calendar_feeds
WHERE tenant_id = current_tenant_id() AND id = %(id)s;

-- name: find_resource
SELECT
    resource.capacity,
    resource.inventory_id = resource.id AS own_units
FROM resources AS resource
WHERE resource.tenant_id = current_tenant_id() AND resource.id = %(id)s;

-- name: find_member
SELECT membership.role
FROM memberships AS membership
WHERE membership.tenant_id = current_tenant_id() AND membership.user_id = %(id)s;

-- name: read_feed
-- With the rights of whom it is for: of its member, else of who made it, who both have to work here still.
SELECT
    feed.id,
    feed.key_hash,
    feed.resource_id,
    feed.unit,
    feed.member_id,
    feed.detailed,
    feed.created_by,
    NULL AS created_by_name,
    feed.created_at,
    CASE WHEN reader.role = 'host' THEN ARRAY(
        SELECT own.resource_id
        FROM membership_resources AS own
        WHERE own.tenant_id = reader.tenant_id AND own.user_id = reader.user_id
        ORDER BY own.resource_id
    ) END AS confined_to
FROM calendar_feeds AS feed
INNER JOIN memberships AS maker ON feed.tenant_id = maker.tenant_id AND feed.created_by = maker.user_id
INNER JOIN memberships AS reader
    ON feed.tenant_id = reader.tenant_id AND coalesce(feed.member_id, feed.created_by) = reader.user_id
WHERE feed.tenant_id = current_tenant_id() AND feed.id = %(id)s;

-- name: read_reservations
-- Those that have units, or have had them.
SELECT
    reservation.id,
    reservation.code,
    reservation.state,
    reservation.starts_at,
    reservation.ends_at,
    reservation.check_in_on,
    reservation.check_out_on,
    reservation.quantity,
    reservation.party_size,
    reservation.version,
    reservation.updated_at,
    resource.name AS resource_name,
    guest.name AS guest_name
FROM reservations AS reservation
INNER JOIN resources AS resource
    ON reservation.tenant_id = resource.tenant_id AND reservation.resource_id = resource.id
INNER JOIN guests AS guest
    ON reservation.tenant_id = guest.tenant_id AND reservation.guest_id = guest.id
WHERE
    reservation.tenant_id = current_tenant_id()
    AND reservation.state IN ('held', 'confirmed', 'checked_in', 'completed')
    AND (reservation.hold_expires_at IS NULL OR reservation.hold_expires_at > clock_now())
    AND reservation.ends_at > %(from)s
    AND reservation.starts_at < %(until)s
    AND (%(resource_id)s::uuid IS NULL OR reservation.resource_id = %(resource_id)s)
    AND (
        %(unit)s::integer IS NULL
        OR EXISTS (
            SELECT
            FROM allocations AS allocation
            WHERE
                allocation.tenant_id = current_tenant_id()
                AND allocation.owner_id = reservation.id
                AND allocation.owner_kind = 'reservation'
                AND allocation.units @> %(unit)s::integer
        )
    )
ORDER BY reservation.starts_at, reservation.id
LIMIT %(limit)s;

-- name: read_blocks
-- What else has the units. Of a member's resources closures alone: their reservations are told already.
SELECT DISTINCT ON (block.starts_at, block.owner_id, block.part)
    block.owner_id,
    block.part,
    block.starts_at,
    block.ends_at,
    resource.name AS resource_name
FROM resources AS resource
INNER JOIN allocations AS block
    ON resource.tenant_id = block.tenant_id AND resource.inventory_id = block.inventory_id
WHERE
    resource.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR resource.id = %(resource_id)s)
    AND resource.archived_at IS NULL
    AND block.units && resource.units
    AND block.ends_at > %(from)s
    AND block.starts_at < %(until)s
    AND (block.held_until IS NULL OR block.held_until > clock_now())
    AND (block.owner_kind = 'closure' OR %(resource_id)s::uuid IS NOT NULL)
    AND NOT (block.owner_kind = 'reservation' AND block.resource_id = resource.id)
    AND (%(unit)s::integer IS NULL OR block.units @> %(unit)s::integer)
ORDER BY block.starts_at, block.owner_id, block.part, resource.slug
LIMIT %(limit)s;
