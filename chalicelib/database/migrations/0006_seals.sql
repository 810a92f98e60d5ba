-- Seals over the events: a chain per tenant, so that whoever could change rows behind everybody's back is found out.

CREATE TABLE event_seals (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    number integer NOT NULL CHECK (number >= 1),
    -- It covers the events of transactions before this one that no earlier seal covers.
    until_transaction xid8 NOT NULL,
    event_ids uuid [] NOT NULL CHECK (cardinality(event_ids) >= 1),
    event_hashes bytea [] NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    sealed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, number),
    CHECK (cardinality(event_ids) = cardinality(event_hashes))
);

COMMENT ON COLUMN event_seals.digest IS
'SHA-256 of the digest before (nothing for the first seal) followed by the hashes of these events, in their order.';

CREATE TRIGGER event_seals_are_append_only
BEFORE UPDATE OR DELETE ON event_seals
FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE event_seals ENABLE ROW LEVEL SECURITY;
ALTER TABLE event_seals FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON event_seals
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY every_tenant ON event_seals TO berth_jobs USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON event_seals TO berth_jobs;
GRANT SELECT ON event_seals TO berth_readonly;
