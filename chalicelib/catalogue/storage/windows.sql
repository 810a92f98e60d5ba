-- Availability windows: when resources are offered.

-- name: find_window
SELECT
    availability_window.id,
    availability_window.resource_id,
    availability_window.starts_at,
    availability_window.ends_at
FROM availability_windows AS availability_window
WHERE availability_window.tenant_id = current_tenant_id() AND availability_window.id = %(id)s;

-- name: list_windows
SELECT
    availability_window.id,
    availability_window.resource_id,
    availability_window.starts_at,
    availability_window.ends_at
FROM availability_windows AS availability_window
WHERE
    availability_window.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR availability_window.resource_id = %(resource_id)s)
    AND (%(from)s::timestamptz IS NULL OR availability_window.ends_at > %(from)s)
    AND (%(until)s::timestamptz IS NULL OR availability_window.starts_at < %(until)s)
    AND (
        %(after_at)s::timestamptz IS NULL
        OR (availability_window.starts_at, availability_window.id) > (%(after_at)s, %(after_id)s::uuid)
    )
ORDER BY availability_window.starts_at, availability_window.id
LIMIT %(limit)s;

-- name: add_window
INSERT INTO availability_windows (id, tenant_id, resource_id, starts_at, ends_at)
VALUES (%(id)s, current_tenant_id(), %(resource_id)s, %(starts_at)s, %(ends_at)s);

-- name: remove_window
DELETE FROM availability_windows
WHERE tenant_id = current_tenant_id() AND id = %(id)s;

-- name: reservations_in_window
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
    AND reservation.resource_id = %(resource_id)s
    AND reservation.starts_at < %(ends_at)s
    AND reservation.ends_at > %(starts_at)s
    AND reservation.state IN ('pending', 'held', 'confirmed', 'checked_in')
ORDER BY reservation.starts_at, reservation.id
LIMIT 100;
