-- Series, and what became of each of their dates.

-- name: add_series
INSERT INTO series (
    id, tenant_id, resource_id, rrule, starts_on, nights, local_time, length_minutes, fold, quantity, party_size, mode,
    except_on, split_from, cancelled_at, version, created_at, updated_at
)
VALUES (
    %(id)s, current_tenant_id(), %(resource_id)s, %(rrule)s, %(starts_on)s, %(nights)s, %(local_time)s,
    %(length_minutes)s, %(fold)s, %(quantity)s, %(party_size)s, %(mode)s, %(except_on)s::date[], %(split_from)s,
    %(cancelled_at)s, %(version)s, %(created_at)s, %(updated_at)s
);

-- name: change_series
UPDATE series SET
    rrule = %(rrule)s,
    nights = %(nights)s,
    local_time = %(local_time)s,
    length_minutes = %(length_minutes)s,
    fold = %(fold)s,
    quantity = %(quantity)s,
    party_size = %(party_size)s,
    mode = %(mode)s,
    except_on = %(except_on)s::date[],
    cancelled_at = %(cancelled_at)s,
    version = %(version)s,
    updated_at = %(updated_at)s
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND version = %(before_version)s;

-- name: find_series
SELECT
    series.id,
    series.resource_id,
    series.rrule,
    series.starts_on,
    series.nights,
    series.local_time,
    series.length_minutes,
    series.fold,
    series.quantity,
    series.party_size,
    series.mode,
    series.except_on,
    series.split_from,
    series.cancelled_at,
    series.version,
    series.created_at,
    series.updated_at
FROM series
WHERE series.tenant_id = current_tenant_id() AND series.id = %(series_id)s;

-- name: page_series
-- Ids are UUIDv7, made in the order of time.
SELECT
    series.id,
    series.resource_id,
    series.rrule,
    series.starts_on,
    series.nights,
    series.local_time,
    series.length_minutes,
    series.fold,
    series.quantity,
    series.party_size,
    series.mode,
    series.except_on,
    series.split_from,
    series.cancelled_at,
    series.version,
    series.created_at,
    series.updated_at
FROM series
WHERE
    series.tenant_id = current_tenant_id()
    AND (%(resource_id)s::uuid IS NULL OR series.resource_id = %(resource_id)s)
    AND (%(before_id)s::uuid IS NULL OR series.id < %(before_id)s)
ORDER BY series.id DESC
LIMIT %(limit)s;

-- name: add_occurrences
INSERT INTO series_occurrences (tenant_id, series_id, number, starts_on, reservation_id, refused)
SELECT
    current_tenant_id(),
    %(series_id)s,
    added.number,
    added.starts_on,
    added.reservation_id,
    added.refused
FROM
    unnest(%(numbers)s::integer[], %(starts_on)s::date[], %(reservation_ids)s::uuid[], %(refused)s::text[])
    AS added (number, starts_on, reservation_id, refused);

-- name: hand_over_occurrences
UPDATE series_occurrences SET series_id = %(to_id)s, number = number - %(before)s
WHERE tenant_id = current_tenant_id() AND series_id = %(from_id)s AND number > %(before)s;

-- name: read_occurrences
SELECT
    occurrence.number,
    occurrence.starts_on,
    occurrence.reservation_id,
    occurrence.refused
FROM series_occurrences AS occurrence
WHERE occurrence.tenant_id = current_tenant_id() AND occurrence.series_id = %(series_id)s
ORDER BY occurrence.number;
