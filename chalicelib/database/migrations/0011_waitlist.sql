-- Who waits for something that is taken.

CREATE TABLE waitlist_entries (
    -- Also the id of the reservation that is offered: one token serves a guest for both.
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    guest_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'offered', 'accepted', 'declined', 'expired', 'left', 'over')),
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    check_in_on date,
    check_out_on date,
    quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 100000),
    party_size integer NOT NULL CHECK (party_size BETWEEN 1 AND 100000),
    notes text NOT NULL DEFAULT '' CHECK (length(notes) <= 2000),
    joined_at timestamptz NOT NULL,
    decided_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resources (tenant_id, id),
    CONSTRAINT waitlist_entries_guest FOREIGN KEY (tenant_id, guest_id) REFERENCES guests (tenant_id, id),
    CHECK (starts_at < ends_at),
    CHECK (starts_at >= '2000-01-01 00:00+00' AND ends_at < '2200-01-01 00:00+00'),
    CHECK ((check_in_on IS NULL) = (check_out_on IS NULL)),
    CHECK (check_in_on < check_out_on),
    CHECK ((state IN ('waiting', 'offered')) = (decided_at IS NULL))
);

COMMENT ON COLUMN waitlist_entries.state IS
'offered: a reservation with the same id is held; what becomes of that one becomes of the entry.';

CREATE INDEX waitlist_entries_queue ON waitlist_entries (tenant_id, resource_id, joined_at, id) WHERE state = 'waiting';
CREATE INDEX waitlist_entries_offered ON waitlist_entries (tenant_id, id) WHERE state = 'offered';
CREATE INDEX waitlist_entries_order ON waitlist_entries (tenant_id, joined_at, id);
CREATE INDEX waitlist_entries_guests ON waitlist_entries (tenant_id, guest_id);

ALTER TABLE waitlist_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE waitlist_entries FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON waitlist_entries
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY every_tenant ON waitlist_entries TO berth_jobs USING (true) WITH CHECK (true);
CREATE POLICY hosts_see_their_own ON waitlist_entries AS RESTRICTIVE
USING ((SELECT current_resource_ids()) IS NULL OR resource_id = ANY((SELECT current_resource_ids())::uuid []))
WITH CHECK ((SELECT current_resource_ids()) IS NULL OR resource_id = ANY((SELECT current_resource_ids())::uuid []));

GRANT SELECT, INSERT, UPDATE ON waitlist_entries TO berth_app, berth_jobs;
GRANT SELECT ON waitlist_entries TO berth_readonly;
