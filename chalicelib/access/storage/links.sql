-- The links of guests: whether one holds, and the one that makes all before it invalid.

-- name: read_link
-- Of whatever has this id; an entry of the waitlist and the reservation that it was offered share theirs.
SELECT
    coalesce(link.generation, 0) AS generation,
    greatest(reservation.ends_at, entry.ends_at, dates.ends_at) AS ends_at,
    clock_now() AS now
FROM (SELECT %(id)s::uuid AS id) AS subject
LEFT JOIN manage_links AS link
    ON link.tenant_id = current_tenant_id() AND subject.id = link.subject_id
LEFT JOIN reservations AS reservation
    ON reservation.tenant_id = current_tenant_id() AND subject.id = reservation.id
LEFT JOIN waitlist_entries AS entry
    ON entry.tenant_id = current_tenant_id() AND subject.id = entry.id
LEFT JOIN LATERAL (
    SELECT max(one.ends_at) AS ends_at
    FROM series_occurrences AS date_of_it
    INNER JOIN reservations AS one
        ON date_of_it.tenant_id = one.tenant_id AND date_of_it.reservation_id = one.id
    WHERE date_of_it.tenant_id = current_tenant_id() AND date_of_it.series_id = subject.id
) AS dates
    ON true;

-- name: guest_of
-- Whom a link belongs to.
SELECT
    guest.id,
    guest.name,
    guest.email
FROM guests AS guest
WHERE
    guest.tenant_id = current_tenant_id()
    AND guest.id = coalesce(
        (
            SELECT reservation.guest_id
            FROM reservations AS reservation
            WHERE reservation.tenant_id = current_tenant_id() AND reservation.id = %(id)s
        ),
        (
            SELECT series.guest_id
            FROM series
            WHERE series.tenant_id = current_tenant_id() AND series.id = %(id)s
        ),
        (
            SELECT entry.guest_id
            FROM waitlist_entries AS entry
            WHERE entry.tenant_id = current_tenant_id() AND entry.id = %(id)s
        )
    );

-- name: renew_link
INSERT INTO manage_links AS link (tenant_id, subject_id, generation, renewed_at)
VALUES (current_tenant_id(), %(id)s, 1, clock_now())
ON CONFLICT (tenant_id, subject_id) DO UPDATE
SET generation = link.generation + 1, renewed_at = clock_now()
RETURNING link.generation;

-- name: forget_tickets
DELETE FROM connection_tickets
WHERE tenant_id = current_tenant_id() AND reservation_id = %(id)s;

-- name: end_connections
DELETE FROM connections
WHERE tenant_id = current_tenant_id() AND reservation_id = %(id)s
RETURNING id;
