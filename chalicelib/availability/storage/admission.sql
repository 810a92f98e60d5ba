-- What admission reads and takes: allocations, and the facts that rules look at. Conditions are on scalar columns with
-- a btree (inventory_id, ends_at), because range operators are not leakproof and row security would turn them into
-- filters.

-- name: read_facts
SELECT
    resource.version AS resource_version,
    resource.archived_at IS NOT NULL AS archived,
    resource.policy_id,
    policy.current_version AS policy_version,
    EXISTS(
        SELECT
        FROM waitlist_entries AS entry
        WHERE
            entry.tenant_id = resource.tenant_id
            AND entry.state = 'waiting'
            AND entry.resource_id IN (
                SELECT drawing.id
                FROM resources AS drawing
                WHERE
                    drawing.tenant_id = resource.tenant_id
                    AND (
                        drawing.inventory_id IN (resource.inventory_id, resource.needs_inventory_id)
                        OR drawing.needs_inventory_id IN (resource.inventory_id, resource.needs_inventory_id)
                    )
            )
            AND entry.starts_at < %(reach_until)s
            AND entry.ends_at > %(reach_from)s
    ) AS waited_for,
    taken.busy,
    taken.ended_ids,
    taken.ended_at
FROM resources AS resource
INNER JOIN policies AS policy
    ON resource.tenant_id = policy.tenant_id AND resource.policy_id = policy.id
CROSS JOIN LATERAL (
    SELECT
        range_agg(allocation.units) FILTER (
            WHERE allocation.held_until IS NULL OR allocation.held_until > clock_now()
        ) AS busy,
        array_agg(allocation.owner_id) FILTER (WHERE allocation.held_until <= clock_now()) AS ended_ids,
        array_agg(allocation.held_until) FILTER (WHERE allocation.held_until <= clock_now()) AS ended_at
    FROM allocations AS allocation
    WHERE
        allocation.tenant_id = resource.tenant_id
        AND allocation.inventory_id = resource.inventory_id
        AND allocation.ends_at > %(blocked_from)s
        AND allocation.starts_at < %(blocked_until)s
        AND allocation.owner_id IS DISTINCT FROM %(except_owner)s::uuid
) AS taken
WHERE
    resource.tenant_id = current_tenant_id()
    AND resource.id = %(resource_id)s;

-- name: read_need
-- Who has what the resource needs besides its own units.
SELECT
    array_agg(DISTINCT allocation.owner_kind) FILTER (
        WHERE allocation.held_until IS NULL OR allocation.held_until > clock_now()
    ) AS engaged_by,
    array_agg(allocation.owner_id) FILTER (WHERE allocation.held_until <= clock_now()) AS ended_ids,
    array_agg(allocation.held_until) FILTER (WHERE allocation.held_until <= clock_now()) AS ended_at
FROM resources AS resource
INNER JOIN allocations AS allocation
    ON resource.tenant_id = allocation.tenant_id AND resource.needs_inventory_id = allocation.inventory_id
WHERE
    resource.tenant_id = current_tenant_id()
    AND resource.id = %(resource_id)s
    AND allocation.units && resource.needs_units
    AND allocation.ends_at > %(blocked_from)s
    AND allocation.starts_at < %(blocked_until)s
    AND allocation.owner_id IS DISTINCT FROM %(except_owner)s::uuid
    AND (%(departure_id)s::uuid IS NULL OR allocation.departure_id IS DISTINCT FROM %(departure_id)s::uuid);

-- name: count_others
SELECT
    (
        SELECT count(*)
        FROM guests AS guest
        INNER JOIN reservations AS reservation
            ON guest.tenant_id = reservation.tenant_id AND guest.id = reservation.guest_id
        WHERE
            guest.tenant_id = current_tenant_id()
            AND guest.email = %(email)s
            AND reservation.state IN ('pending', 'held', 'confirmed', 'checked_in')
            AND reservation.ends_at > clock_now()
            AND (reservation.hold_expires_at IS NULL OR reservation.hold_expires_at > clock_now())
            AND reservation.id IS DISTINCT FROM %(except_reservation)s::uuid
    ) AS guest_active,
    (
        SELECT count(*)
        FROM guests AS guest
        INNER JOIN reservations AS reservation
            ON guest.tenant_id = reservation.tenant_id AND guest.id = reservation.guest_id
        WHERE
            guest.tenant_id = current_tenant_id()
            AND guest.email = %(email)s
            AND reservation.state NOT IN ('cancelled', 'rejected', 'expired')
            AND reservation.starts_at >= %(day_starts_at)s
            AND reservation.starts_at < %(day_ends_at)s
            AND (reservation.hold_expires_at IS NULL OR reservation.hold_expires_at > clock_now())
            AND reservation.id IS DISTINCT FROM %(except_reservation)s::uuid
    ) AS guest_on_day,
    (
        SELECT count(*)
        FROM reservations AS reservation
        WHERE
            reservation.tenant_id = current_tenant_id()
            AND reservation.resource_id = %(resource_id)s
            AND reservation.state NOT IN ('cancelled', 'rejected', 'expired')
            AND reservation.starts_at >= %(day_starts_at)s
            AND reservation.starts_at < %(day_ends_at)s
            AND (reservation.hold_expires_at IS NULL OR reservation.hold_expires_at > clock_now())
            AND reservation.id IS DISTINCT FROM %(except_reservation)s::uuid
    ) AS resource_on_day;

