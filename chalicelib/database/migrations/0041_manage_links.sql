-- Which links of guests hold: those of the present generation. No row: the first, which is the usual case.
CREATE TABLE manage_links (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    subject_id uuid NOT NULL,
    generation integer NOT NULL CHECK (generation > 0),
    renewed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, subject_id)
);

COMMENT ON COLUMN manage_links.subject_id IS 'A reservation, a series or an entry of the waitlist.';

ALTER TABLE manage_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE manage_links FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON manage_links
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY every_tenant ON manage_links TO berth_jobs USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE ON manage_links TO berth_app;
GRANT SELECT ON manage_links TO berth_jobs;

GRANT DELETE ON connection_tickets TO berth_app;
