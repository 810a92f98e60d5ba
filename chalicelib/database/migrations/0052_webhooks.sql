-- Webhooks: where a tenant's events are sent, and what became of each attempt. A delivery may have a target of its own.
-- squawk-ignore-file ban-drop-constraint, constraint-missing-not-valid, disallowed-unique-constraint
-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion
ALTER TABLE deliveries ADD COLUMN target_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';

COMMENT ON COLUMN deliveries.target_id IS
'One of those whom the channel tells, such as a webhook; all zeros: the channel itself knows whom.';

ALTER TABLE deliveries DROP CONSTRAINT deliveries_once_per_channel;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_once_per_target UNIQUE (tenant_id, event_id, channel, target_id);
ALTER TABLE deliveries DROP CONSTRAINT deliveries_outcome_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_outcome_check
CHECK (outcome IN ('delivered', 'skipped', 'superseded', 'undelivered', 'dead'));

DROP INDEX deliveries_turns;
CREATE INDEX deliveries_turns ON deliveries (tenant_id, target_id, next_attempt_at) WHERE outcome IS NULL;
CREATE INDEX deliveries_of_target ON deliveries (tenant_id, target_id, id)
WHERE target_id != '00000000-0000-0000-0000-000000000000';

CREATE TABLE resting_targets (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    target_id uuid NOT NULL,
    failures integer NOT NULL CHECK (failures > 0),
    failing_since timestamptz NOT NULL,
    resting_until timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, target_id)
);

COMMENT ON TABLE resting_targets IS
'Targets that took nothing the last time: no attempt for them begins before they have rested, later each time.';

CREATE TABLE webhooks (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    url text NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
    description text NOT NULL CHECK (length(description) <= 200),
    event_types text[] NOT NULL CHECK (cardinality(event_types) <= 100),
    version integer NOT NULL DEFAULT 1 CHECK (version > 0),
    disabled_because text CHECK (disabled_because IN ('staff', 'gone', 'failing')),
    disabled_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CHECK ((disabled_because IS NULL) = (disabled_at IS NULL))
);

COMMENT ON COLUMN webhooks.event_types IS 'Empty: all that webhooks are sent.';

CREATE TABLE webhook_secrets (
    tenant_id uuid NOT NULL,
    webhook_id uuid NOT NULL,
    id uuid NOT NULL,
    secret bytea NOT NULL CHECK (length(secret) BETWEEN 24 AND 64),
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    PRIMARY KEY (tenant_id, webhook_id, id),
    FOREIGN KEY (tenant_id, webhook_id) REFERENCES webhooks (tenant_id, id) ON DELETE CASCADE
);

COMMENT ON TABLE webhook_secrets IS
'Who delivers signs with them, so they are kept as they are; the functions of the API may write and never read them.';

CREATE TABLE webhook_attempts (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    status integer CHECK (status BETWEEN 100 AND 999),
    failure text CHECK (length(failure) BETWEEN 1 AND 50),
    duration_ms integer NOT NULL CHECK (duration_ms >= 0),
    attempted_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, delivery_id) REFERENCES deliveries (tenant_id, id) ON DELETE CASCADE,
    CHECK ((status IS NULL) = (failure IS NOT NULL))
);

CREATE INDEX webhook_attempts_of_delivery ON webhook_attempts (tenant_id, delivery_id, id);

COMMENT ON COLUMN webhook_attempts.failure IS 'Why there was no answer, in a word of the egress guard.';

ALTER TABLE resting_targets ENABLE ROW LEVEL SECURITY;
ALTER TABLE resting_targets FORCE ROW LEVEL SECURITY;
ALTER TABLE webhooks ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhooks FORCE ROW LEVEL SECURITY;
ALTER TABLE webhook_secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_secrets FORCE ROW LEVEL SECURITY;
ALTER TABLE webhook_attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_attempts FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON resting_targets
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY tenant_only ON webhooks
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY tenant_only ON webhook_secrets
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY tenant_only ON webhook_attempts
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY every_tenant ON resting_targets TO berth_jobs USING (true) WITH CHECK (true);
CREATE POLICY every_tenant ON webhooks TO berth_jobs USING (true) WITH CHECK (true);
CREATE POLICY every_tenant ON webhook_secrets TO berth_jobs USING (true) WITH CHECK (true);
CREATE POLICY every_tenant ON webhook_attempts TO berth_jobs USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, UPDATE, DELETE ON resting_targets TO berth_jobs;
GRANT SELECT, DELETE ON resting_targets TO berth_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON webhooks TO berth_app;
GRANT SELECT, UPDATE ON webhooks TO berth_jobs;
GRANT INSERT, DELETE ON webhook_secrets TO berth_app;
GRANT SELECT (tenant_id, webhook_id, id, created_at, expires_at), UPDATE (expires_at) ON webhook_secrets TO berth_app;
GRANT SELECT ON webhook_secrets TO berth_jobs;
GRANT SELECT ON webhook_attempts TO berth_app;
GRANT SELECT, INSERT, DELETE ON webhook_attempts TO berth_jobs;
GRANT UPDATE (outcome, settled_at, attempts, remaining, next_attempt_at, created_at) ON deliveries TO berth_app;
GRANT SELECT (email) ON users TO berth_jobs;
GRANT SELECT ON webhooks, webhook_attempts, resting_targets TO berth_readonly;