-- name: read_allocations
-- What a reservation may have instead is told where its resource may be seen: a host moves no guests of others. Holds
-- that have ended are left out: who takes units in place of one expires it first.
SELECT
    allocation.inventory_id,
    allocation.owner_id,
    allocation.owner_kind,
    allocation.resource_id,
    allocation.starts_at,
    allocation.ends_at,
    allocation.units,
    allocation.pinned,
    allocation.held_until,
    resource.units AS within,
    resource.capacity,
    resource.assignment
FROM allocations AS allocation
LEFT JOIN resources AS resource
    ON allocation.tenant_id = resource.tenant_id AND allocation.resource_id = resource.id
WHERE
    allocation.tenant_id = current_tenant_id()
    AND allocation.inventory_id = ANY(%(inventory_ids)s)
    AND allocation.ends_at > %(from_at)s
    AND allocation.starts_at < %(until_at)s
    AND (allocation.held_until IS NULL OR allocation.held_until > clock_now())
    AND allocation.owner_id IS DISTINCT FROM %(except_owner)s::uuid
ORDER BY allocation.inventory_id, allocation.starts_at, allocation.owner_id, allocation.part;

-- name: read_owned
SELECT
    allocation.owner_id,
    allocation.owner_kind,
    allocation.resource_id,
    allocation.starts_at,
    allocation.ends_at,
    allocation.units,
    allocation.pinned,
    allocation.held_until
FROM allocations AS allocation
WHERE
    allocation.tenant_id = current_tenant_id()
    AND allocation.owner_id = ANY(%(owner_ids)s)
    AND allocation.owner_kind = 'reservation'
ORDER BY allocation.owner_id, allocation.starts_at, allocation.part;

-- name: take_units
-- Only such units as the resource draws from: until the COMMIT it is not told to draw from others. All of them are
-- asked for at once, so that what this costs does not seem to depend on how many there are: Postgres keeps the plan.
INSERT INTO allocations (
    tenant_id, owner_id, part, owner_kind, resource_id, inventory_id, during, units, quantity, pinned, held_until
)
SELECT
    current_tenant_id(),
    taken.owner_id,
    taken.part,
    'reservation',
    drawing.id,
    drawing.inventory_id,
    taken.during,
    taken.units,
    taken.quantity,
    taken.pinned,
    taken.held_until
FROM (
    SELECT
        resource.id,
        resource.inventory_id
    FROM resources AS resource
    WHERE
        resource.tenant_id = current_tenant_id()
        AND resource.id = %(resource_id)s
        AND resource.inventory_id = %(inventory_id)s
        AND resource.units @> %(drawn)s::int4multirange
    FOR KEY SHARE
) AS drawing
CROSS JOIN
    unnest(
        %(owner_ids)s::uuid[],
        %(parts)s::smallint[],
        %(durings)s::tstzrange[],
        %(units)s::int4multirange[],
        %(quantities)s::integer[],
        %(pinned)s::boolean[],
        %(held_untils)s::timestamptz[]
    ) AS taken (owner_id, part, during, units, quantity, pinned, held_until)
ON CONFLICT DO NOTHING;

-- name: take_part
-- The same for one part of one reservation, which is what nearly everybody takes: less for Postgres to do.
INSERT INTO allocations (
    tenant_id, owner_id, part, owner_kind, resource_id, inventory_id, during, units, quantity, pinned, held_until
)
SELECT
    drawing.tenant_id,
    %(owner_id)s::uuid,
    %(part)s::smallint,
    'reservation',
    drawing.id,
    drawing.inventory_id,
    %(during)s::tstzrange,
    %(units)s::int4multirange,
    %(quantity)s::integer,
    %(pinned)s::boolean,
    %(held_until)s::timestamptz
FROM resources AS drawing
WHERE
    drawing.tenant_id = current_tenant_id()
    AND drawing.id = %(resource_id)s
    AND drawing.inventory_id = %(inventory_id)s
    AND drawing.units @> %(units)s::int4multirange
