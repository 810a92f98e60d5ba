-- Reservations and their guests.

-- name: add_reservation
WITH known AS (
    SELECT guest.id
    FROM guests AS guest
    WHERE
        guest.tenant_id = current_tenant_id()
        AND guest.email = %(guest_email)s
        AND guest.name = %(guest_name)s
        AND guest.phone IS NOT DISTINCT FROM %(guest_phone)s
    ORDER BY guest.id
    LIMIT 1
),

added AS (
    INSERT INTO guests (id, tenant_id, name, email, phone, created_at)
    SELECT
        %(guest_id)s,
        current_tenant_id(),
        %(guest_name)s,
        %(guest_email)s,
        %(guest_phone)s,
        %(created_at)s
    WHERE NOT EXISTS (SELECT 1 FROM known)
)

INSERT INTO reservations (
    id, tenant_id, code, resource_id, guest_id, state, starts_at, ends_at, check_in_on, check_out_on, quantity,
    party_size, units_promised, notes, price, policy_id, policy_version, hold_expires_at, held_since, due_at,
    waits_for, wanted_unit, overridden, created_at, updated_at
)
VALUES (
    %(id)s, current_tenant_id(), %(code)s, %(resource_id)s, coalesce((SELECT known.id FROM known), %(guest_id)s),
    %(state)s, %(starts_at)s, %(ends_at)s, %(check_in_on)s, %(check_out_on)s, %(quantity)s, %(party_size)s,
    %(units_promised)s, %(notes)s, %(price)s, %(policy_id)s, %(policy_version)s, %(hold_expires_at)s,
    %(held_since)s, %(due_at)s, %(waits_for)s, %(wanted_unit)s, %(overridden)s, %(created_at)s, %(created_at)s
);

-- name: find_code
SELECT reservation.id
FROM reservations AS reservation
WHERE reservation.tenant_id = current_tenant_id() AND reservation.code = %(code)s;

-- name: read_reservation
SELECT
    reservation.id,
    reservation.code,
    reservation.resource_id,
    reservation.state,
    reservation.starts_at,
    reservation.ends_at,
    reservation.check_in_on,
    reservation.check_out_on,
    reservation.quantity,
    reservation.party_size,
    reservation.units_promised,
    reservation.notes,
    reservation.price,
    reservation.policy_id,
    reservation.policy_version,
    reservation.hold_expires_at,
    reservation.due_at,
    reservation.waits_for,
    reservation.held_since,
    reservation.hold_extended,
    reservation.wanted_unit,
    reservation.overridden,
    reservation.retained,
    reservation.nonrefundable,
    reservation.checked_out_at,
    reservation.version,
    reservation.created_at,
    reservation.updated_at,
    guest.id AS guest_id,
    guest.name AS guest_name,
    guest.email AS guest_email,
    guest.phone AS guest_phone,
    tenant.timezone,
    clock_now() AS read_at,
    (
        SELECT range_agg(allocation.units)
        FROM allocations AS allocation
        WHERE
            allocation.tenant_id = reservation.tenant_id
            AND allocation.owner_id = reservation.id
            AND allocation.owner_kind = 'reservation'
    ) AS units,
    (
        SELECT to_jsonb(change)
        FROM reservation_changes AS change
        WHERE
            change.tenant_id = reservation.tenant_id
            AND change.reservation_id = reservation.id
            AND change.state = 'waiting'
    ) AS change,
    (
        SELECT jsonb_agg(
            to_jsonb(earlier) || jsonb_build_object('units', translate(earlier.units::text, '{})', '[]]')::jsonb)
            ORDER BY earlier.starts_at
        )
        FROM earlier_rooms AS earlier
        WHERE
            earlier.tenant_id = reservation.tenant_id
            AND earlier.reservation_id = reservation.id
    ) AS earlier_rooms
FROM reservations AS reservation
INNER JOIN guests AS guest
    ON reservation.tenant_id = guest.tenant_id AND reservation.guest_id = guest.id
INNER JOIN tenants AS tenant
    ON reservation.tenant_id = tenant.id
WHERE
    reservation.tenant_id = current_tenant_id()
    AND reservation.id = %(reservation_id)s;

-- name: change_reservation
UPDATE reservations
SET
    resource_id = %(resource_id)s,
    guest_id = %(guest_id)s,
    state = %(state)s,
    starts_at = %(starts_at)s,
    ends_at = %(ends_at)s,
    check_in_on = %(check_in_on)s,
    check_out_on = %(check_out_on)s,
    quantity = %(quantity)s,
    party_size = %(party_size)s,
    units_promised = %(units_promised)s,
    notes = %(notes)s,
    price = %(price)s,
    policy_id = %(policy_id)s,
    policy_version = %(policy_version)s,
    hold_expires_at = %(hold_expires_at)s,
    due_at = %(due_at)s,
    waits_for = %(waits_for)s,
    held_since = %(held_since)s,
    hold_extended = %(hold_extended)s,
    wanted_unit = %(wanted_unit)s,
    overridden = %(overridden)s,
    retained = %(retained)s,
    nonrefundable = %(nonrefundable)s,
    checked_out_at = %(checked_out_at)s,
    version = version + 1,
    updated_at = %(updated_at)s
