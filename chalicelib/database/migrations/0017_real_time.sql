-- WebSocket connections with the tickets they begin with, and edit locks.

-- What begins a connection, once. It is deleted when it is used: a used one is an unknown one.
CREATE TABLE connection_tickets (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
    user_id uuid,
    session_id uuid,
    reservation_id uuid,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, secret_hash),
    CONSTRAINT connection_tickets_reservation FOREIGN KEY (tenant_id, reservation_id)
    REFERENCES reservations (tenant_id, id),
    CHECK ((user_id IS NULL) = (session_id IS NULL)),
    CHECK ((user_id IS NULL) <> (reservation_id IS NULL))
);

CREATE INDEX connection_tickets_expiry ON connection_tickets (expires_at);
CREATE INDEX connection_tickets_reservations ON connection_tickets (tenant_id, reservation_id);

CREATE TABLE connections (
    id text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 128),
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    role text NOT NULL,
    user_id uuid,
    session_id uuid,
    name text NOT NULL CHECK (length(name) <= 200),
    resource_ids uuid [],
    reservation_id uuid,
    topics text [] NOT NULL DEFAULT '{}' CHECK (cardinality(topics) <= 200),
    connected_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    counted_from timestamptz NOT NULL,
    messages integer NOT NULL DEFAULT 0,
    CHECK ((user_id IS NULL) = (session_id IS NULL)),
    CHECK ((user_id IS NULL) <> (reservation_id IS NULL))
);

COMMENT ON COLUMN connections.resource_ids IS 'What a host is confined to. NULL: all of the tenant.';
COMMENT ON COLUMN connections.messages IS 'How many came since counted_from: who sends too many is told, then closed.';

CREATE INDEX connections_tenant ON connections (tenant_id);
CREATE INDEX connections_session ON connections (session_id);
CREATE INDEX connections_user ON connections (user_id);
CREATE INDEX connections_last_seen ON connections (last_seen_at);

CREATE SEQUENCE edit_lock_fencing;
-- Not a fact about the resource: no version of it changes with this.
ALTER TABLE resources ADD COLUMN edit_fence bigint NOT NULL DEFAULT 0;

COMMENT ON COLUMN resources.edit_fence IS
'The latest fencing number given out for it. Who takes an edit lock changes it, who writes holds it until they commit: one waits for the other.';

CREATE TABLE edit_locks (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    resource_id uuid NOT NULL,
    during tstzrange NOT NULL,
    starts_at timestamptz NOT NULL GENERATED ALWAYS AS (lower(during)) STORED,
    ends_at timestamptz NOT NULL GENERATED ALWAYS AS (upper(during)) STORED,
    holder_id uuid NOT NULL,
    holder_name text NOT NULL CHECK (length(holder_name) <= 200),
    connection_id text,
    fencing bigint NOT NULL UNIQUE,
    acquired_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resources (tenant_id, id),
    CONSTRAINT edit_locks_never_overlap EXCLUDE USING gist (resource_id WITH =, during WITH &&),
    CHECK (NOT isempty(during) AND lower_inc(during) AND NOT upper_inc(during)),
    CHECK (lower(during) >= '2000-01-01 00:00+00' AND upper(during) < '2200-01-01 00:00+00')
);

COMMENT ON COLUMN edit_locks.connection_id IS
'Whose heartbeats keep it. NULL: that connection is gone; another one of the holder may go on with the lock.';

CREATE INDEX edit_locks_resource ON edit_locks (tenant_id, resource_id, starts_at);
CREATE INDEX edit_locks_connection ON edit_locks (connection_id);
CREATE INDEX edit_locks_expiry ON edit_locks (expires_at);

CREATE FUNCTION current_connection_id() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.connection_id', true), '');

COMMENT ON FUNCTION current_connection_id() IS 'The connection a message came over, before it is known whose it is.';

ALTER TABLE connection_tickets ENABLE ROW LEVEL SECURITY;
ALTER TABLE connection_tickets FORCE ROW LEVEL SECURITY;
ALTER TABLE connections ENABLE ROW LEVEL SECURITY;
ALTER TABLE connections FORCE ROW LEVEL SECURITY;
ALTER TABLE edit_locks ENABLE ROW LEVEL SECURITY;
ALTER TABLE edit_locks FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON connection_tickets
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY tenant_only ON connections
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY tenant_only ON edit_locks
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY itself ON connections FOR SELECT USING (id = (SELECT current_connection_id()));
CREATE POLICY itself_speaks ON connections FOR UPDATE
USING (id = (SELECT current_connection_id())) WITH CHECK (id = (SELECT current_connection_id()));
-- Whoever signs out takes their sockets with them, of whichever tenant.
CREATE POLICY own ON connections FOR SELECT USING (user_id = (SELECT current_user_id()));
CREATE POLICY own_end ON connections FOR DELETE USING (user_id = (SELECT current_user_id()));
CREATE POLICY hosts_see_their_own ON edit_locks AS RESTRICTIVE
USING ((SELECT current_resource_ids()) IS NULL OR resource_id = ANY((SELECT current_resource_ids())::uuid []))
WITH CHECK ((SELECT current_resource_ids()) IS NULL OR resource_id = ANY((SELECT current_resource_ids())::uuid []));
CREATE POLICY every_tenant ON connection_tickets TO berth_jobs USING (true) WITH CHECK (true);
CREATE POLICY every_tenant ON connections TO berth_jobs USING (true) WITH CHECK (true);
CREATE POLICY every_tenant ON edit_locks TO berth_jobs USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, DELETE ON connection_tickets TO berth_app;
GRANT SELECT, DELETE ON connection_tickets TO berth_jobs;
GRANT SELECT, INSERT, DELETE ON connections, edit_locks TO berth_app;
GRANT SELECT, DELETE ON connections, edit_locks TO berth_jobs;
GRANT UPDATE (topics, last_seen_at, counted_from, messages) ON connections TO berth_app;
GRANT UPDATE (connection_id, expires_at) ON edit_locks TO berth_app, berth_jobs;
GRANT SELECT ON connections, edit_locks TO berth_readonly;
GRANT USAGE ON SEQUENCE edit_lock_fencing TO berth_app;