FOR KEY SHARE
ON CONFLICT DO NOTHING;

-- name: take_needs
-- Of each reservation for itself, so that releasing it releases this; those of one departure share it. The last part.
INSERT INTO allocations (
    tenant_id, owner_id, part, owner_kind, resource_id, inventory_id, during, units, quantity, pinned, held_until,
    departure_id
)
SELECT
    current_tenant_id(),
    taken.owner_id,
    32767,
    'need',
    resource.id,
    resource.needs_inventory_id,
    taken.during,
    resource.needs_units,
    %(quantity)s,
    true,
    taken.held_until,
    taken.departure_id
FROM (
    SELECT
        needing.id,
        needing.needs_inventory_id,
        needing.needs_units
    FROM resources AS needing
    WHERE
        needing.tenant_id = current_tenant_id()
        AND needing.id = %(resource_id)s
        AND needing.needs_inventory_id = %(inventory_id)s
        AND needing.needs_units = %(units)s::int4multirange
    FOR KEY SHARE
) AS resource
CROSS JOIN
    unnest(
        %(owner_ids)s::uuid[], %(durings)s::tstzrange[], %(held_untils)s::timestamptz[], %(departure_ids)s::uuid[]
    ) AS taken (owner_id, during, held_until, departure_id)
ON CONFLICT DO NOTHING;

-- name: read_engagements
SELECT
    resource.id AS resource_id,
    allocation.owner_id,
    allocation.owner_kind,
    allocation.starts_at,
    allocation.ends_at,
    allocation.departure_id
FROM resources AS resource
INNER JOIN allocations AS allocation
    ON resource.tenant_id = allocation.tenant_id AND resource.needs_inventory_id = allocation.inventory_id
WHERE
    resource.tenant_id = current_tenant_id()
    AND resource.id = ANY(%(resource_ids)s)
    AND allocation.ends_at > %(from_at)s
    AND allocation.starts_at < %(until_at)s
    AND allocation.units && resource.needs_units
    AND (allocation.held_until IS NULL OR allocation.held_until > clock_now())
    AND allocation.owner_id IS DISTINCT FROM %(except_owner)s::uuid;

-- name: block_units
INSERT INTO allocations (
    tenant_id, owner_id, part, owner_kind, resource_id, inventory_id, during, units, quantity, pinned
)
SELECT
    current_tenant_id(),
    %(inventory_id)s,
    closed.part,
    'closure',
    (
        SELECT resource.id
        FROM resources AS resource
        WHERE resource.tenant_id = current_tenant_id() AND resource.id = %(inventory_id)s
    ),
    %(inventory_id)s,
    closed.during,
    closed.units,
    closed.quantity,
    true
FROM
    unnest(
        %(parts)s::smallint[], %(durings)s::tstzrange[], %(units)s::int4multirange[], %(quantities)s::integer[]
    ) AS closed (part, during, units, quantity)
ON CONFLICT DO NOTHING;

-- name: release_units
DELETE FROM allocations
WHERE tenant_id = current_tenant_id() AND owner_id = ANY(%(owner_ids)s);

-- name: lock_reservations
-- Before reservations are given other units: nobody cancels them, checks them in or changes them meanwhile.
SELECT reservation.id
FROM reservations AS reservation
WHERE reservation.tenant_id = current_tenant_id() AND reservation.id = ANY(%(ids)s)
ORDER BY reservation.id
FOR NO KEY UPDATE;

-- name: release_as_seen
-- Only what is still as it was when it was decided on.
DELETE FROM allocations AS allocation
USING
    unnest(
        %(owner_ids)s::uuid[],
        %(durings)s::tstzrange[],
        %(units)s::int4multirange[],
        %(pinned)s::boolean[],
        %(held_untils)s::timestamptz[]
    ) AS seen (owner_id, during, units, pinned, held_until)
WHERE
    allocation.tenant_id = current_tenant_id()
    AND allocation.owner_id = seen.owner_id
    AND allocation.inventory_id = %(inventory_id)s
    AND allocation.during = seen.during
    AND allocation.units = seen.units
    AND allocation.pinned = seen.pinned
    AND allocation.held_until IS NOT DISTINCT FROM seen.held_until;

-- name: free_units_from
-- What an owner has from an instant on is free; what it had until then stays its own.
WITH freed AS (
    DELETE FROM allocations
    WHERE tenant_id = current_tenant_id() AND owner_id = %(owner_id)s AND starts_at >= %(from)s
)

UPDATE allocations SET during = tstzrange(starts_at, %(from)s)
WHERE
    tenant_id = current_tenant_id()
    AND owner_id = %(owner_id)s
    AND starts_at < %(from)s
    AND ends_at > %(from)s;

