-- Statistics: what was reserved, per resource and local day, brought up to date from the events since the last time.

CREATE TABLE daily_statistics (
    tenant_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    on_date date NOT NULL,
    reserved_minutes bigint NOT NULL CHECK (reserved_minutes >= 0),
    nights bigint NOT NULL CHECK (nights >= 0),
    revenue bigint NOT NULL CHECK (revenue >= 0),
    active bigint NOT NULL CHECK (active >= 0),
    cancelled bigint NOT NULL CHECK (cancelled >= 0),
    came bigint NOT NULL CHECK (came >= 0),
    no_shows bigint NOT NULL CHECK (no_shows >= 0),
    lead_minutes bigint NOT NULL,
    PRIMARY KEY (tenant_id, resource_id, on_date),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resources (tenant_id, id)
);

CREATE INDEX daily_statistics_dates ON daily_statistics (tenant_id, on_date);

COMMENT ON TABLE daily_statistics IS
'Derived from reservations and made anew for every day that an event touches: never counted up or down.';

CREATE TABLE statistics_progress (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    -- Events of transactions before this one are in.
    transaction_id xid8 NOT NULL
);

ALTER TABLE daily_statistics ENABLE ROW LEVEL SECURITY;
ALTER TABLE daily_statistics FORCE ROW LEVEL SECURITY;
ALTER TABLE statistics_progress ENABLE ROW LEVEL SECURITY;
ALTER TABLE statistics_progress FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON daily_statistics
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY tenant_only ON statistics_progress
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY every_tenant ON daily_statistics TO berth_jobs USING (true) WITH CHECK (true);
CREATE POLICY every_tenant ON statistics_progress TO berth_jobs USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, DELETE ON daily_statistics TO berth_app, berth_jobs;
GRANT SELECT, INSERT, UPDATE ON statistics_progress TO berth_app, berth_jobs;
GRANT SELECT ON daily_statistics, statistics_progress TO berth_readonly;
