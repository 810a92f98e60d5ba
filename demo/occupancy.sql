-- What the samples look at before they are made.

-- name: read_reserved_weeks
SELECT DISTINCT date_trunc('week', reservation.starts_at AT TIME ZONE %(timezone)s)::date AS week
FROM reservations AS reservation
WHERE
    reservation.tenant_id = current_tenant_id()
    AND reservation.resource_id = %(resource_id)s;
