-- Recurring reservations: what was asked for, and which reservation each date got.

CREATE TABLE series (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    resource_id uuid NOT NULL,
    guest_id uuid NOT NULL,
    rule text NOT NULL CHECK (length(rule) BETWEEN 1 AND 300),
    first_on date NOT NULL,
    except_on date [] NOT NULL DEFAULT '{}',
    starts_at_time time,
    minutes integer CHECK (minutes BETWEEN 1 AND 100000),
    nights integer CHECK (nights BETWEEN 1 AND 1000),
    quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 100000),
    party_size integer NOT NULL CHECK (party_size BETWEEN 1 AND 100000),
    notes text NOT NULL DEFAULT '' CHECK (length(notes) <= 2000),
    version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resources (tenant_id, id),
    CONSTRAINT series_guest FOREIGN KEY (tenant_id, guest_id) REFERENCES guests (tenant_id, id),
    CHECK ((nights IS NULL) = (minutes IS NOT NULL) AND (minutes IS NULL) = (starts_at_time IS NULL))
);

CREATE INDEX series_guests ON series (tenant_id, guest_id);

CREATE TABLE series_occurrences (
    tenant_id uuid NOT NULL,
    series_id uuid NOT NULL,
    on_date date NOT NULL,
    reservation_id uuid,
    refusal text CHECK (refusal ~ '^[a-z]+(_[a-z]+)*$'),
    PRIMARY KEY (tenant_id, series_id, on_date),
    UNIQUE (tenant_id, reservation_id),
    FOREIGN KEY (tenant_id, series_id) REFERENCES series (tenant_id, id),
    FOREIGN KEY (tenant_id, reservation_id) REFERENCES reservations (tenant_id, id),
    CHECK ((reservation_id IS NULL) = (refusal IS NOT NULL))
);

ALTER TABLE series ENABLE ROW LEVEL SECURITY;
ALTER TABLE series FORCE ROW LEVEL SECURITY;
ALTER TABLE series_occurrences ENABLE ROW LEVEL SECURITY;
ALTER TABLE series_occurrences FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON series
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY tenant_only ON series_occurrences
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY every_tenant ON series TO berth_jobs USING (true) WITH CHECK (true);
CREATE POLICY every_tenant ON series_occurrences TO berth_jobs USING (true) WITH CHECK (true);
CREATE POLICY hosts_see_their_own ON series AS RESTRICTIVE
USING ((SELECT current_resource_ids()) IS NULL OR resource_id = ANY((SELECT current_resource_ids())::uuid []))
WITH CHECK ((SELECT current_resource_ids()) IS NULL OR resource_id = ANY((SELECT current_resource_ids())::uuid []));

GRANT SELECT, INSERT, UPDATE ON series, series_occurrences TO berth_app;
GRANT SELECT ON series, series_occurrences TO berth_readonly, berth_jobs;
