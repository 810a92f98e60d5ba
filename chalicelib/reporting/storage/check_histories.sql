-- Proofs about histories and about who belongs to whom; see check_allocations.sql.

-- name: count_examined
SELECT
    clock_now() AS examined_at,
    (SELECT count(*) FROM tenants) AS tenants,
    (SELECT count(*) FROM resources) AS resources,
    (SELECT count(*) FROM closures) AS closures,
    (SELECT count(*) FROM reservations) AS reservations,
    (SELECT count(*) FROM allocations) AS allocations,
    (SELECT count(*) FROM every_event) AS events;

-- name: illegal_histories
-- Replays the events of each reservation, in order of its versions, through the transition table. `event_types`,
-- `from_states` and `to_states` are its rows; `side_events` make no version of it.
WITH happened AS (
    SELECT
        event.tenant_id,
        event.entity_id,
        event.id,
        event.type,
        event.before IS NULL AS begins,
        event.before ->> 'state' AS state_before,
        event.after ->> 'state' AS state_after,
        (event.before ->> 'version')::integer AS version_before,
        (event.after ->> 'version')::integer AS version_after,
        lag(event.after ->> 'state') OVER history AS state_left,
        lag((event.after ->> 'version')::integer) OVER history AS version_left,
        row_number() OVER history AS place
    FROM every_event AS event
    WHERE event.entity_kind = 'reservation' AND event.type != ALL(%(side_events)s::text[])
    WINDOW
        history AS (
            PARTITION BY event.tenant_id, event.entity_id
            ORDER BY (event.after ->> 'version')::integer, event.id
        )
),

steps AS (
    SELECT
        step.event_type,
        step.from_state,
        step.to_state
    FROM
        unnest(%(event_types)s::text[], %(from_states)s::text[], %(to_states)s::text[])
            AS step (event_type, from_state, to_state)
),

compared AS (
    SELECT
        happened.tenant_id,
        happened.entity_id,
        happened.place,
        happened.type,
        CASE
            WHEN happened.place = 1 THEN
                CASE
                    WHEN happened.type != %(created_event)s OR NOT happened.begins THEN
                        'is the first event'
                    WHEN coalesce(happened.version_after, 0) != 1 THEN
                        concat('makes version ', coalesce(happened.version_after::text, 'none'), ' instead of 1')
                    WHEN happened.state_after IS NULL OR happened.state_after != ALL(%(initial_states)s::text[]) THEN
                        concat('makes it ', coalesce(happened.state_after, 'stateless'))
                END
            WHEN coalesce(happened.version_after, 0) != coalesce(happened.version_left, 0) + 1 THEN
                concat(
                    'makes version ', coalesce(happened.version_after::text, 'none'), ' of version ',
                    coalesce(happened.version_left::text, 'none')
                )
            WHEN
                coalesce(happened.version_before, 0) != happened.version_left
                OR coalesce(happened.state_before, '') != coalesce(happened.state_left, '')
                THEN concat(
                    'begins with ', coalesce(happened.state_before, 'nothing'), ' in version ',
                    coalesce(happened.version_before::text, 'none'), ' where there was ',
                    coalesce(happened.state_left, 'nothing'), ' in version ', happened.version_left
                )
            WHEN NOT EXISTS (
                SELECT 1
                FROM steps
                WHERE
                    happened.type = steps.event_type
                    AND happened.state_before = steps.from_state
                    AND happened.state_after = steps.to_state
            ) THEN
                concat('takes it from ', happened.state_before, ' to ', coalesce(happened.state_after, 'nothing'))
        END AS flaw
    FROM happened
)

SELECT
    count(*) OVER () AS found,
    tenant.slug AS tenant,
    'reservation' AS kind,
    compared.entity_id AS id,
    concat('event ', compared.place, ', ', compared.type, ', ', compared.flaw) AS finding
FROM compared
LEFT JOIN tenants AS tenant ON compared.tenant_id = tenant.id
WHERE compared.flaw IS NOT NULL
ORDER BY tenant.slug, compared.entity_id, compared.place
LIMIT %(most)s;

