-- The first schema: tenants, what they offer, who reserved what, and the one table that admission reads.
-- Runs as berth_owner on a database where the runner has made the four roles and btree_gist.

CREATE FUNCTION clock_now() RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN statement_timestamp();

COMMENT ON FUNCTION clock_now() IS
'The only clock that decides. A data directory made for a simulation replaces it; the application cannot.';

CREATE FUNCTION current_tenant_id() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.tenant_id', true), '')::uuid;

COMMENT ON FUNCTION current_tenant_id() IS
'NULL outside a tenant transaction (a transaction-local setting reads as an empty string after it ended), so policies fail closed.';

CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END
$$;

-- Tenants -------------------------------------------------------------------------------------------------------------

CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 63),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    timezone text NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    locale text NOT NULL DEFAULT 'en',
    site jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(site) = 'object'),
    version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    updated_at timestamptz NOT NULL DEFAULT clock_now()
);

COMMENT ON TABLE tenants IS
'The directory of businesses. It has no row security: every transaction begins by looking its tenant up here.';

-- Policies ------------------------------------------------------------------------------------------------------------

CREATE TABLE policies (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    slug text NOT NULL CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 63),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    current_version integer NOT NULL DEFAULT 1 CHECK (current_version >= 1),
    UNIQUE (tenant_id, id),
    UNIQUE (tenant_id, slug)
);

CREATE TABLE policy_versions (
    tenant_id uuid NOT NULL,
    policy_id uuid NOT NULL,
    version integer NOT NULL CHECK (version >= 1),
    document jsonb NOT NULL CHECK (jsonb_typeof(document) = 'object'),
    published_at timestamptz NOT NULL DEFAULT clock_now(),
    PRIMARY KEY (tenant_id, policy_id, version),
    FOREIGN KEY (tenant_id, policy_id) REFERENCES policies (tenant_id, id)
);

CREATE TRIGGER policy_versions_are_append_only
BEFORE UPDATE OR DELETE ON policy_versions
FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A policy always names a version that exists; deferred, since each is inserted before the other can be.
ALTER TABLE policies ADD CONSTRAINT policies_current_version_exists
FOREIGN KEY (tenant_id, id, current_version) REFERENCES policy_versions (tenant_id, policy_id, version)
DEFERRABLE INITIALLY DEFERRED;

-- Resources -----------------------------------------------------------------------------------------------------------

CREATE TABLE resources (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    slug text NOT NULL CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' AND length(slug) <= 63),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    kind text NOT NULL CHECK (kind ~ '^[a-z]+(_[a-z]+)*$'),
    summary text NOT NULL DEFAULT '',
    description text NOT NULL DEFAULT '',
    capacity integer NOT NULL CHECK (capacity BETWEEN 1 AND 100000),
    max_party_size integer NOT NULL CHECK (max_party_size BETWEEN 1 AND 100000),
    assignment text NOT NULL CHECK (assignment IN ('pooled', 'labelled')),
    policy_id uuid NOT NULL,
    amenities text [] NOT NULL DEFAULT '{}',
    images jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(images) = 'array'),
    location jsonb CHECK (jsonb_typeof(location) = 'object'),
    position integer NOT NULL DEFAULT 0,
    archived_at timestamptz,
    version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    updated_at timestamptz NOT NULL DEFAULT clock_now(),
    UNIQUE (tenant_id, id),
    UNIQUE (tenant_id, slug),
    FOREIGN KEY (tenant_id, policy_id) REFERENCES policies (tenant_id, id)
);

CREATE TABLE units (
    tenant_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    number integer NOT NULL CHECK (number >= 1),
    label text NOT NULL CHECK (length(label) BETWEEN 1 AND 100),
    PRIMARY KEY (tenant_id, resource_id, number),
    UNIQUE (tenant_id, resource_id, label),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resources (tenant_id, id)
);

CREATE TABLE availability_windows (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resources (tenant_id, id),
    UNIQUE (tenant_id, resource_id, starts_at),
    CHECK (starts_at < ends_at),
    CHECK (starts_at >= '2000-01-01 00:00+00' AND ends_at < '2200-01-01 00:00+00')
);

CREATE TABLE closures (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('closed', 'out_of_service', 'lowered_capacity')),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    units int4multirange NOT NULL CHECK (NOT isempty(units) AND lower(units) >= 1),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    UNIQUE (tenant_id, id),
    CHECK ((kind = 'closed') = upper_inf(units)),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resources (tenant_id, id),
    CHECK (starts_at < ends_at),
    CHECK (starts_at >= '2000-01-01 00:00+00' AND ends_at <= '2200-01-01 00:00+00')
);

CREATE INDEX closures_resource ON closures (tenant_id, resource_id, ends_at);

COMMENT ON TABLE closures IS
'When units cannot be reserved. Closures may overlap each other; what they block together is one set of allocations per
resource, owned by the resource itself.';

-- Guests and reservations ---------------------------------------------------------------------------------------------

CREATE TABLE guests (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    phone text CHECK (length(phone) BETWEEN 3 AND 40),
    created_at timestamptz NOT NULL,
    UNIQUE (tenant_id, id)
);

CREATE INDEX guests_email ON guests (tenant_id, email);

