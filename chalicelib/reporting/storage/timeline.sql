-- What lies on the resources of the timeline.

-- name: list_stretches
-- Which reservations reach into a period, by the order of the resources given; who changed rooms is in each of theirs.
-- Those that take no units any more have the last ones that their events tell.
WITH wanted AS (
    SELECT
        listed.resource_id,
        listed.place
    FROM unnest(%(resource_ids)s::uuid[]) WITH ORDINALITY AS listed (resource_id, place)
),

lying AS (
    SELECT
        wanted.place,
        wanted.resource_id,
        reservation.id,
        reservation.starts_at,
        reservation.state
    FROM reservations AS reservation
    INNER JOIN wanted ON reservation.resource_id = wanted.resource_id
    WHERE
        reservation.tenant_id = current_tenant_id()
        AND reservation.ends_at > %(from)s
        AND reservation.starts_at < %(until)s
        AND reservation.state = ANY(%(states)s::text[])
        AND (reservation.hold_expires_at IS NULL OR reservation.hold_expires_at > clock_now() OR %(ended)s)
    UNION
    SELECT
        wanted.place,
        wanted.resource_id,
        reservation.id,
        reservation.starts_at,
        reservation.state
    FROM earlier_rooms AS earlier
    INNER JOIN wanted ON earlier.resource_id = wanted.resource_id
    INNER JOIN reservations AS reservation
        ON earlier.tenant_id = reservation.tenant_id AND earlier.reservation_id = reservation.id
    WHERE
        earlier.tenant_id = current_tenant_id()
        AND earlier.ends_at > %(from)s
        AND earlier.starts_at < %(until)s
        AND reservation.state = ANY(%(states)s::text[])
)

SELECT
    lying.resource_id,
    lying.id,
    CASE
        WHEN lying.state != ALL(%(blocking)s::text[] || 'pending'::text) THEN (
            SELECT units_of_runs(event.after -> 'units')
            FROM events AS event
            WHERE
                event.tenant_id = current_tenant_id()
                AND event.entity_id = lying.id
                AND event.entity_kind = 'reservation'
                AND event.after -> 'units' != '[]'
            ORDER BY event.id DESC
            LIMIT 1
        )
    END AS last_units
FROM lying
ORDER BY lying.place, lying.starts_at, lying.id
LIMIT %(limit)s;