WHERE
    tenant_id = current_tenant_id()
    AND id = %(id)s
    AND version = %(version)s;

-- name: add_earlier_room
INSERT INTO earlier_rooms (
    tenant_id, reservation_id, resource_id, next_resource_id, starts_at, ends_at, check_in_on, check_out_on, taken,
    units
)
VALUES (
    current_tenant_id(), %(reservation_id)s, %(resource_id)s, %(next_resource_id)s, %(starts_at)s, %(ends_at)s,
    %(check_in_on)s, %(check_out_on)s, %(taken)s, %(units)s
);

-- name: add_guest
INSERT INTO guests (id, tenant_id, name, email, phone, created_at)
VALUES (%(id)s, current_tenant_id(), %(name)s, %(email)s, %(phone)s, %(created_at)s);

-- name: page_by_start
-- Text is looked for in the guests' names and addresses, and as a whole code.
SELECT reservation.id
FROM reservations AS reservation
INNER JOIN guests AS guest
    ON reservation.tenant_id = guest.tenant_id AND reservation.guest_id = guest.id
WHERE
    reservation.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR reservation.resource_id = %(resource_id)s)
    AND (%(guest_id)s::uuid IS NULL OR reservation.guest_id = %(guest_id)s)
    AND (%(states)s::text[] IS NULL OR reservation.state = ANY(%(states)s))
    AND (%(from)s::timestamptz IS NULL OR reservation.ends_at > %(from)s)
    AND (%(until)s::timestamptz IS NULL OR reservation.starts_at < %(until)s)
    AND (%(created_from)s::timestamptz IS NULL OR reservation.created_at >= %(created_from)s)
    AND (%(created_until)s::timestamptz IS NULL OR reservation.created_at < %(created_until)s)
    AND (
        %(text)s::text IS NULL
        OR position(fold_text(%(text)s) IN fold_text(guest.name)) > 0
        OR position(lower(%(text)s) IN guest.email) > 0
        OR reservation.code = upper(%(text)s)
    )
    AND (
        %(after_at)s::timestamptz IS NULL
        OR (reservation.starts_at, reservation.id) > (%(after_at)s, %(after_id)s::uuid)
    )
ORDER BY reservation.starts_at, reservation.id
LIMIT %(limit)s;

-- name: page_by_start_descending
SELECT reservation.id
FROM reservations AS reservation
INNER JOIN guests AS guest
    ON reservation.tenant_id = guest.tenant_id AND reservation.guest_id = guest.id
WHERE
    reservation.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR reservation.resource_id = %(resource_id)s)
    AND (%(guest_id)s::uuid IS NULL OR reservation.guest_id = %(guest_id)s)
    AND (%(states)s::text[] IS NULL OR reservation.state = ANY(%(states)s))
    AND (%(from)s::timestamptz IS NULL OR reservation.ends_at > %(from)s)
    AND (%(until)s::timestamptz IS NULL OR reservation.starts_at < %(until)s)
    AND (%(created_from)s::timestamptz IS NULL OR reservation.created_at >= %(created_from)s)
    AND (%(created_until)s::timestamptz IS NULL OR reservation.created_at < %(created_until)s)
    AND (
        %(text)s::text IS NULL
        OR position(fold_text(%(text)s) IN fold_text(guest.name)) > 0
        OR position(lower(%(text)s) IN guest.email) > 0
        OR reservation.code = upper(%(text)s)
    )
    AND (
        %(after_at)s::timestamptz IS NULL
        OR (reservation.starts_at, reservation.id) < (%(after_at)s, %(after_id)s::uuid)
    )
ORDER BY reservation.starts_at DESC, reservation.id DESC
LIMIT %(limit)s;

-- name: page_by_creation_descending
-- Ids are UUIDv7, made in the order of time.
SELECT reservation.id
FROM reservations AS reservation
INNER JOIN guests AS guest
    ON reservation.tenant_id = guest.tenant_id AND reservation.guest_id = guest.id