-- name: pin_units
UPDATE allocations
SET pinned = %(pinned)s
WHERE tenant_id = current_tenant_id() AND owner_id = %(owner_id)s;

-- name: hold_until
UPDATE allocations
SET held_until = %(held_until)s
WHERE tenant_id = current_tenant_id() AND owner_id = %(owner_id)s;

-- name: read_profiles
-- One row for each resource. What is taken are lists of equal length as text: who has seen the same text need not
-- read it again.
SELECT
    resource.id AS resource_id,
    resource.version AS resource_version,
    resource.policy_id,
    policy.current_version AS policy_version,
    taken.starts,
    taken.ends,
    taken.quantities,
    coalesce(taken.inexact, false) AS inexact
FROM resources AS resource
INNER JOIN policies AS policy
    ON resource.tenant_id = policy.tenant_id AND resource.policy_id = policy.id
CROSS JOIN LATERAL (
    SELECT
        array_agg(allocation.starts_at AT TIME ZONE 'UTC')::text AS starts,
        array_agg(allocation.ends_at AT TIME ZONE 'UTC')::text AS ends,
        array_agg(
            CASE
                WHEN upper_inf(resource.units) AND allocation.owner_kind != 'closure' THEN allocation.quantity
                -- Of what is closed or shared only the units that the resource draws from.
                ELSE coalesce(
                    (
                        SELECT sum(upper(run.units) - lower(run.units))
                        FROM
                            unnest(
                                allocation.units * CASE
                                    WHEN upper_inf(resource.units)
                                        THEN int4multirange(int4range(1, resource.capacity + 1))
                                    ELSE resource.units
                                END
                            ) AS run (units)
                    ),
                    0
                )
            END
        )::text AS quantities,
        bool_or(
            (allocation.pinned AND allocation.starts_at > clock_now()) OR allocation.resource_id != resource.id
        ) AS inexact
    FROM allocations AS allocation
    WHERE
        allocation.tenant_id = resource.tenant_id
        AND allocation.inventory_id = resource.inventory_id
        AND allocation.ends_at > %(from_at)s
        AND allocation.starts_at < %(until_at)s
        AND (allocation.held_until IS NULL OR allocation.held_until > clock_now())
        AND allocation.owner_id IS DISTINCT FROM %(except_owner)s::uuid
) AS taken
WHERE
    resource.tenant_id = current_tenant_id()
    AND resource.id = ANY(%(resource_ids)s);

-- name: read_starts
SELECT
    reservation.resource_id,
    reservation.starts_at
FROM reservations AS reservation
WHERE
    reservation.tenant_id = current_tenant_id()
    AND reservation.resource_id = ANY(%(resource_ids)s)
    AND reservation.state NOT IN ('cancelled', 'rejected', 'expired')
    AND reservation.starts_at >= %(from_at)s
    AND reservation.starts_at < %(until_at)s
    AND (reservation.hold_expires_at IS NULL OR reservation.hold_expires_at > clock_now())
    AND reservation.id IS DISTINCT FROM %(except_reservation)s::uuid;

-- name: read_guest_starts
SELECT
    reservation.starts_at,
    reservation.state IN ('pending', 'held', 'confirmed', 'checked_in')
    AND reservation.ends_at > clock_now() AS active
FROM guests AS guest
INNER JOIN reservations AS reservation
    ON guest.tenant_id = reservation.tenant_id AND guest.id = reservation.guest_id
WHERE
    guest.tenant_id = current_tenant_id()
    AND guest.email = %(email)s
    AND reservation.state NOT IN ('cancelled', 'rejected', 'expired')
    AND (reservation.ends_at > clock_now() OR reservation.starts_at >= %(from_at)s)
    AND (reservation.hold_expires_at IS NULL OR reservation.hold_expires_at > clock_now())
    AND reservation.id IS DISTINCT FROM %(except_reservation)s::uuid;

-- name: hold_windows
-- Anyone who removes a window waits for who relies on it, and who relies on one that was just removed finds it gone.
SELECT availability_window.id
FROM availability_windows AS availability_window
WHERE
    availability_window.tenant_id = current_tenant_id()
    AND availability_window.resource_id = %(resource_id)s
    AND availability_window.ends_at > %(starts_at)s
    AND availability_window.starts_at < %(ends_at)s
FOR KEY SHARE;

-- name: read_windows
SELECT
    availability_window.resource_id,
    availability_window.starts_at,
    availability_window.ends_at
FROM availability_windows AS availability_window
WHERE
    availability_window.tenant_id = current_tenant_id()
    AND availability_window.resource_id = ANY(%(resource_ids)s)
    AND availability_window.ends_at > %(from_at)s
    AND availability_window.starts_at < %(until_at)s
ORDER BY availability_window.resource_id, availability_window.starts_at;
