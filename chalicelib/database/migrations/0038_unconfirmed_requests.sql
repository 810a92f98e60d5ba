-- What strangers asked for where a tenant wants their email confirmed first: nothing is reserved until then.
CREATE TABLE unconfirmed_requests (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('reservation', 'series', 'waitlist_entry')),
    email text NOT NULL CHECK (length(email) <= 254),
    body text NOT NULL CHECK (length(body) <= 32768),
    secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, secret_hash)
);

COMMENT ON COLUMN unconfirmed_requests.body IS 'The JSON of the request, as it was sent.';

CREATE INDEX unconfirmed_requests_expiry ON unconfirmed_requests (expires_at);
CREATE INDEX unconfirmed_requests_email ON unconfirmed_requests (tenant_id, email);

ALTER TABLE unconfirmed_requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE unconfirmed_requests FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON unconfirmed_requests
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY every_tenant ON unconfirmed_requests TO berth_jobs USING (true) WITH CHECK (true);

GRANT SELECT, INSERT, DELETE ON unconfirmed_requests TO berth_app;
GRANT SELECT, DELETE ON unconfirmed_requests TO berth_jobs;
