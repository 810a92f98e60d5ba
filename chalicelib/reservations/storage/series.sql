-- Recurring reservations; see reservations/create_series.py.

-- name: add_series
INSERT INTO series (
    tenant_id, id, resource_id, guest_id, rule, first_on, except_on, starts_at_time, minutes, nights, quantity,
    party_size, notes, created_at
)
SELECT
    current_tenant_id(),
    %(id)s,
    %(resource_id)s,
    coalesce(
        (
            SELECT reservation.guest_id
            FROM reservations AS reservation
            WHERE reservation.tenant_id = current_tenant_id() AND reservation.id = %(reservation_id)s
        ),
        %(guest_id)s
    ),
    %(rule)s,
    %(first_on)s,
    %(except_on)s,
    %(starts_at_time)s,
    %(minutes)s,
    %(nights)s,
    %(quantity)s,
    %(party_size)s,
    %(notes)s,
    %(created_at)s;

-- name: add_occurrences
INSERT INTO series_occurrences (tenant_id, series_id, on_date, reservation_id, refusal)
SELECT
    current_tenant_id(),
    %(series_id)s,
    occurrence.on_date,
    occurrence.reservation_id,
    occurrence.refusal
FROM
    unnest(%(dates)s::date[], %(reservation_ids)s::uuid[], %(refusals)s::text[])
        AS occurrence (on_date, reservation_id, refusal);

-- name: read_series
SELECT
    series.id,
    series.resource_id,
    series.rule,
    series.first_on,
    series.except_on,
    series.starts_at_time,
    series.minutes,
    series.nights,
    series.quantity,
    series.party_size,
    series.notes,
    series.version,
    series.created_at,
    guest.id AS guest_id,
    guest.name AS guest_name,
    guest.email AS guest_email,
    guest.phone AS guest_phone
FROM series
INNER JOIN guests AS guest
    ON series.tenant_id = guest.tenant_id AND series.guest_id = guest.id
WHERE
    series.tenant_id = current_tenant_id()
    AND (%(id)s::uuid IS NULL OR series.id = %(id)s)
    AND (%(resource_id)s::uuid IS NULL OR series.resource_id = %(resource_id)s)
    AND (%(before_id)s::uuid IS NULL OR series.id < %(before_id)s)
ORDER BY series.id DESC
LIMIT %(limit)s;

-- name: read_occurrences
SELECT
    occurrence.on_date,
    occurrence.reservation_id,
    occurrence.refusal,
    reservation.state,
    reservation.code,
    reservation.starts_at,
    reservation.ends_at
FROM series_occurrences AS occurrence
LEFT JOIN reservations AS reservation
    ON occurrence.tenant_id = reservation.tenant_id AND occurrence.reservation_id = reservation.id
WHERE occurrence.tenant_id = current_tenant_id() AND occurrence.series_id = %(series_id)s
ORDER BY occurrence.on_date;

-- name: change_series
UPDATE series SET
    starts_at_time = %(starts_at_time)s,
    minutes = %(minutes)s,
    nights = %(nights)s,
    quantity = %(quantity)s,
    party_size = %(party_size)s,
    version = version + 1
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND version = %(version)s;

-- name: fill_date
UPDATE series_occurrences SET reservation_id = %(reservation_id)s, refusal = NULL
WHERE
    tenant_id = current_tenant_id()
    AND series_id = %(series_id)s
    AND on_date = %(on_date)s
    AND reservation_id IS NULL;

-- name: touch_series
UPDATE series SET version = version + 1
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND version = %(version)s;

-- name: end_series
UPDATE series SET rule = %(rule)s, except_on = %(except_on)s, version = version + 1
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND version = %(version)s;

-- name: split_occurrences
-- What follows belongs to another series from now on.
UPDATE series_occurrences SET series_id = %(to_id)s
WHERE tenant_id = current_tenant_id() AND series_id = %(from_id)s AND on_date >= %(from_on)s;