-- name: histories_that_end_elsewhere
-- The last event of each reservation tells what the reservation is; its labelled units are such as some event tells of.
WITH last_event AS (
    SELECT DISTINCT ON (event.tenant_id, event.entity_id)
        event.tenant_id,
        event.entity_id,
        event.after
    FROM every_event AS event
    WHERE event.entity_kind = 'reservation' AND event.type != ALL(%(side_events)s::text[])
    ORDER BY event.tenant_id ASC, event.entity_id ASC, (event.after ->> 'version')::integer DESC, event.id DESC
),

unit_sets AS (
    SELECT
        allocation.tenant_id,
        allocation.owner_id,
        (
            SELECT jsonb_agg(jsonb_build_array(lower(run.units), upper(run.units)) ORDER BY run.units)
            FROM unnest(allocation.units) AS run (units)
        ) AS units
    FROM allocations AS allocation
    INNER JOIN resources AS resource
        ON allocation.tenant_id = resource.tenant_id AND allocation.resource_id = resource.id
    WHERE allocation.owner_kind = 'reservation' AND resource.assignment = 'labelled'
),

compared AS (
    SELECT
        reservation.tenant_id,
        reservation.id,
        reservation.code,
        CASE
            WHEN last_event.entity_id IS NULL THEN
                'has no event'
            WHEN coalesce(last_event.after ->> 'state', '') != reservation.state THEN
                concat(
                    'is ', reservation.state, ', its last event says ',
                    coalesce(last_event.after ->> 'state', 'nothing')
                )
            WHEN coalesce((last_event.after ->> 'version')::integer, 0) != reservation.version THEN
                concat(
                    'is at version ', reservation.version, ', its last event at ',
                    coalesce(last_event.after ->> 'version', 'none')
                )
            WHEN
                coalesce(last_event.after ->> 'resource_id', '') != reservation.resource_id::text
                OR coalesce((last_event.after ->> 'starts_at')::timestamptz, '-infinity') != reservation.starts_at
                OR coalesce((last_event.after ->> 'ends_at')::timestamptz, '-infinity') != reservation.ends_at
                OR coalesce((last_event.after ->> 'quantity')::integer, 0) != reservation.quantity
                OR coalesce((last_event.after ->> 'party_size')::integer, 0) != reservation.party_size
                THEN 'takes something else than its last event says'
            WHEN
                unit_sets.units IS NOT NULL
                AND NOT EXISTS (
                    SELECT 1
                    FROM every_event AS event
                    WHERE
                        event.tenant_id = reservation.tenant_id
                        AND event.entity_id = reservation.id
                        AND event.after -> 'units' = unit_sets.units
                )
                THEN concat('has the units ', unit_sets.units, ', which no event tells of')
        END AS difference
    FROM reservations AS reservation
    LEFT JOIN last_event
        ON reservation.tenant_id = last_event.tenant_id AND reservation.id = last_event.entity_id
    LEFT JOIN unit_sets
        ON reservation.tenant_id = unit_sets.tenant_id AND reservation.id = unit_sets.owner_id
)

SELECT
    count(*) OVER () AS found,
    tenant.slug AS tenant,
    'reservation' AS kind,
    compared.id,
    concat(compared.code, ' ', compared.difference) AS finding
FROM compared
LEFT JOIN tenants AS tenant ON compared.tenant_id = tenant.id
WHERE compared.difference IS NOT NULL
ORDER BY tenant.slug, compared.id
LIMIT %(most)s;

