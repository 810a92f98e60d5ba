-- Other systems connect with an API key, and are told no more from the moment at which it ends.
ALTER TABLE connection_tickets ADD COLUMN api_key_id uuid;
ALTER TABLE connections ADD COLUMN api_key_id uuid;

COMMENT ON COLUMN connections.api_key_id IS 'The key of another system; NULL for people, guests and visitors.';

GRANT SELECT (tenant_id, id, scopes, expires_at, revoked_at) ON api_keys TO berth_jobs;
CREATE POLICY every_tenant ON api_keys FOR SELECT TO berth_jobs USING (true);
