-- Series: reservations that recur. The reservations themselves know nothing of it.

CREATE TABLE series (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    rrule text NOT NULL CHECK (length(rrule) BETWEEN 1 AND 500),
    starts_on date NOT NULL CHECK (starts_on >= '2000-01-01' AND starts_on < '2200-01-01'),
    nights integer CHECK (nights >= 1),
    local_time time,
    length_minutes integer CHECK (length_minutes >= 1),
    fold text NOT NULL CHECK (fold IN ('earlier', 'later')),
    quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 100000),
    party_size integer NOT NULL CHECK (party_size BETWEEN 1 AND 100000),
    mode text NOT NULL CHECK (mode IN ('all', 'fitting')),
    except_on date [] NOT NULL,
    split_from uuid,
    cancelled_at timestamptz,
    version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resources (tenant_id, id),
    FOREIGN KEY (tenant_id, split_from) REFERENCES series (tenant_id, id),
    CHECK ((nights IS NULL) = (local_time IS NOT NULL)),
    CHECK ((local_time IS NULL) = (length_minutes IS NULL))
);

COMMENT ON TABLE series IS
'What recurs, by the tenant''s wall clock. Who reserved is known of its reservations alone.';

-- What became of each date: a reservation, or the code of the reason why there is none.
CREATE TABLE series_occurrences (
    tenant_id uuid NOT NULL,
    series_id uuid NOT NULL,
    number integer NOT NULL CHECK (number >= 1),
    starts_on date NOT NULL,
    reservation_id uuid,
    refused text,
    PRIMARY KEY (tenant_id, series_id, number),
    CONSTRAINT series_occurrences_reservation UNIQUE (tenant_id, reservation_id),
    FOREIGN KEY (tenant_id, series_id) REFERENCES series (tenant_id, id),
    FOREIGN KEY (tenant_id, reservation_id) REFERENCES reservations (tenant_id, id),
    CHECK ((reservation_id IS NULL) = (refused IS NOT NULL))
);

CREATE INDEX series_resource ON series (resource_id);
CREATE INDEX series_order ON series (tenant_id, id);

ALTER TABLE series ENABLE ROW LEVEL SECURITY;
ALTER TABLE series FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON series
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY every_tenant ON series TO berth_jobs USING (true) WITH CHECK (true);
CREATE POLICY hosts_see_their_own ON series AS RESTRICTIVE
USING ((SELECT current_resource_ids()) IS NULL OR resource_id = ANY((SELECT current_resource_ids())::uuid []))
WITH CHECK ((SELECT current_resource_ids()) IS NULL OR resource_id = ANY((SELECT current_resource_ids())::uuid []));

ALTER TABLE series_occurrences ENABLE ROW LEVEL SECURITY;
ALTER TABLE series_occurrences FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON series_occurrences
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY every_tenant ON series_occurrences TO berth_jobs USING (true) WITH CHECK (true);
-- Row security of series says which of them a host sees.
CREATE POLICY hosts_see_their_own ON series_occurrences AS RESTRICTIVE
USING ((SELECT current_resource_ids()) IS NULL OR EXISTS (SELECT FROM series WHERE series.id = series_id))
WITH CHECK ((SELECT current_resource_ids()) IS NULL OR EXISTS (SELECT FROM series WHERE series.id = series_id));

GRANT SELECT, INSERT, UPDATE ON series, series_occurrences TO berth_app;
GRANT SELECT ON series, series_occurrences TO berth_readonly, berth_jobs;
