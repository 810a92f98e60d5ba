-- The people of the businesses: who they are, how they sign in, what they may do for which tenant; and API keys.
-- A person belongs to no tenant. Their rows are seen by who names them first (sign-in names an e-mail address, a session
-- names its person), and by the tenants they work for.
-- No database holds enough yet for these short locks to matter, and one transaction leaves nothing half-done:
-- squawk-ignore-file constraint-missing-not-valid, ban-drop-constraint, require-concurrent-index-creation

CREATE FUNCTION current_user_id() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.user_id', true), '')::uuid;

CREATE FUNCTION current_user_email() RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.user_email', true), '');

COMMENT ON FUNCTION current_user_email() IS
'The address somebody signs in with, before it is known who they are.';

CREATE FUNCTION current_resource_ids() RETURNS uuid []
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.resource_ids', true), '')::uuid [];

COMMENT ON FUNCTION current_resource_ids() IS
'The resources that a host works with; NULL for everybody else, who work with all of them.';

-- Tenants: suspension and settings; the directory stays public, changes need the tenant or an operator ----------------------

ALTER TABLE tenants ADD COLUMN suspended_at timestamptz;
ALTER TABLE tenants ADD COLUMN suspended_reason text;
ALTER TABLE tenants ADD COLUMN settings jsonb NOT NULL DEFAULT '{}';
ALTER TABLE tenants ADD CONSTRAINT tenants_settings_are_an_object CHECK (jsonb_typeof(settings) = 'object');
ALTER TABLE tenants ADD CONSTRAINT tenants_say_why_they_are_suspended
CHECK ((suspended_at IS NULL) = (suspended_reason IS NULL) AND length(suspended_reason) BETWEEN 1 AND 500);

-- People --------------------------------------------------------------------------------------------------------------

CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    -- NULL: signs in through the external issuer only.
    password_hash text CHECK (password_hash LIKE '$argon2id$%'),
    operator boolean NOT NULL DEFAULT false,
    disabled_at timestamptz,
    version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

COMMENT ON COLUMN users.operator IS
'Runs the platform: creates and suspends tenants, and sees nothing inside them. Given from the command line only.';

CREATE TABLE user_identities (
    issuer text NOT NULL CHECK (length(issuer) BETWEEN 1 AND 500),
    subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
    user_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (issuer, subject)
);

CREATE INDEX user_identities_user ON user_identities (user_id);

CREATE TABLE memberships (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    user_id uuid NOT NULL REFERENCES users (id),
    role text NOT NULL CHECK (role IN ('owner', 'manager', 'agent', 'viewer', 'host')),
    version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);

CREATE INDEX memberships_user ON memberships (user_id);

CREATE TABLE membership_resources (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, user_id, resource_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resources (tenant_id, id)
);

COMMENT ON TABLE membership_resources IS 'What a host works with: these resources and their reservations, nothing else.';

CREATE TABLE invitations (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    email text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    role text NOT NULL CHECK (role IN ('owner', 'manager', 'agent', 'viewer', 'host')),
    resource_ids uuid [] NOT NULL DEFAULT '{}',
    token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    invited_by uuid REFERENCES users (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);

COMMENT ON COLUMN invitations.token_hash IS 'SHA-256 of the token, which only the e-mail holds.';

-- Sessions ------------------------------------------------------------------------------------------------------------

CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    refreshed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_because text CHECK (revoked_because IN ('signed_out', 'signed_out_everywhere', 'password_changed', 'reuse')),
    user_agent text NOT NULL DEFAULT '' CHECK (length(user_agent) <= 400),
    CHECK ((revoked_at IS NULL) = (revoked_because IS NULL))
);

CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE refresh_tokens (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    session_id uuid NOT NULL REFERENCES sessions (id),
    user_id uuid NOT NULL REFERENCES users (id),
    issued_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);

COMMENT ON TABLE refresh_tokens IS
'Each may be used once. One that comes a second time was stolen from somebody: its whole session ends.';

