-- Proofs about what blocks, over all tenants, read in one snapshot as berth_jobs. Each returns the rows that break it:
-- none where it holds. `found` is how many there are; they are cut at `most`. No proof relies on a constraint.

-- name: units_used_twice
-- Cuts the units of an inventory at every place where some run of them begins or ends, so that runs become whole
-- pieces; then follows each piece through time and remembers until when it is in use. What a departure needs is used
-- once.
WITH taken AS (
    SELECT
        allocation.tenant_id,
        allocation.inventory_id,
        allocation.owner_id,
        allocation.part,
        allocation.during,
        allocation.units
    FROM allocations AS allocation
    WHERE allocation.departure_id IS NULL
    UNION ALL
    SELECT DISTINCT ON (allocation.departure_id)
        allocation.tenant_id,
        allocation.inventory_id,
        allocation.owner_id,
        allocation.part,
        range_merge(range_agg(allocation.during) OVER (PARTITION BY allocation.departure_id)) AS during,
        allocation.units
    FROM allocations AS allocation
    WHERE allocation.departure_id IS NOT NULL
),

runs AS (
    SELECT
        taken.tenant_id,
        taken.inventory_id,
        taken.owner_id,
        taken.part,
        coalesce(lower(taken.during), '-infinity') AS starts_at,
        coalesce(upper(taken.during), 'infinity') AS ends_at,
        lower(run.units) AS first_unit,
        coalesce(upper(run.units), 2147483647) AS end_unit
    FROM taken
    CROSS JOIN LATERAL unnest(taken.units) AS run (units)
    WHERE NOT isempty(taken.during)
),

edges AS (
    SELECT
        edge.inventory_id,
        edge.unit,
        row_number() OVER (PARTITION BY edge.inventory_id ORDER BY edge.unit) AS place
    FROM (
        SELECT
            runs.inventory_id,
            runs.first_unit AS unit
        FROM runs
        UNION
        SELECT
            runs.inventory_id,
            runs.end_unit AS unit
        FROM runs
    ) AS edge
),

