-- Who has what of resources in a period, as it is or as it stood: the calendar, and what resources lack, ask the same.
-- Events are read of what has changed since alone.

CREATE FUNCTION uses_between(
    since timestamptz, until timestamptz, of_resources uuid[], in_states text[], as_of timestamptz
)
RETURNS TABLE (
    reservation_id uuid,
    resource_id uuid,
    starts_at timestamptz,
    ends_at timestamptz,
    check_in_on date,
    check_out_on date,
    checked_out_at timestamptz,
    taken integer,
    units int4multirange
)
LANGUAGE sql STABLE
AS $$
    WITH facts AS (
        -- As it is: asked of the present, or not changed since.
        SELECT
            reservation.id,
            reservation.resource_id,
            reservation.policy_id,
            reservation.policy_version,
            reservation.state,
            reservation.starts_at,
            reservation.ends_at,
            reservation.check_in_on,
            reservation.check_out_on,
            reservation.checked_out_at,
            reservation.hold_expires_at,
            reservation.quantity,
            reservation.party_size
        FROM reservations AS reservation
        WHERE
            reservation.tenant_id = current_tenant_id()
            AND reservation.ends_at >= uses_between.since
            AND reservation.starts_at < uses_between.until
            AND (
                uses_between.as_of IS NULL
                OR (reservation.created_at <= uses_between.as_of AND reservation.updated_at <= uses_between.as_of)
            )
        UNION ALL
        -- Changed since: as its last event until then tells it; where that one is archived, as the first one after it
        -- does. Events hold no row security for hosts: the join with the resources that they see does.
        SELECT
            reservation.id,
            (past.facts ->> 'resource_id')::uuid,
            (past.facts ->> 'policy_id')::uuid,
            (past.facts ->> 'policy_version')::integer,
            past.facts ->> 'state',
            (past.facts ->> 'starts_at')::timestamptz,
            (past.facts ->> 'ends_at')::timestamptz,
            (past.facts ->> 'check_in_on')::date,
            (past.facts ->> 'check_out_on')::date,
            (past.facts ->> 'checked_out_at')::timestamptz,
            (past.facts ->> 'hold_expires_at')::timestamptz,
            (past.facts ->> 'quantity')::integer,
            (past.facts ->> 'party_size')::integer
        FROM (
            SELECT touching.id
            FROM reservations AS touching
            WHERE
                touching.tenant_id = current_tenant_id()
                AND touching.ends_at >= uses_between.since
                AND touching.starts_at < uses_between.until
            UNION
            SELECT moved.id
            FROM reservations AS moved
            WHERE
                moved.tenant_id = current_tenant_id()
                AND moved.latest_end_at >= uses_between.since
                AND moved.earliest_start_at < uses_between.until
        ) AS candidate
        INNER JOIN reservations AS reservation
            ON reservation.tenant_id = current_tenant_id() AND candidate.id = reservation.id
        CROSS JOIN LATERAL (
            SELECT
                coalesce(
                    (
                        SELECT event.after
                        FROM events AS event
                        WHERE
                            event.tenant_id = current_tenant_id()
                            AND event.entity_id = reservation.id
                            AND event.entity_kind = 'reservation'
                            AND event.occurred_at <= uses_between.as_of
                            AND event.after ->> 'starts_at' IS NOT NULL
                        ORDER BY event.id DESC
                        LIMIT 1
                    ),
                    (
                        SELECT event.before
                        FROM events AS event
                        WHERE
                            event.tenant_id = current_tenant_id()
                            AND event.entity_id = reservation.id
                            AND event.entity_kind = 'reservation'
                            AND event.occurred_at > uses_between.as_of
                            AND event.before ->> 'starts_at' IS NOT NULL
                        ORDER BY event.id
                        LIMIT 1
                    ),
                    reservation_facts(reservation, '{}')
                ) AS facts
            -- Read once, and not again for each of the facts.
            OFFSET 0
        ) AS past
        INNER JOIN resources AS resource
            ON resource.tenant_id = current_tenant_id() AND (past.facts ->> 'resource_id')::uuid = resource.id
        WHERE
            uses_between.as_of IS NOT NULL
            AND reservation.created_at <= uses_between.as_of
            AND reservation.updated_at > uses_between.as_of
    ),

    changed AS (
        SELECT
            earlier.reservation_id,
            max(earlier.ends_at) AS at,
            max(earlier.check_out_on) AS on_date
        FROM earlier_rooms AS earlier
        WHERE
            earlier.tenant_id = current_tenant_id()
            AND earlier.ends_at >= uses_between.since
            AND (uses_between.as_of IS NULL OR earlier.ends_at <= uses_between.as_of)
        GROUP BY earlier.reservation_id
    )

    SELECT
        facts.id,
        facts.resource_id,
        coalesce(changed.at, facts.starts_at),
        facts.ends_at,
        coalesce(changed.on_date, facts.check_in_on),
        facts.check_out_on,
        facts.checked_out_at,
        CASE
            WHEN version.document ->> 'capacity_counts' = 'people' THEN facts.party_size
            ELSE facts.quantity
        END,
        NULL::int4multirange
    FROM facts
    INNER JOIN policy_versions AS version
        ON
            version.tenant_id = current_tenant_id()
            AND facts.policy_id = version.policy_id
            AND facts.policy_version = version.version
    LEFT JOIN changed ON facts.id = changed.reservation_id
    WHERE
        (uses_between.of_resources IS NULL OR facts.resource_id = ANY(uses_between.of_resources))
        AND facts.ends_at >= uses_between.since
        AND facts.starts_at < uses_between.until
        AND (facts.hold_expires_at IS NULL OR facts.hold_expires_at > coalesce(uses_between.as_of, clock_now()))
        AND facts.state = ANY(uses_between.in_states)
    UNION ALL
    SELECT
        earlier.reservation_id,
        earlier.resource_id,
        earlier.starts_at,
        earlier.ends_at,
        earlier.check_in_on,
        earlier.check_out_on,
        NULL::timestamptz,
        earlier.taken,
        earlier.units
    FROM earlier_rooms AS earlier
    WHERE
        earlier.tenant_id = current_tenant_id()
        AND (uses_between.of_resources IS NULL OR earlier.resource_id = ANY(uses_between.of_resources))
        AND earlier.ends_at >= uses_between.since
        AND (uses_between.as_of IS NULL OR earlier.ends_at <= uses_between.as_of)
        AND earlier.starts_at < uses_between.until;
$$;

COMMENT ON FUNCTION uses_between IS
'The uses of resources (NULL: of all) by reservations in such states that reach into a period, as they are or, at an
instant `as_of`, as they were. Who changed rooms is in each of them from when until when they were there; `units` are
known of those before the last one.';
