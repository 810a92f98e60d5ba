-- What a resource lacks because others took the units that it draws from, or that it needs.

CREATE FUNCTION sharing_resources()
RETURNS TABLE (
    tenant_id uuid,
    resource_id uuid,
    other_id uuid,
    units int4multirange,
    taken int4multirange,
    lost int4multirange
)
LANGUAGE plpgsql STABLE ROWS 10
AS $$
BEGIN
    RETURN QUERY
    SELECT
        own.tenant_id,
        own.id,
        other.id,
        mine.units,
        theirs.taken,
        mine.lost
    FROM resources AS own
    CROSS JOIN LATERAL (
        VALUES
        (own.inventory_id, own.units, NULL::int4multirange),
        (own.needs_inventory_id, own.needs_units, own.units)
    ) AS mine (inventory_id, units, lost)
    INNER JOIN (
        resources AS other
        CROSS JOIN LATERAL (
            VALUES
            (other.inventory_id, other.units, NULL::int4multirange),
            (other.needs_inventory_id, other.needs_units, other.needs_units)
        ) AS theirs (inventory_id, units, taken)
    )
        ON own.tenant_id = other.tenant_id AND mine.inventory_id = theirs.inventory_id AND own.id != other.id
    WHERE own.tenant_id = current_tenant_id() AND mine.units && theirs.units;
END
$$;

COMMENT ON FUNCTION sharing_resources IS
'Pairs of a resource and another whose reservations take of the same `units`: `taken` of them, or where that is NULL
those that each reservation has. The resource lacks these then or, where it needs them, all that it has (`lost`).';

CREATE FUNCTION units_of_runs(runs jsonb) RETURNS int4multirange
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    '{' || replace(substr(runs::text, 2, length(runs::text) - 2), ']', ')') || '}'
)::int4multirange;

COMMENT ON FUNCTION units_of_runs IS 'What events say of units, `[[1, 3], [5, 6]]`, as the tables have it.';
