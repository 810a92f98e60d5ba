-- Where guests were before they changed rooms: the past of a reservation stays where it was.

CREATE TABLE earlier_rooms (
    tenant_id uuid NOT NULL,
    reservation_id uuid NOT NULL,
    resource_id uuid NOT NULL,
    next_resource_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    check_in_on date,
    check_out_on date,
    taken integer NOT NULL CHECK (taken BETWEEN 1 AND 100000),
    units int4multirange NOT NULL CHECK (NOT isempty(units)),
    PRIMARY KEY (tenant_id, reservation_id, starts_at),
    FOREIGN KEY (tenant_id, reservation_id) REFERENCES reservations (tenant_id, id),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resources (tenant_id, id),
    FOREIGN KEY (tenant_id, next_resource_id) REFERENCES resources (tenant_id, id),
    CHECK (starts_at < ends_at),
    CHECK (starts_at >= '2000-01-01 00:00+00' AND ends_at < '2200-01-01 00:00+00'),
    CHECK ((check_in_on IS NULL) = (check_out_on IS NULL)),
    CHECK (check_in_on <= check_out_on)
);

COMMENT ON COLUMN earlier_rooms.check_out_on IS
'The date of the first night that is not spent there; that of the arrival where no night is.';

COMMENT ON COLUMN earlier_rooms.taken IS
'How many units counted as taken: the quantity or, where capacity counts people, the party.';

CREATE INDEX earlier_rooms_by_resource ON earlier_rooms (tenant_id, resource_id, ends_at);
CREATE INDEX earlier_rooms_next ON earlier_rooms (tenant_id, next_resource_id);
CREATE INDEX earlier_rooms_by_end ON earlier_rooms (tenant_id, ends_at);

ALTER TABLE earlier_rooms ENABLE ROW LEVEL SECURITY;
ALTER TABLE earlier_rooms FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON earlier_rooms
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY every_tenant ON earlier_rooms TO berth_jobs USING (true) WITH CHECK (true);

-- Hosts see both sides of a change: who left their resource, and since when its guest is there.
CREATE POLICY hosts_see_their_own ON earlier_rooms AS RESTRICTIVE
USING (
    (SELECT current_resource_ids()) IS NULL
    OR resource_id = ANY((SELECT current_resource_ids())::uuid [])
    OR next_resource_id = ANY((SELECT current_resource_ids())::uuid [])
)
WITH CHECK ((SELECT current_resource_ids()) IS NULL OR resource_id = ANY((SELECT current_resource_ids())::uuid []));

GRANT SELECT, INSERT ON earlier_rooms TO berth_app, berth_jobs;
GRANT SELECT ON earlier_rooms TO berth_readonly;
