-- Devices of those who work for a tenant, to which notifications are pushed, and what each member wants to be notified of.
CREATE TABLE push_devices (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    endpoint text NOT NULL CHECK (length(endpoint) BETWEEN 1 AND 2000),
    p256dh bytea NOT NULL CHECK (length(p256dh) = 65),
    auth bytea NOT NULL CHECK (length(auth) = 16),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    language text NOT NULL CHECK (language IN ('de', 'en', 'es', 'fr')),
    last_sent_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, endpoint),
    FOREIGN KEY (tenant_id, user_id) REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE
);

CREATE INDEX push_devices_of_user ON push_devices (tenant_id, user_id);

COMMENT ON TABLE push_devices IS
'Browsers on which a member is notified; they end with the membership. The functions of the API never read their keys.';

CREATE TABLE push_preferences (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    event_types text[] NOT NULL CHECK (cardinality(event_types) <= 100),
    resource_ids uuid[] NOT NULL CHECK (cardinality(resource_ids) <= 500),
    quiet_from time,
    quiet_until time,
    quiet_zone text CHECK (length(quiet_zone) BETWEEN 1 AND 100),
    version integer NOT NULL CHECK (version > 1),
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE,
    CHECK ((quiet_from IS NULL) = (quiet_until IS NULL)),
    CHECK ((quiet_from IS NULL) = (quiet_zone IS NULL)),
    CHECK (quiet_from != quiet_until)
);

COMMENT ON COLUMN push_preferences.resource_ids IS 'Empty: all that the member works with.';
COMMENT ON COLUMN push_preferences.version IS 'Who has chosen nothing has version 1, without a row.';

ALTER TABLE push_devices ENABLE ROW LEVEL SECURITY;
ALTER TABLE push_devices FORCE ROW LEVEL SECURITY;
ALTER TABLE push_preferences ENABLE ROW LEVEL SECURITY;
ALTER TABLE push_preferences FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON push_devices
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY tenant_only ON push_preferences
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY every_tenant ON push_devices TO berth_jobs USING (true) WITH CHECK (true);
CREATE POLICY every_tenant ON push_preferences TO berth_jobs USING (true) WITH CHECK (true);

GRANT SELECT (tenant_id, id, user_id, endpoint, name, language, last_sent_at, created_at),
INSERT, DELETE ON push_devices TO berth_app;
GRANT SELECT, DELETE, UPDATE (last_sent_at) ON push_devices TO berth_jobs;
GRANT SELECT, INSERT, UPDATE ON push_preferences TO berth_app;
GRANT SELECT ON push_preferences TO berth_jobs;
GRANT SELECT (tenant_id, id, user_id, name, language, last_sent_at, created_at) ON push_devices TO berth_readonly;
GRANT SELECT ON push_preferences TO berth_readonly;