CREATE TABLE password_resets (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    user_id uuid NOT NULL REFERENCES users (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

CREATE INDEX password_resets_user ON password_resets (user_id);

CREATE TABLE throttles (
    -- SHA-256 of the kind and the account or address: nobody's address is kept.
    key_hash bytea PRIMARY KEY CHECK (octet_length(key_hash) = 32),
    failures integer NOT NULL CHECK (failures >= 1),
    window_ends_at timestamptz NOT NULL,
    blocked_until timestamptz
);

COMMENT ON TABLE throttles IS 'Failed attempts to sign in, by account and by address. Holds nobody''s data, so everybody''s functions share it.';

-- API keys ------------------------------------------------------------------------------------------------------------

CREATE TABLE api_keys (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    prefix text NOT NULL UNIQUE CHECK (prefix ~ '^[a-z0-9]{12}$'),
    secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
    scopes text [] NOT NULL CHECK (cardinality(scopes) >= 1),
    created_by uuid REFERENCES users (id),
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);

COMMENT ON COLUMN api_keys.secret_hash IS 'SHA-256: the secret has 256 random bits, so that a slow hash would add nothing.';

-- Events know who else acts now, and in which transaction they were written -------------------------------------------------

ALTER TABLE events DROP CONSTRAINT events_actor_kind_check;
ALTER TABLE events ADD CONSTRAINT events_actor_kind_check
CHECK (actor_kind IN ('guest', 'staff', 'api_key', 'operator', 'job', 'system'));

ALTER TABLE events ADD COLUMN transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id();

COMMENT ON COLUMN events.transaction_id IS
'Readers that go on from where they stopped stop short of pg_snapshot_xmin: what a slow transaction writes is never skipped.';

CREATE INDEX events_order ON events (tenant_id, transaction_id, id);

-- Row security ----------------------------------------------------------------------------------------------------------

DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['memberships', 'membership_resources', 'invitations', 'api_keys'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', protected);
        EXECUTE format(
            'CREATE POLICY tenant_only ON %I USING (tenant_id = (SELECT current_tenant_id()))'
            ' WITH CHECK (tenant_id = (SELECT current_tenant_id()))', protected
        );
    END LOOP;
    FOREACH protected IN ARRAY ARRAY['memberships', 'membership_resources'] LOOP
        EXECUTE format('CREATE POLICY own ON %I FOR SELECT USING (user_id = (SELECT current_user_id()))', protected);
    END LOOP;
    FOREACH protected IN ARRAY ARRAY['user_identities', 'sessions', 'refresh_tokens', 'password_resets'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', protected);
        EXECUTE format(
            'CREATE POLICY own ON %I USING (user_id = (SELECT current_user_id()))'
            ' WITH CHECK (user_id = (SELECT current_user_id()))', protected
        );
    END LOOP;
    FOREACH protected IN ARRAY ARRAY[
        'memberships', 'membership_resources', 'invitations', 'api_keys', 'users', 'user_identities', 'sessions',
        'refresh_tokens', 'password_resets', 'tenants'
    ] LOOP
        EXECUTE format('CREATE POLICY every_tenant ON %I TO berth_jobs USING (true) WITH CHECK (true)', protected);
    END LOOP;
END
$$;

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON users
USING (id = (SELECT current_user_id()) OR email = (SELECT current_user_email()))
WITH CHECK (id = (SELECT current_user_id()) OR email = (SELECT current_user_email()));
CREATE POLICY colleagues ON users FOR SELECT
USING (id IN (SELECT memberships.user_id FROM memberships WHERE memberships.tenant_id = (SELECT current_tenant_id())));

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY directory ON tenants FOR SELECT USING (true);
CREATE POLICY tenant_only ON tenants FOR UPDATE
USING (id = (SELECT current_tenant_id())) WITH CHECK (id = (SELECT current_tenant_id()));
CREATE POLICY operators ON tenants FOR ALL
USING (EXISTS (SELECT FROM users WHERE users.id = (SELECT current_user_id()) AND users.operator))
WITH CHECK (EXISTS (SELECT FROM users WHERE users.id = (SELECT current_user_id()) AND users.operator));

-- A host's transactions see their own resources and what hangs on them, whatever the statements ask for.
DO $$
DECLARE
    restricted text;
    owner_column text;
BEGIN
    FOREACH restricted IN ARRAY ARRAY['resources', 'units', 'availability_windows', 'closures', 'reservations'] LOOP
        owner_column := CASE restricted WHEN 'resources' THEN 'id' ELSE 'resource_id' END;
        EXECUTE format(
            'CREATE POLICY hosts_see_their_own ON %1$I AS RESTRICTIVE'
            ' USING ((SELECT current_resource_ids()) IS NULL OR %2$I = ANY((SELECT current_resource_ids())::uuid[]))'
            ' WITH CHECK ((SELECT current_resource_ids()) IS NULL OR %2$I = ANY((SELECT current_resource_ids())::uuid[]))',
            restricted, owner_column
        );
    END LOOP;
END
$$;

-- Grants ----------------------------------------------------------------------------------------------------------------

GRANT INSERT, UPDATE ON tenants TO berth_app;
GRANT SELECT ON users TO berth_app;
GRANT INSERT (id, email, name, password_hash, created_at, updated_at) ON users TO berth_app;
GRANT UPDATE (name, email, password_hash, version, updated_at) ON users TO berth_app;
GRANT SELECT, INSERT ON user_identities, password_resets, refresh_tokens TO berth_app;
GRANT SELECT, INSERT, UPDATE ON sessions TO berth_app;
GRANT UPDATE (used_at) ON refresh_tokens, password_resets TO berth_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON memberships, throttles TO berth_app;
GRANT SELECT, INSERT, DELETE ON membership_resources TO berth_app;
GRANT SELECT, INSERT ON invitations, api_keys TO berth_app;
GRANT UPDATE (accepted_at, revoked_at) ON invitations TO berth_app;
GRANT UPDATE (last_used_at, revoked_at) ON api_keys TO berth_app;
GRANT INSERT, UPDATE ON resources, policies TO berth_app;
GRANT INSERT ON policy_versions TO berth_app;
GRANT INSERT, UPDATE, DELETE ON units, availability_windows TO berth_app;
GRANT DELETE ON guests TO berth_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO berth_readonly, berth_jobs;
REVOKE SELECT ON users, refresh_tokens, password_resets, api_keys, invitations FROM berth_readonly;
