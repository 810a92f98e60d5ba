-- Guests as the tenant's people keep them. A person may be several guests: each with the details given at the time.

-- name: search_guests
SELECT
    guest.id,
    guest.name,
    guest.email,
    guest.phone,
    guest.version,
    guest.anonymized_at,
    guest.created_at,
    (
        SELECT count(*)
        FROM reservations AS reservation
        WHERE reservation.tenant_id = guest.tenant_id AND reservation.guest_id = guest.id
    ) AS reservations,
    (
        SELECT count(*)
        FROM reservations AS reservation
        WHERE
            reservation.tenant_id = guest.tenant_id
            AND reservation.guest_id = guest.id
            AND reservation.state = 'no_show'
    ) AS no_shows
FROM guests AS guest
WHERE
    guest.tenant_id = current_tenant_id()
    AND (%(id)s::uuid IS NULL OR guest.id = %(id)s)
    AND (
        %(text)s::text IS NULL
        OR position(fold_text(%(text)s) IN fold_text(guest.name)) > 0
        OR position(lower(%(text)s) IN guest.email) > 0
        OR position(%(text)s IN guest.phone) > 0
    )
    AND (%(before_id)s::uuid IS NULL OR guest.id < %(before_id)s)
ORDER BY guest.id DESC
LIMIT %(limit)s;

-- name: same_person
SELECT guest.id
FROM guests AS guest
WHERE guest.tenant_id = current_tenant_id() AND guest.email = %(email)s
ORDER BY guest.id;

-- name: change_guest
UPDATE guests SET
    name = %(name)s,
    email = %(email)s,
    phone = %(phone)s,
    version = version + 1
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND version = %(version)s;

-- name: move_reservations
UPDATE reservations SET guest_id = %(to_id)s
WHERE tenant_id = current_tenant_id() AND guest_id = %(from_id)s;

-- name: move_entries
UPDATE waitlist_entries SET guest_id = %(to_id)s
WHERE tenant_id = current_tenant_id() AND guest_id = %(from_id)s;

-- name: move_series
UPDATE series SET guest_id = %(to_id)s
WHERE tenant_id = current_tenant_id() AND guest_id = %(from_id)s;

-- name: remove_guest
DELETE FROM guests
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND version = %(version)s;

-- name: lock_guests
-- Nobody reserves as one of them until the transaction ends: the foreign key of a reservation wants the row to stay.
SELECT guest.id
FROM guests AS guest
WHERE guest.tenant_id = current_tenant_id() AND guest.id = ANY(%(ids)s::uuid[])
ORDER BY guest.id
FOR UPDATE;

-- name: active_reservations
SELECT
    reservation.id,
    reservation.code,
    reservation.starts_at,
    reservation.ends_at,
    (
        SELECT range_agg(own.units)
        FROM allocations AS own
        WHERE own.tenant_id = reservation.tenant_id AND own.owner_id = reservation.id AND own.owner_kind = 'reservation'
    ) AS units
FROM reservations AS reservation
WHERE
    reservation.tenant_id = current_tenant_id()
    AND reservation.guest_id = ANY(%(ids)s::uuid[])
    AND reservation.state IN ('pending', 'held', 'confirmed', 'checked_in')
ORDER BY reservation.starts_at, reservation.id
LIMIT 100;

-- name: reservations_of
-- And what they waited for: stored answers name both.
SELECT reservation.id
FROM reservations AS reservation
WHERE reservation.tenant_id = current_tenant_id() AND reservation.guest_id = ANY(%(ids)s::uuid[])
UNION
SELECT entry.id
FROM waitlist_entries AS entry
WHERE entry.tenant_id = current_tenant_id() AND entry.guest_id = ANY(%(ids)s::uuid[])
ORDER BY id;

-- name: add_anonymous
INSERT INTO guests (id, tenant_id, name, email, phone, created_at, anonymized_at)
VALUES (
    %(id)s, current_tenant_id(), 'Anonymous', %(id)s::uuid::text || '@anonymous.invalid', NULL, clock_now(), clock_now()
);

-- name: hand_over_reservations
UPDATE reservations SET guest_id = %(to_id)s
WHERE tenant_id = current_tenant_id() AND guest_id = ANY(%(ids)s::uuid[]);

-- name: hand_over_entries
-- Who is forgotten waits for nothing any more.
UPDATE waitlist_entries SET
    guest_id = %(to_id)s,
    notes = '',
    state = CASE WHEN state IN ('waiting', 'offered') THEN 'left' ELSE state END,
    decided_at = coalesce(decided_at, clock_now())
WHERE tenant_id = current_tenant_id() AND guest_id = ANY(%(ids)s::uuid[]);

-- name: hand_over_series
UPDATE series SET guest_id = %(to_id)s, notes = ''
WHERE tenant_id = current_tenant_id() AND guest_id = ANY(%(ids)s::uuid[]);

-- name: remove_guests
-- Who is about to be given a new reservation cannot be removed: the reference says so, and the work begins again.
DELETE FROM guests
WHERE tenant_id = current_tenant_id() AND id = ANY(%(ids)s::uuid[]);

-- name: forget_notes
UPDATE reservations SET notes = ''
WHERE tenant_id = current_tenant_id() AND guest_id = %(id)s AND notes <> '';

-- name: forget_answers
-- Stored answers name their reservation by its id.
DELETE FROM idempotency_keys AS stored
USING unnest(%(reservation_ids)s::uuid[]) AS reservation (id)
WHERE stored.tenant_id = current_tenant_id() AND position(reservation.id::text IN stored.body) > 0;