uses AS (
    SELECT
        runs.tenant_id,
        runs.inventory_id,
        runs.owner_id,
        runs.part,
        runs.starts_at,
        runs.ends_at,
        piece.place,
        max(runs.ends_at) OVER (
            PARTITION BY runs.inventory_id, piece.place
            ORDER BY runs.starts_at, runs.ends_at, runs.owner_id, runs.part
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS busy_until
    FROM runs
    INNER JOIN edges AS first_edge
        ON runs.inventory_id = first_edge.inventory_id AND runs.first_unit = first_edge.unit
    INNER JOIN edges AS end_edge
        ON runs.inventory_id = end_edge.inventory_id AND runs.end_unit = end_edge.unit
    CROSS JOIN LATERAL generate_series(first_edge.place, end_edge.place - 1) AS piece (place)
),

broken AS (
    SELECT DISTINCT ON (uses.owner_id, uses.part)
        uses.tenant_id,
        uses.owner_id,
        concat(
            'part ', uses.part, ' takes unit ', edge.unit, ' of ',
            coalesce(resource.slug, inventory.name, uses.inventory_id::text),
            ' from ', uses.starts_at, '; ', rival.owner_id, ' (part ', rival.part, ') has it until ', rival.ends_at
        ) AS finding
    FROM uses
    INNER JOIN edges AS edge ON uses.inventory_id = edge.inventory_id AND uses.place = edge.place
    INNER JOIN uses AS rival
        ON
            uses.inventory_id = rival.inventory_id
            AND uses.place = rival.place
            AND (uses.owner_id, uses.part) != (rival.owner_id, rival.part)
            AND uses.starts_at >= rival.starts_at
            AND uses.starts_at < rival.ends_at
    LEFT JOIN resources AS resource ON uses.inventory_id = resource.id
    LEFT JOIN inventories AS inventory ON uses.inventory_id = inventory.id
    WHERE uses.busy_until > uses.starts_at
    ORDER BY uses.owner_id, uses.part, edge.unit, rival.owner_id
)

SELECT
    count(*) OVER () AS found,
    tenant.slug AS tenant,
    'allocation' AS kind,
    broken.owner_id AS id,
    broken.finding
FROM broken
LEFT JOIN tenants AS tenant ON broken.tenant_id = tenant.id
ORDER BY tenant.slug, broken.owner_id
LIMIT %(most)s;

-- name: allocations_that_differ
-- What blocks is told by the reservation's state; from when until when, by its own times and the buffers of the policy
-- version that it was made under; until when it is only held, by the end of its hold; who left early has nothing after
-- that. Only what has ended may be missing, as a job removes it.
WITH terms AS (
    SELECT
        policy_version.tenant_id,
        policy_version.policy_id,
        policy_version.version,
        make_interval(mins => coalesce(max((rule.value ->> 'before_minutes')::integer), 0)) AS before,
        make_interval(mins => coalesce(max((rule.value ->> 'after_minutes')::integer), 0)) AS after,
        coalesce((policy_version.document ->> 'no_show_keeps_units')::boolean, false) AS no_show_keeps_units
    FROM policy_versions AS policy_version
    LEFT JOIN LATERAL jsonb_array_elements(policy_version.document -> 'rules') AS rule (value)
        ON rule.value ->> 'rule' = 'buffers'
    GROUP BY
        policy_version.tenant_id, policy_version.policy_id, policy_version.version,
        policy_version.document ->> 'no_show_keeps_units'
),

wanted AS (
    SELECT
        reservation.tenant_id,
        reservation.id,
        reservation.code,
        reservation.state,
        coalesce(reservation.hold_expires_at, 'infinity') AS held_until,
        terms.no_show_keeps_units,
        tstzrange(
            reservation.starts_at - terms.before,
            greatest(
                reservation.starts_at - terms.before,
                least(reservation.ends_at, reservation.checked_out_at) + terms.after
            )
        ) AS during,
        tstzrange(present.at, NULL) AS from_now_on
    FROM reservations AS reservation
    INNER JOIN terms
        ON
            reservation.tenant_id = terms.tenant_id
            AND reservation.policy_id = terms.policy_id
            AND reservation.policy_version = terms.version
    CROSS JOIN (SELECT clock_now() AS at) AS present
),

taken AS (
    SELECT
        allocation.tenant_id,
        allocation.owner_id,
        range_agg(allocation.during) AS during,
        min(coalesce(allocation.held_until, 'infinity')) AS held_until,
        max(coalesce(allocation.held_until, 'infinity')) AS held_latest,
        sum(extract(EPOCH FROM upper(allocation.during) - lower(allocation.during))) AS seconds
    FROM allocations AS allocation
    WHERE allocation.owner_kind = 'reservation'
    GROUP BY allocation.tenant_id, allocation.owner_id
),

compared AS (
    SELECT
        wanted.tenant_id,
        wanted.id,
        CASE
            WHEN wanted.state IN ('held', 'confirmed', 'checked_in', 'completed') THEN
                CASE
                    WHEN NOT coalesce(taken.during, '{}') @> wanted.during * wanted.from_now_on THEN
                        concat('should block ', wanted.during, ', blocks ', coalesce(taken.during::text, 'nothing'))
                    WHEN NOT taken.during <@ wanted.during THEN
                        concat('should block only ', wanted.during, ', blocks ', taken.during)
                    WHEN taken.seconds != (
                        SELECT sum(extract(EPOCH FROM upper(piece.during) - lower(piece.during)))
                        FROM unnest(taken.during) AS piece (during)
                    ) THEN
                        concat('has parts that overlap within ', wanted.during)
                    WHEN wanted.held_until NOT IN (taken.held_until, taken.held_latest) THEN
                        concat('is held until ', wanted.held_until, ', its units until ', taken.held_until)
                    WHEN taken.held_until != taken.held_latest THEN
                        concat('has units until ', taken.held_until, ' and units until ', taken.held_latest)
                END
            WHEN taken.owner_id IS NOT NULL AND NOT (wanted.state = 'no_show' AND wanted.no_show_keeps_units) THEN
                concat('should block nothing, blocks ', taken.during)
        END AS difference,
        wanted.code,
        wanted.state
    FROM wanted
    LEFT JOIN taken ON wanted.tenant_id = taken.tenant_id AND wanted.id = taken.owner_id
)

SELECT
    count(*) OVER () AS found,
    tenant.slug AS tenant,
    'reservation' AS kind,
    compared.id,
    concat(compared.code, ' is ', compared.state, ' and ', compared.difference) AS finding
FROM compared
LEFT JOIN tenants AS tenant ON compared.tenant_id = tenant.id
WHERE compared.difference IS NOT NULL
ORDER BY tenant.slug, compared.id
LIMIT %(most)s;

-- name: units_that_differ
-- Every part takes as many units as the reservation needs, of those that its resource draws from, and says how many
-- they are. What is over may have been in units that a lowered capacity took away since.
WITH counted AS (
    SELECT
        allocation.tenant_id,
        allocation.owner_kind,
        allocation.owner_id,
        allocation.part,
        allocation.resource_id,
        allocation.inventory_id,
        allocation.during,
        allocation.units,
        allocation.quantity AS said,
        (
            SELECT sum(coalesce(upper(run.units), 2147483647)::bigint - lower(run.units))
            FROM unnest(allocation.units) AS run (units)
        ) AS units_taken
    FROM allocations AS allocation
),

compared AS (
    SELECT
        counted.tenant_id,
        counted.owner_id,
        counted.part,
        counted.units,
        CASE
            WHEN counted.units_taken IS NULL THEN
                'takes none'
            WHEN counted.said IS NOT NULL AND counted.said != counted.units_taken THEN
                concat('takes ', counted.units_taken, ' units and says ', counted.said)
            WHEN counted.said IS NULL AND (counted.owner_kind != 'closure' OR NOT upper_inf(counted.units)) THEN
                'does not say how many units it takes'
            WHEN lower(counted.units) < 1 THEN
                'takes a unit that no resource has'
            WHEN
                counted.owner_kind = 'reservation'
                AND upper_inf(resource.units)
                AND upper(counted.units) > resource.capacity + 1
                AND upper(counted.during) > clock_now()
                THEN
                concat('takes a unit beyond the ', resource.capacity, ' of ', resource.slug)
            WHEN
                counted.owner_kind = 'reservation'
                AND upper(counted.during) > clock_now()
                AND NOT (resource.inventory_id = counted.inventory_id AND resource.units @> counted.units)
                THEN
                concat('takes units that ', resource.slug, ' does not draw from')
            WHEN
                counted.owner_kind = 'need'
                AND upper(counted.during) > clock_now()
                AND NOT coalesce(
                    resource.needs_inventory_id = counted.inventory_id AND resource.needs_units = counted.units, false
                )
                THEN
                concat('takes something else than ', resource.slug, ' needs')
            WHEN wanted.units_taken * resource.units_each != counted.units_taken THEN
                concat('takes ', counted.units_taken, ' units instead of ', wanted.units_taken * resource.units_each)
        END AS difference
    FROM counted
    LEFT JOIN resources AS resource
        ON counted.tenant_id = resource.tenant_id AND counted.resource_id = resource.id
    LEFT JOIN (
        SELECT
            reservation.tenant_id,
            reservation.id,
            CASE policy_version.document ->> 'capacity_counts'
                WHEN 'people' THEN reservation.party_size
                ELSE reservation.quantity
            END AS units_taken
        FROM reservations AS reservation
        INNER JOIN policy_versions AS policy_version
            ON
                reservation.tenant_id = policy_version.tenant_id
                AND reservation.policy_id = policy_version.policy_id
                AND reservation.policy_version = policy_version.version
    ) AS wanted
        ON
            counted.owner_kind = 'reservation'
            AND counted.tenant_id = wanted.tenant_id
            AND counted.owner_id = wanted.id
)

SELECT
    count(*) OVER () AS found,
    tenant.slug AS tenant,
    'allocation' AS kind,
    compared.owner_id AS id,
    concat('part ', compared.part, ' with units ', compared.units, ' ', compared.difference) AS finding
FROM compared
LEFT JOIN tenants AS tenant ON compared.tenant_id = tenant.id
WHERE compared.difference IS NOT NULL
ORDER BY tenant.slug, compared.owner_id, compared.part
LIMIT %(most)s;

-- name: needs_that_differ
-- Where a resource needs units of another inventory, its reservations take them for the very time that they block, and
-- nothing else does.
WITH taken AS (
    SELECT
        allocation.tenant_id,
        allocation.owner_id,
        allocation.resource_id,
        range_merge(range_agg(allocation.during) FILTER (WHERE allocation.owner_kind = 'reservation')) AS during,
        range_merge(range_agg(allocation.during) FILTER (WHERE allocation.owner_kind = 'need')) AS needed
    FROM allocations AS allocation
    WHERE allocation.owner_kind != 'closure' AND NOT isempty(allocation.during)
    GROUP BY allocation.tenant_id, allocation.owner_id, allocation.resource_id
),

compared AS (
    SELECT
        taken.tenant_id,
        taken.owner_id,
        concat(
            'needs something of another inventory during ', coalesce(taken.during::text, 'no time'),
            ' and takes it during ', coalesce(taken.needed::text, 'no time')
        ) AS finding
    FROM taken
    INNER JOIN resources AS resource
        ON taken.tenant_id = resource.tenant_id AND taken.resource_id = resource.id
    WHERE
        (resource.needs_inventory_id IS NOT NULL OR taken.needed IS NOT NULL)
        AND greatest(upper(taken.during), upper(taken.needed)) > clock_now()
        AND (
            upper(taken.during) IS DISTINCT FROM upper(taken.needed)
            -- The parts of a split use that are over are gone before what it needs is.
            OR coalesce(lower(taken.needed) > lower(taken.during), true)
        )
)

SELECT
    count(*) OVER () AS found,
    tenant.slug AS tenant,
    'reservation' AS kind,
    compared.owner_id AS id,
    compared.finding
FROM compared
LEFT JOIN tenants AS tenant ON compared.tenant_id = tenant.id
ORDER BY tenant.slug, compared.owner_id
LIMIT %(most)s;

-- name: units_that_inventories_lack
-- What is drawn from the own units of a resource may lie above its capacity: that is lowered by closing them.
SELECT
    count(*) OVER () AS found,
    tenant.slug AS tenant,
    'resource' AS kind,
    drawing.id,
    concat(
        drawing.slug, ' draws from the units ', drawing.units, ' of ', inventory.name, ', which has ',
        inventory.capacity
    ) AS finding
FROM (
    SELECT
        resource.tenant_id,
        resource.id,
        resource.slug,
        resource.inventory_id,
        resource.units
    FROM resources AS resource
    UNION ALL
    SELECT
        resource.tenant_id,
        resource.id,
        resource.slug,
        resource.needs_inventory_id,
        resource.needs_units
    FROM resources AS resource
) AS drawing
INNER JOIN inventories AS inventory
    ON drawing.tenant_id = inventory.tenant_id AND drawing.inventory_id = inventory.id
LEFT JOIN tenants AS tenant ON drawing.tenant_id = tenant.id
WHERE
    inventory.capacity IS NOT NULL
    AND NOT drawing.units <@ int4multirange(int4range(1, inventory.capacity + 1))
ORDER BY tenant.slug, drawing.id
LIMIT %(most)s;

-- name: rooms_that_change
-- Nobody who has labelled units is given others in the middle of the use; and nobody's units are exchanged who has come
-- or was promised them.
WITH taken AS (
    SELECT
        allocation.tenant_id,
        allocation.owner_id,
        allocation.resource_id,
        array_agg(DISTINCT allocation.units) AS unit_sets,
        bool_and(allocation.pinned) AS all_pinned,
        bool_or(allocation.pinned) AS any_pinned
    FROM allocations AS allocation
    WHERE allocation.owner_kind = 'reservation'
    GROUP BY allocation.tenant_id, allocation.owner_id, allocation.resource_id
),

compared AS (
    SELECT
        taken.tenant_id,
        taken.owner_id,
        reservation.code,
        CASE
            WHEN resource.assignment = 'labelled' AND cardinality(taken.unit_sets) > 1 THEN
                concat(
                    'has one after the other the units ', array_to_string(taken.unit_sets, ', '), ' of ', resource.slug
                )
            WHEN
                NOT taken.all_pinned
                AND (reservation.units_promised OR reservation.state IN ('checked_in', 'completed'))
                THEN concat('is ', reservation.state, ' and its units may be exchanged')
            WHEN
                taken.any_pinned
                AND NOT (reservation.units_promised OR reservation.state IN ('checked_in', 'completed'))
                THEN concat('is ', reservation.state, ' without a promise and its units may not be exchanged')
        END AS difference
    FROM taken
    INNER JOIN reservations AS reservation
        ON taken.tenant_id = reservation.tenant_id AND taken.owner_id = reservation.id
    INNER JOIN resources AS resource
        ON taken.tenant_id = resource.tenant_id AND taken.resource_id = resource.id
)

SELECT
    count(*) OVER () AS found,
    tenant.slug AS tenant,
    'reservation' AS kind,
    compared.owner_id AS id,
    concat(compared.code, ' ', compared.difference) AS finding
FROM compared
LEFT JOIN tenants AS tenant ON compared.tenant_id = tenant.id
WHERE compared.difference IS NOT NULL
ORDER BY tenant.slug, compared.owner_id
LIMIT %(most)s;

-- name: closures_that_differ
-- From now on an inventory's own allocations block exactly what all closures of it close together: between two
-- neighbouring starts or ends of either, both unions are compared.
WITH blocking AS (
    SELECT
        closure.tenant_id,
        resource.inventory_id,
        greatest(closure.starts_at, clock_now()) AS starts_at,
        closure.ends_at,
        CASE WHEN upper_inf(resource.units) THEN closure.units ELSE closure.units * resource.units END AS units,
        true AS wanted
    FROM closures AS closure
    INNER JOIN resources AS resource
        ON closure.tenant_id = resource.tenant_id AND closure.resource_id = resource.id
    WHERE closure.ends_at > clock_now()
    UNION ALL
    SELECT
        allocation.tenant_id,
        allocation.inventory_id,
        greatest(lower(allocation.during), clock_now()) AS starts_at,
        upper(allocation.during) AS ends_at,
        allocation.units,
        false AS wanted
    FROM allocations AS allocation
    WHERE allocation.owner_kind = 'closure' AND upper(allocation.during) > clock_now()
),

pieces AS (
    SELECT
        edge.inventory_id,
        edge.at AS starts_at,
        lead(edge.at) OVER (PARTITION BY edge.inventory_id ORDER BY edge.at) AS ends_at
    FROM (
        SELECT
            blocking.inventory_id,
            blocking.starts_at AS at
        FROM blocking
        UNION
        SELECT
            blocking.inventory_id,
            blocking.ends_at AS at
        FROM blocking
    ) AS edge
),

compared AS (
    SELECT
        blocking.tenant_id,
        pieces.inventory_id,
        pieces.starts_at,
        pieces.ends_at,
        nullif(range_agg(blocking.units) FILTER (WHERE blocking.wanted), '{}') AS closed,
        range_agg(blocking.units) FILTER (WHERE NOT blocking.wanted) AS blocked
    FROM pieces
    INNER JOIN blocking
        ON
            pieces.inventory_id = blocking.inventory_id
            AND pieces.starts_at >= blocking.starts_at
            AND pieces.ends_at <= blocking.ends_at
    GROUP BY blocking.tenant_id, pieces.inventory_id, pieces.starts_at, pieces.ends_at
)

SELECT
    count(*) OVER () AS found,
    tenant.slug AS tenant,
    CASE WHEN resource.id IS NULL THEN 'inventory' ELSE 'resource' END AS kind,
    compared.inventory_id AS id,
    concat(
        coalesce(resource.slug, inventory.name, 'unknown'), ' closes the units ', coalesce(compared.closed::text, '{}'),
        ' and blocks ', coalesce(compared.blocked::text, '{}'), ' from ', compared.starts_at,
        ' until ', compared.ends_at
    ) AS finding
FROM compared
LEFT JOIN tenants AS tenant ON compared.tenant_id = tenant.id
LEFT JOIN resources AS resource
    ON compared.tenant_id = resource.tenant_id AND compared.inventory_id = resource.id
LEFT JOIN inventories AS inventory
    ON compared.tenant_id = inventory.tenant_id AND compared.inventory_id = inventory.id
WHERE compared.closed IS DISTINCT FROM compared.blocked
ORDER BY tenant.slug, compared.inventory_id, compared.starts_at
LIMIT %(most)s;
