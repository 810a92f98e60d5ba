-- Feeds of what is taken, which other calendars read by a secret address: of a resource, one of its units, or a member.
CREATE TABLE calendar_feeds (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    key_hash bytea NOT NULL CHECK (length(key_hash) = 32),
    resource_id uuid,
    unit integer CHECK (unit >= 1),
    member_id uuid REFERENCES users (id),
    detailed boolean NOT NULL,
    created_by uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resources (tenant_id, id),
    CHECK ((resource_id IS NULL) != (member_id IS NULL)),
    CHECK (unit IS NULL OR resource_id IS NOT NULL)
);

COMMENT ON COLUMN calendar_feeds.key_hash IS 'SHA-256 of the secret in the address: a renewed feed has another one.';
COMMENT ON COLUMN calendar_feeds.created_by IS 'A feed ends with the membership of who made it.';

ALTER TABLE calendar_feeds ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_feeds FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON calendar_feeds
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));

GRANT SELECT, INSERT, DELETE, UPDATE (key_hash) ON calendar_feeds TO berth_app;
GRANT SELECT (tenant_id, id, resource_id, unit, member_id, detailed, created_by, created_at)
ON calendar_feeds TO berth_readonly;