-- name: terms_that_change
-- A reservation keeps the policy and version that it was made under until it goes to another resource, and its price
-- until something else is taken; leaving early, and taking that back, may change what is paid.
WITH compared AS (
    SELECT
        event.tenant_id,
        event.entity_id,
        event.type,
        (event.after ->> 'version')::integer AS version,
        CASE
            WHEN
                event.before -> 'resource_id' = event.after -> 'resource_id'
                AND (
                    event.before -> 'policy_id' != event.after -> 'policy_id'
                    OR event.before -> 'policy_version' != event.after -> 'policy_version'
                )
                THEN 'puts it under another policy or version, though it stays where it is'
            WHEN
                event.before -> 'price' -> 'total' != event.after -> 'price' -> 'total'
                AND 'completed' NOT IN (event.before ->> 'state', event.after ->> 'state')
                AND NOT EXISTS (
                    SELECT 1
                    FROM unnest(ARRAY['resource_id', 'starts_at', 'ends_at', 'quantity', 'party_size']) AS taken (name)
                    WHERE event.before -> taken.name != event.after -> taken.name
                )
                THEN concat(
                    'changes its price from ', event.before -> 'price' ->> 'total', ' to ',
                    event.after -> 'price' ->> 'total', ', though it takes the same'
                )
        END AS flaw
    FROM every_event AS event
    WHERE
        event.entity_kind = 'reservation'
        AND event.type != ALL(%(side_events)s::text[])
        AND event.before IS NOT NULL
)

SELECT
    count(*) OVER () AS found,
    tenant.slug AS tenant,
    'reservation' AS kind,
    compared.entity_id AS id,
    concat(compared.type, ', which makes version ', compared.version, ', ', compared.flaw) AS finding
FROM compared
LEFT JOIN tenants AS tenant ON compared.tenant_id = tenant.id
WHERE compared.flaw IS NOT NULL
ORDER BY tenant.slug, compared.entity_id, compared.version
LIMIT %(most)s;

-- name: ends_that_differ
-- When the clock takes a reservation further follows from its state, its times and the policy version that it is under.
WITH compared AS (
    SELECT
        reservation.tenant_id,
        reservation.id,
        reservation.code,
        reservation.state,
        reservation.due_at,
        CASE
            WHEN reservation.state = 'held' THEN ARRAY[reservation.hold_expires_at]
            WHEN reservation.state = 'checked_in' THEN ARRAY[reservation.ends_at]
            WHEN reservation.state = 'confirmed' AND policy_version.document ->> 'no_show_after_minutes' IS NULL
                THEN ARRAY[reservation.ends_at]
            WHEN reservation.state = 'confirmed' THEN
                ARRAY[
                    reservation.starts_at
                    + make_interval(mins => (policy_version.document ->> 'no_show_after_minutes')::integer),
                    reservation.ends_at
                ]
            WHEN reservation.state = 'pending' THEN ARRAY[reservation.due_at]
            ELSE ARRAY[NULL::timestamptz]
        END AS expected
    FROM reservations AS reservation
    INNER JOIN policy_versions AS policy_version
        ON
            reservation.tenant_id = policy_version.tenant_id
            AND reservation.policy_id = policy_version.policy_id
            AND reservation.policy_version = policy_version.version
)

SELECT
    count(*) OVER () AS found,
    tenant.slug AS tenant,
    'reservation' AS kind,
    compared.id,
    concat(
        compared.code, ' is ', compared.state, ' and the clock takes it further ',
        coalesce(compared.due_at::text, 'never'), ', expected ', coalesce(compared.expected[1]::text, 'never')
    ) AS finding
FROM compared
LEFT JOIN tenants AS tenant ON compared.tenant_id = tenant.id
WHERE
    NOT EXISTS (
        SELECT 1
        FROM unnest(compared.expected) AS expected (at)
        WHERE compared.due_at IS NOT DISTINCT FROM expected.at
    )
    OR (compared.state = 'pending' AND compared.due_at IS NULL)
ORDER BY tenant.slug, compared.id
LIMIT %(most)s;

-- name: earlier_rooms_that_differ
WITH chained AS (
    SELECT
        earlier.*,
        reservation.state,
        reservation.resource_id AS present_id,
        reservation.ends_at AS end_at,
        coalesce(lag(earlier.ends_at) OVER rooms, reservation.starts_at) AS came_at,
        lead(earlier.resource_id) OVER rooms AS following_id
    FROM earlier_rooms AS earlier
    LEFT JOIN reservations AS reservation
        ON earlier.tenant_id = reservation.tenant_id AND earlier.reservation_id = reservation.id
    WINDOW rooms AS (PARTITION BY earlier.tenant_id, earlier.reservation_id ORDER BY earlier.starts_at)
)

