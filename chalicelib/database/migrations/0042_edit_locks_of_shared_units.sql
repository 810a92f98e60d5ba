-- An edit lock on a hall keeps the host of a half out, who does not see the hall. As `closures_of_inventory` does, these
-- look past what a host may see, and tell no more of it than is needed.

CREATE FUNCTION hold_edit_fences(touched uuid []) RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    seen text := coalesce(current_setting('app.resource_ids', true), '');
BEGIN
    PERFORM set_config('app.resource_ids', '', true);
    PERFORM resource.edit_fence
    FROM resources AS resource
    WHERE
        resource.tenant_id = current_tenant_id()
        AND resource.id IN (
            SELECT sharing.id
            FROM resources AS own
            INNER JOIN resources AS sharing
                ON
                    own.tenant_id = sharing.tenant_id
                    AND own.inventory_id = sharing.inventory_id
                    AND own.units && sharing.units
            WHERE own.tenant_id = current_tenant_id() AND own.id = ANY(touched)
        )
    ORDER BY resource.id
    FOR SHARE;
    PERFORM set_config('app.resource_ids', seen, true);
END
$$;

COMMENT ON FUNCTION hold_edit_fences IS
'Keeps everybody from taking an edit lock, until the transaction ends, on what shares units with these resources. In the
order of ids, so that two writers never wait for each other.';

CREATE FUNCTION edit_locks_on_units(touched uuid [], starts timestamptz [], ends timestamptz [])
RETURNS TABLE (
    id uuid,
    resource_id uuid,
    starts_at timestamptz,
    ends_at timestamptz,
    holder_id uuid,
    holder_name text,
    connection_id text,
    fencing bigint,
    acquired_at timestamptz,
    expires_at timestamptz,
    of_another boolean
)
LANGUAGE plpgsql
AS $$
DECLARE
    seen text := coalesce(current_setting('app.resource_ids', true), '');
BEGIN
    PERFORM set_config('app.resource_ids', '', true);
    RETURN QUERY
    SELECT DISTINCT ON (lock.id)
        lock.id,
        CASE WHEN seen = '' OR lock.resource_id = ANY(seen::uuid []) THEN lock.resource_id ELSE own.id END,
        lock.starts_at,
        lock.ends_at,
        lock.holder_id,
        lock.holder_name,
        lock.connection_id,
        lock.fencing,
        lock.acquired_at,
        lock.expires_at,
        lock.resource_id != own.id
    FROM unnest(touched, starts, ends) AS wanted (resource_id, starts_at, ends_at)
    INNER JOIN resources AS own
        ON wanted.resource_id = own.id
    INNER JOIN resources AS sharing
        ON own.tenant_id = sharing.tenant_id AND own.inventory_id = sharing.inventory_id
    INNER JOIN edit_locks AS lock
        ON sharing.tenant_id = lock.tenant_id AND sharing.id = lock.resource_id
    WHERE
        own.tenant_id = current_tenant_id()
        AND own.units && sharing.units
        AND lock.starts_at < wanted.ends_at
        AND lock.ends_at > wanted.starts_at
        AND lock.expires_at > clock_now()
    ORDER BY lock.id, lock.resource_id = own.id DESC;
    PERFORM set_config('app.resource_ids', seen, true);
END
$$;

COMMENT ON FUNCTION edit_locks_on_units IS
'The edit locks on ranges of resources, and on what shares units with them (`of_another`). A resource that a host does
not see is told as the one of their own that shares its units.';
