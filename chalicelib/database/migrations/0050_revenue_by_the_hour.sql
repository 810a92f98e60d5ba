-- The price of hours counts on each day, and in each room, that they are on, in proportion; it counted where they began.
-- Days of hours over midnight, and of who changed rooms, are made again when statistics are asked for next.
DO $$
DECLARE
    tenant record;
BEGIN
    -- By tenant, as row security shows them to their owner: that takes no lock that others wait for.
    FOR tenant IN SELECT id, timezone FROM tenants LOOP
        PERFORM set_config('app.tenant_id', tenant.id::text, true);
        UPDATE daily_statistics AS kept
        SET lead_times = NULL
        WHERE
            kept.tenant_id = tenant.id
            AND (kept.resource_id, kept.on_date) IN (
                SELECT
                    room.id,
                    day.on_date::date
                FROM (
                    SELECT
                        reservation.starts_at AT TIME ZONE tenant.timezone AS starts_at,
                        (reservation.ends_at - interval '1 microsecond') AT TIME ZONE tenant.timezone AS ends_at,
                        reservation.resource_id || ARRAY(
                            SELECT earlier.resource_id
                            FROM earlier_rooms AS earlier
                            WHERE earlier.tenant_id = tenant.id AND earlier.reservation_id = reservation.id
                        ) AS resource_ids
                    FROM reservations AS reservation
                    WHERE
                        reservation.tenant_id = tenant.id
                        AND reservation.check_in_on IS NULL
                        AND reservation.state IN ('confirmed', 'checked_in', 'completed')
                ) AS sold
                CROSS JOIN LATERAL unnest(sold.resource_ids) AS room (id)
                CROSS JOIN LATERAL generate_series(
                    date_trunc('day', sold.starts_at), sold.ends_at, interval '1 day'
                ) AS day (on_date)
                WHERE cardinality(sold.resource_ids) > 1 OR sold.starts_at::date < sold.ends_at::date
            );
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END
$$;