SELECT
    count(*) OVER () AS found,
    tenant.slug AS tenant,
    'reservation' AS kind,
    chained.reservation_id AS id,
    concat(
        'is ', coalesce(chained.state, 'unknown'), ' until ', chained.end_at, ', was in ', chained.resource_id,
        ' from ', chained.starts_at, ' until ', chained.ends_at, ' and left it for ', chained.next_resource_id,
        ', where it should be there from ', chained.came_at, ' and leave it for ',
        coalesce(chained.following_id, chained.present_id)
    ) AS finding
FROM chained
LEFT JOIN tenants AS tenant ON chained.tenant_id = tenant.id
WHERE
    chained.state IS NULL
    OR chained.state NOT IN ('checked_in', 'completed')
    OR chained.starts_at != chained.came_at
    OR chained.next_resource_id != coalesce(chained.following_id, chained.present_id)
    OR chained.ends_at >= chained.end_at
ORDER BY tenant.slug, chained.reservation_id, chained.starts_at
LIMIT %(most)s;

-- name: waitlist_entries_that_differ
-- What is offered is held under the entry's id. What was accepted may be held again, where its guest moved it; who
-- waits, left, or waited until it had begun was offered nothing.
SELECT
    count(*) OVER () AS found,
    tenant.slug AS tenant,
    'waitlist_entry' AS kind,
    entry.id,
    concat('is ', entry.state, ' and its reservation is ', coalesce(reservation.state, 'none')) AS finding
FROM waitlist_entries AS entry
LEFT JOIN reservations AS reservation
    ON entry.tenant_id = reservation.tenant_id AND entry.id = reservation.id
LEFT JOIN tenants AS tenant ON entry.tenant_id = tenant.id
WHERE
    (entry.state = 'offered' AND reservation.state IS DISTINCT FROM 'held')
    OR (reservation.state = 'held' AND entry.state NOT IN ('offered', 'accepted'))
    OR (entry.state IN ('waiting', 'left', 'over')) != (reservation.id IS NULL)
ORDER BY tenant.slug, entry.id
LIMIT %(most)s;