CREATE TABLE reservations (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    code text NOT NULL,
    resource_id uuid NOT NULL,
    guest_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN (
        'pending', 'held', 'confirmed', 'checked_in', 'completed', 'cancelled', 'rejected', 'expired', 'no_show'
    )),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    check_in_on date,
    check_out_on date,
    quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 100000),
    party_size integer NOT NULL CHECK (party_size BETWEEN 1 AND 100000),
    units_promised boolean NOT NULL DEFAULT false,
    notes text NOT NULL DEFAULT '' CHECK (length(notes) <= 2000),
    price jsonb NOT NULL CHECK (jsonb_typeof(price) = 'object'),
    policy_id uuid NOT NULL,
    policy_version integer NOT NULL,
    hold_expires_at timestamptz,
    version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (tenant_id, id),
    CONSTRAINT reservations_code_is_unique UNIQUE (tenant_id, code),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resources (tenant_id, id),
    FOREIGN KEY (tenant_id, guest_id) REFERENCES guests (tenant_id, id),
    FOREIGN KEY (tenant_id, policy_id, policy_version) REFERENCES policy_versions (tenant_id, policy_id, version),
    CHECK (starts_at < ends_at),
    CHECK (starts_at >= '2000-01-01 00:00+00' AND ends_at < '2200-01-01 00:00+00'),
    CHECK ((check_in_on IS NULL) = (check_out_on IS NULL)),
    CHECK (check_in_on < check_out_on),
    CHECK ((state = 'held') = (hold_expires_at IS NOT NULL))
);

CREATE INDEX reservations_guest ON reservations (tenant_id, guest_id);
CREATE INDEX reservations_resource ON reservations (resource_id, starts_at);

-- The one table that admission reads ----------------------------------------------------------------------------------

CREATE TABLE allocations (
    tenant_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    part smallint NOT NULL CHECK (part >= 0),
    owner_kind text NOT NULL CHECK (owner_kind IN ('reservation', 'closure')),
    resource_id uuid NOT NULL,
    during tstzrange NOT NULL,
    units int4multirange NOT NULL,
    starts_at timestamptz NOT NULL GENERATED ALWAYS AS (lower(during)) STORED,
    ends_at timestamptz NOT NULL GENERATED ALWAYS AS (upper(during)) STORED,
    quantity integer CHECK (quantity >= 1),
    pinned boolean NOT NULL,
    -- Not led by tenant_id: without statistics the planner would read all of a tenant's allocations by it.
    PRIMARY KEY (owner_id, part),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resources (tenant_id, id),
    CHECK (NOT isempty(units) AND lower(units) >= 1),
    CHECK (NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during)),
    CHECK (lower(during) >= '1999-12-01 00:00+00' AND upper(during) < '2200-02-01 00:00+00'),
    -- Only a closure of the whole resource takes the unbounded range of units, so that it holds when capacity grows.
    CHECK (upper_inf(units) = (quantity IS NULL) AND (quantity IS NOT NULL OR owner_kind = 'closure')),
    CONSTRAINT allocations_never_share_a_unit
    EXCLUDE USING gist (resource_id WITH =, during WITH &&, units WITH &&)
);

COMMENT ON TABLE allocations IS
'A row exists if and only if it blocks. The exclusion constraint makes sharing a unit at an instant impossible.';

-- Range operators are not leakproof, so under row security they cannot be index conditions: reads use these columns.
CREATE INDEX allocations_reading ON allocations (resource_id, ends_at) INCLUDE (starts_at, quantity);

-- Events and idempotency ----------------------------------------------------------------------------------------------

CREATE TABLE events (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    type text NOT NULL,
    entity_kind text NOT NULL,
    entity_id uuid NOT NULL,
    actor_kind text NOT NULL CHECK (actor_kind IN ('guest', 'staff', 'job', 'system')),
    actor_id text,
    request_id text,
    before jsonb,
    after jsonb,
    occurred_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX events_entity ON events (tenant_id, entity_id, id);

CREATE TRIGGER events_are_append_only
BEFORE UPDATE OR DELETE ON events
FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    caller text NOT NULL,
    route text NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    body_hash bytea NOT NULL,
    status smallint NOT NULL,
    headers jsonb NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, caller, route, key)
);

-- Row security: every table with a tenant_id, forced, closed when no tenant is set ---------------------------------------

DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY[
        'policies', 'policy_versions', 'resources', 'units', 'availability_windows', 'closures', 'guests',
        'reservations', 'allocations', 'events', 'idempotency_keys'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', protected);
        EXECUTE format(
            'CREATE POLICY tenant_only ON %I USING (tenant_id = (SELECT current_tenant_id()))'
            ' WITH CHECK (tenant_id = (SELECT current_tenant_id()))', protected
        );
        -- Sweeps and proofs look at all tenants at once; nothing that answers a request runs as this role.
        EXECUTE format('CREATE POLICY every_tenant ON %I TO berth_jobs USING (true) WITH CHECK (true)', protected);
    END LOOP;
END
$$;

-- Grants: what each role's work needs and no more -------------------------------------------------------------------------

GRANT SELECT ON tenants, policies, policy_versions, resources, units, availability_windows, closures TO berth_app;
GRANT INSERT, DELETE ON closures TO berth_app;
GRANT SELECT, INSERT, UPDATE ON guests, reservations TO berth_app;
GRANT SELECT, INSERT, DELETE ON allocations TO berth_app;
GRANT UPDATE (pinned) ON allocations TO berth_app;
GRANT SELECT, INSERT ON events TO berth_app;
GRANT SELECT, INSERT ON idempotency_keys TO berth_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO berth_readonly, berth_jobs;
