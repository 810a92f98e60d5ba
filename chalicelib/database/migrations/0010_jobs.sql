-- Scheduled functions tell of their runs; events are delivered through an outbox.

CREATE TABLE job_runs (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    changed integer NOT NULL CHECK (changed >= 0),
    error text CHECK (length(error) <= 2000)
);

CREATE INDEX job_runs_name ON job_runs (name, started_at);

-- What nobody has looked at yet. Put here by the transaction of the event itself, so nothing is ever missed.
CREATE TABLE outbox (
    tenant_id uuid NOT NULL,
    event_id uuid NOT NULL,
    PRIMARY KEY (event_id)
);

CREATE INDEX outbox_tenant ON outbox (tenant_id);

CREATE FUNCTION put_into_outbox() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO outbox (tenant_id, event_id)
    SELECT added.tenant_id, added.id FROM added;
    RETURN NULL;
END
$$;

CREATE TRIGGER events_go_into_the_outbox
AFTER INSERT ON events
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION put_into_outbox();

CREATE TABLE deliveries (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    event_id uuid NOT NULL,
    channel text NOT NULL CHECK (channel ~ '^[a-z]+(_[a-z]+)*$'),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    next_attempt_at timestamptz NOT NULL,
    outcome text CHECK (outcome IN ('delivered', 'skipped', 'dead')),
    last_error text CHECK (length(last_error) <= 2000),
    created_at timestamptz NOT NULL,
    settled_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT deliveries_once_per_channel UNIQUE (tenant_id, event_id, channel),
    CHECK ((outcome IS NULL) = (settled_at IS NULL))
);

CREATE INDEX deliveries_due ON deliveries (next_attempt_at) WHERE outcome IS NULL;

COMMENT ON COLUMN deliveries.next_attempt_at IS
'An attempt moves it on before it is made: whoever dies in the middle of it has only delayed the next one.';

ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
ALTER TABLE deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE deliveries FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON outbox
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY tenant_only ON deliveries
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY every_tenant ON outbox TO berth_jobs USING (true) WITH CHECK (true);
CREATE POLICY every_tenant ON deliveries TO berth_jobs USING (true) WITH CHECK (true);

CREATE POLICY every_person ON sessions TO berth_jobs USING (true) WITH CHECK (true);
CREATE POLICY every_person ON refresh_tokens TO berth_jobs USING (true) WITH CHECK (true);
CREATE POLICY every_person ON password_resets TO berth_jobs USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, DELETE ON job_runs TO berth_jobs;
GRANT INSERT ON outbox TO berth_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox, deliveries TO berth_jobs;
GRANT SELECT ON deliveries TO berth_app;
GRANT SELECT ON job_runs, outbox, deliveries TO berth_readonly;
-- What is kept for a time only; FOR UPDATE, by which two runs do not get into each other's way, asks for more.
GRANT UPDATE (created_at) ON idempotency_keys TO berth_jobs;
GRANT UPDATE (refreshed_at) ON sessions TO berth_jobs;
GRANT DELETE ON idempotency_keys, sessions, refresh_tokens, password_resets, throttles TO berth_jobs;