WHERE
    reservation.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR reservation.resource_id = %(resource_id)s)
    AND (%(guest_id)s::uuid IS NULL OR reservation.guest_id = %(guest_id)s)
    AND (%(states)s::text[] IS NULL OR reservation.state = ANY(%(states)s))
    AND (%(from)s::timestamptz IS NULL OR reservation.ends_at > %(from)s)
    AND (%(until)s::timestamptz IS NULL OR reservation.starts_at < %(until)s)
    AND (%(created_from)s::timestamptz IS NULL OR reservation.created_at >= %(created_from)s)
    AND (%(created_until)s::timestamptz IS NULL OR reservation.created_at < %(created_until)s)
    AND (
        %(text)s::text IS NULL
        OR position(fold_text(%(text)s) IN fold_text(guest.name)) > 0
        OR position(lower(%(text)s) IN guest.email) > 0
        OR reservation.code = upper(%(text)s)
    )
    AND (%(after_id)s::uuid IS NULL OR reservation.id < %(after_id)s)
ORDER BY reservation.id DESC
LIMIT %(limit)s;

-- name: page_by_change
-- In the order in which their changes began to be written, up to what is under way: no earlier one can come any more.
SELECT
    reservation.id,
    reservation.changed_in::text AS changed_in
FROM reservations AS reservation
INNER JOIN guests AS guest
    ON reservation.tenant_id = guest.tenant_id AND reservation.guest_id = guest.id
WHERE
    reservation.tenant_id = current_tenant_id()
    AND reservation.updated_at >= %(updated_since)s
    AND (reservation.changed_in, reservation.id) > (%(after_transaction)s::text::xid8, %(after_id)s::uuid)
    AND reservation.changed_in < pg_snapshot_xmin(pg_current_snapshot())
    AND (%(resource_id)s::uuid IS NULL OR reservation.resource_id = %(resource_id)s)
    AND (%(guest_id)s::uuid IS NULL OR reservation.guest_id = %(guest_id)s)
    AND (%(states)s::text[] IS NULL OR reservation.state = ANY(%(states)s))
    AND (%(from)s::timestamptz IS NULL OR reservation.ends_at > %(from)s)
    AND (%(until)s::timestamptz IS NULL OR reservation.starts_at < %(until)s)
    AND (%(created_from)s::timestamptz IS NULL OR reservation.created_at >= %(created_from)s)
    AND (%(created_until)s::timestamptz IS NULL OR reservation.created_at < %(created_until)s)
    AND (
        %(text)s::text IS NULL
        OR position(fold_text(%(text)s) IN fold_text(guest.name)) > 0
        OR position(lower(%(text)s) IN guest.email) > 0
        OR reservation.code = upper(%(text)s)
    )
ORDER BY reservation.changed_in, reservation.id
LIMIT %(limit)s;

-- name: read_reservations
SELECT
    reservation.id,
    reservation.code,
    reservation.resource_id,
    reservation.state,
    reservation.starts_at,
    reservation.ends_at,
    reservation.check_in_on,
    reservation.check_out_on,
    reservation.quantity,
    reservation.party_size,
    reservation.units_promised,
    reservation.notes,
    reservation.price,
    reservation.policy_id,
    reservation.policy_version,
    reservation.hold_expires_at,
    reservation.due_at,
    reservation.waits_for,
    reservation.held_since,
    reservation.hold_extended,
    reservation.wanted_unit,
    reservation.overridden,
    reservation.retained,
    reservation.nonrefundable,
    reservation.checked_out_at,
    reservation.version,
    reservation.created_at,
    reservation.updated_at,
    guest.id AS guest_id,
    guest.name AS guest_name,
    guest.email AS guest_email,
    guest.phone AS guest_phone,
    tenant.timezone,
    clock_now() AS read_at,
    (
        SELECT range_agg(allocation.units)
        FROM allocations AS allocation
        WHERE
            allocation.tenant_id = reservation.tenant_id
            AND allocation.owner_id = reservation.id
            AND allocation.owner_kind = 'reservation'
    ) AS units,
    (
        SELECT to_jsonb(change)
        FROM reservation_changes AS change
        WHERE
            change.tenant_id = reservation.tenant_id
            AND change.reservation_id = reservation.id
            AND change.state = 'waiting'
    ) AS change,
    (
        SELECT jsonb_agg(
            to_jsonb(earlier) || jsonb_build_object('units', translate(earlier.units::text, '{})', '[]]')::jsonb)
            ORDER BY earlier.starts_at
        )
        FROM earlier_rooms AS earlier
        WHERE
            earlier.tenant_id = reservation.tenant_id
            AND earlier.reservation_id = reservation.id
    ) AS earlier_rooms
FROM reservations AS reservation
INNER JOIN guests AS guest
    ON reservation.tenant_id = guest.tenant_id AND reservation.guest_id = guest.id
INNER JOIN tenants AS tenant
    ON reservation.tenant_id = tenant.id
WHERE
    reservation.tenant_id = current_tenant_id()
    AND reservation.id = ANY(%(reservation_ids)s);