-- name: references_that_dangle
-- What a row names exists and belongs to the same tenant. An allocation's owner, of two kinds, has no foreign key.
WITH dangling AS (
    SELECT
        allocation.tenant_id,
        'allocation' AS kind,
        allocation.owner_id AS id,
        concat('part ', allocation.part, ' belongs to no ', allocation.owner_kind, ' of this resource') AS finding
    FROM allocations AS allocation
    WHERE
        NOT EXISTS (
            SELECT 1
            FROM reservations AS reservation
            WHERE
                allocation.owner_kind IN ('reservation', 'need')
                AND reservation.tenant_id = allocation.tenant_id
                AND reservation.id = allocation.owner_id
                AND reservation.resource_id = allocation.resource_id
        )
        AND NOT (allocation.owner_kind = 'closure' AND allocation.owner_id = allocation.inventory_id)
    UNION ALL
    SELECT
        allocation.tenant_id,
        'allocation' AS kind,
        allocation.owner_id AS id,
        concat('is about the inventory ', allocation.inventory_id, ', which its tenant does not have') AS finding
    FROM allocations AS allocation
    WHERE NOT EXISTS (
        SELECT 1
        FROM inventories AS inventory
        WHERE inventory.tenant_id = allocation.tenant_id AND inventory.id = allocation.inventory_id
    )
    UNION ALL
    SELECT
        resource.tenant_id,
        'resource' AS kind,
        resource.id,
        concat(resource.slug, ' draws from an inventory that its tenant does not have') AS finding
    FROM resources AS resource
    WHERE
        NOT EXISTS (
            SELECT 1
            FROM inventories AS inventory
            WHERE inventory.tenant_id = resource.tenant_id AND inventory.id = resource.inventory_id
        )
        OR (
            resource.needs_inventory_id IS NOT NULL
            AND NOT EXISTS (
                SELECT 1
                FROM inventories AS inventory
                WHERE inventory.tenant_id = resource.tenant_id AND inventory.id = resource.needs_inventory_id
            )
        )
    UNION ALL
    SELECT
        event.tenant_id,
        'event' AS kind,
        event.id,
        concat(event.type, ' is about the unknown reservation ', event.entity_id) AS finding
    FROM every_event AS event
    WHERE
        event.entity_kind = 'reservation'
        AND NOT EXISTS (
            SELECT 1
            FROM reservations AS reservation
            WHERE reservation.tenant_id = event.tenant_id AND reservation.id = event.entity_id
        )
    UNION ALL
    SELECT
        reservation.tenant_id,
        'reservation' AS kind,
        reservation.id,
        concat(reservation.code, ' names a guest whom its tenant does not know') AS finding
    FROM reservations AS reservation
    WHERE NOT EXISTS (
        SELECT 1
        FROM guests AS guest
        WHERE guest.tenant_id = reservation.tenant_id AND guest.id = reservation.guest_id
    )
    UNION ALL
    SELECT
        reservation.tenant_id,
        'reservation' AS kind,
        reservation.id,
        concat(reservation.code, ' was made under a policy version that its tenant does not have') AS finding
    FROM reservations AS reservation
    WHERE NOT EXISTS (
        SELECT 1
        FROM policy_versions AS policy_version
        WHERE
            policy_version.tenant_id = reservation.tenant_id
            AND policy_version.policy_id = reservation.policy_id
            AND policy_version.version = reservation.policy_version
    )
    UNION ALL
    SELECT
        resource.tenant_id,
        'resource' AS kind,
        resource.id,
        concat(resource.slug, ' is under a policy that its tenant has not published') AS finding
    FROM resources AS resource
    WHERE NOT EXISTS (
        SELECT 1
        FROM policies AS policy
        INNER JOIN policy_versions AS policy_version
            ON
                policy.tenant_id = policy_version.tenant_id
                AND policy.id = policy_version.policy_id
                AND policy.current_version = policy_version.version
        WHERE policy.tenant_id = resource.tenant_id AND policy.id = resource.policy_id
    )
    UNION ALL
    SELECT
        offered.tenant_id,
        offered.kind,
        offered.id,
        concat('is about the resource ', offered.resource_id, ', which its tenant does not have') AS finding
    FROM (
        SELECT
            reservation.tenant_id,
            'reservation' AS kind,
            reservation.id,
            reservation.resource_id
        FROM reservations AS reservation
        UNION ALL
        SELECT
            allocation.tenant_id,
            'allocation' AS kind,
            allocation.owner_id AS id,
            allocation.resource_id
        FROM allocations AS allocation
        WHERE allocation.resource_id IS NOT NULL
        UNION ALL
        SELECT
            closure.tenant_id,
            'closure' AS kind,
            closure.id,
            closure.resource_id
        FROM closures AS closure
        UNION ALL
        SELECT
            availability_window.tenant_id,
            'availability window' AS kind,
            availability_window.id,
            availability_window.resource_id
        FROM availability_windows AS availability_window
        UNION ALL
        SELECT DISTINCT
            unit.tenant_id,
            'unit' AS kind,
            unit.resource_id AS id,
            unit.resource_id
        FROM units AS unit
    ) AS offered
    WHERE NOT EXISTS (
        SELECT 1
        FROM resources AS resource
        WHERE resource.tenant_id = offered.tenant_id AND resource.id = offered.resource_id
    )
)

SELECT
    count(*) OVER () AS found,
    tenant.slug AS tenant,
    dangling.kind,
    dangling.id,
    dangling.finding
FROM dangling
LEFT JOIN tenants AS tenant ON dangling.tenant_id = tenant.id
ORDER BY tenant.slug, dangling.kind, dangling.id
LIMIT %(most)s;
