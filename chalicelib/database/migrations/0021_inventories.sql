-- Capacity that several resources share: an allocation names the inventory that it takes units of, not the resource.
-- Every resource has an inventory of its own, with its own id, until it is told to draw from another. A release that
-- does not know inventories goes on as before: what it leaves out is filled in.
-- No database holds enough yet for these short locks to matter, and one transaction leaves nothing half-done:
-- squawk-ignore-file constraint-missing-not-valid, adding-foreign-key-constraint, adding-not-nullable-field
-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion
-- Each constraint that goes is replaced by one that says as much of resources that share nothing:
-- squawk-ignore-file ban-drop-constraint, ban-drop-not-null

CREATE TABLE inventories (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    name text CHECK (length(name) BETWEEN 1 AND 200),
    capacity integer CHECK (capacity BETWEEN 1 AND 100000),
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    UNIQUE (tenant_id, id),
    CHECK ((name IS NULL) = (capacity IS NULL))
);

COMMENT ON TABLE inventories IS
'Units that resources draw from. A name and a capacity belong to those that were made to be shared; others are the own
inventory of the resource with the same id.';

ALTER TABLE inventories ENABLE ROW LEVEL SECURITY;
ALTER TABLE inventories FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON inventories
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY every_tenant ON inventories TO berth_jobs USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON inventories TO berth_app;
GRANT SELECT ON inventories TO berth_jobs, berth_readonly;

INSERT INTO inventories (id, tenant_id)
SELECT
    resource.id,
    resource.tenant_id
FROM resources AS resource;

ALTER TABLE resources
ADD COLUMN inventory_id uuid,
ADD COLUMN units int4multirange NOT NULL DEFAULT '{[1,)}' CHECK (NOT isempty(units) AND lower(units) >= 1),
ADD COLUMN units_each integer NOT NULL DEFAULT 1 CHECK (units_each BETWEEN 1 AND 100000),
ADD COLUMN needs_inventory_id uuid,
ADD COLUMN needs_units int4multirange
CHECK (NOT isempty(needs_units) AND lower(needs_units) >= 1 AND NOT upper_inf(needs_units)),
ADD CHECK ((needs_inventory_id IS NULL) = (needs_units IS NULL)),
ADD CHECK (needs_inventory_id != inventory_id),
-- The units of its own inventory are those up to its capacity, whatever that is; of another's, these and no others.
ADD CHECK (NOT upper_inf(units) OR (units = '{[1,)}' AND units_each = 1 AND inventory_id = id));

UPDATE resources SET inventory_id = id;

ALTER TABLE resources
ALTER COLUMN inventory_id SET NOT NULL,
ADD FOREIGN KEY (tenant_id, inventory_id) REFERENCES inventories (tenant_id, id),
ADD FOREIGN KEY (tenant_id, needs_inventory_id) REFERENCES inventories (tenant_id, id);

CREATE INDEX resources_inventory ON resources (inventory_id);

COMMENT ON COLUMN resources.units_each IS 'How many units of the inventory one of its own capacity takes.';
COMMENT ON COLUMN resources.needs_units IS
'Units of another inventory that all reservations of one slot need together: a guide.';

CREATE FUNCTION give_own_inventory() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO inventories (id, tenant_id) VALUES (new.id, new.tenant_id) ON CONFLICT DO NOTHING;
    new.inventory_id := new.id;
    RETURN new;
END
$$;

CREATE TRIGGER resources_have_an_inventory
BEFORE INSERT ON resources
FOR EACH ROW WHEN (new.inventory_id IS NULL) EXECUTE FUNCTION give_own_inventory();

ALTER TABLE allocations
ADD COLUMN inventory_id uuid,
ADD COLUMN departure_id uuid;

UPDATE allocations SET inventory_id = resource_id;

ALTER TABLE allocations
ALTER COLUMN inventory_id SET NOT NULL,
ALTER COLUMN resource_id DROP NOT NULL,
ADD FOREIGN KEY (tenant_id, inventory_id) REFERENCES inventories (tenant_id, id),
DROP CONSTRAINT allocations_owner_kind_check,
ADD CONSTRAINT allocations_owner_kind_check CHECK (owner_kind IN ('reservation', 'need', 'closure')),
ADD CHECK (owner_kind = 'closure' OR resource_id IS NOT NULL),
ADD CHECK (departure_id IS NULL OR owner_kind = 'need'),
-- Reservations of one departure share what it needs; everything else has its units to itself.
DROP CONSTRAINT allocations_never_share_a_unit,
ADD CONSTRAINT allocations_never_share_a_unit
EXCLUDE USING gist (
    inventory_id WITH =, during WITH &&, units WITH &&, (coalesce(departure_id, owner_id)) WITH <> -- noqa: CV01
);

COMMENT ON COLUMN allocations.resource_id IS
'What was reserved, or whose reservation needs it; NULL for closures of an inventory that several resources share.';
COMMENT ON COLUMN allocations.departure_id IS
'Of a need in slot mode: the reservations of one resource for the same slot, who share it.';

DROP INDEX allocations_reading;
CREATE INDEX allocations_reading ON allocations (inventory_id, ends_at) INCLUDE (starts_at, quantity);

CREATE FUNCTION draw_from_inventory() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    new.inventory_id := (
        SELECT resource.inventory_id FROM resources AS resource
        WHERE resource.tenant_id = new.tenant_id AND resource.id = new.resource_id
    );
    RETURN new;
END
$$;

CREATE TRIGGER allocations_name_an_inventory
BEFORE INSERT ON allocations
FOR EACH ROW WHEN (new.inventory_id IS NULL) EXECUTE FUNCTION draw_from_inventory();

-- Closures of one inventory block together, whoever made them: also those of resources that a host does not see.
CREATE FUNCTION closures_of_inventory(inventory uuid)
RETURNS TABLE (
    id uuid,
    resource_id uuid,
    kind text,
    starts_at timestamptz,
    ends_at timestamptz,
    units int4multirange,
    reason text,
    version integer
)
LANGUAGE plpgsql
AS $$
DECLARE
    seen text := coalesce(current_setting('app.resource_ids', true), '');
BEGIN
    PERFORM set_config('app.resource_ids', '', true);
    RETURN QUERY
    SELECT
        closure.id,
        closure.resource_id,
        closure.kind,
        closure.starts_at,
        closure.ends_at,
        CASE WHEN upper_inf(resource.units) THEN closure.units ELSE closure.units * resource.units END,
        closure.reason,
        closure.version
    FROM resources AS resource
    INNER JOIN closures AS closure
        ON resource.tenant_id = closure.tenant_id AND resource.id = closure.resource_id
    WHERE
        resource.tenant_id = current_tenant_id()
        AND resource.inventory_id = inventory
        AND closure.ends_at > clock_now()
    ORDER BY closure.starts_at, closure.id;
    PERFORM set_config('app.resource_ids', seen, true);
END
$$;

-- Who takes units keeps the resource from drawing from others meanwhile: a lock, which needs this right.
GRANT UPDATE (units_each) ON resources TO berth_jobs;
