-- What the clock does to reservations, what pending ones wait for, and changes that wait.
-- No database holds enough yet for these short locks to matter, and one transaction leaves nothing half-done:
-- squawk-ignore-file require-concurrent-index-creation, constraint-missing-not-valid

ALTER TABLE reservations ADD COLUMN due_at timestamptz;
ALTER TABLE reservations ADD COLUMN waits_for text CONSTRAINT reservations_wait_for_something CHECK (
    waits_for IN ('room', 'approval')
);
ALTER TABLE reservations ADD COLUMN hold_extended boolean NOT NULL DEFAULT false;
ALTER TABLE reservations ADD COLUMN wanted_unit integer CHECK (wanted_unit >= 1);

COMMENT ON COLUMN reservations.due_at IS
'When the clock takes it to its next state: the end of a hold, a grace or a stay, or when nobody came. NULL: never.';

COMMENT ON COLUMN reservations.wanted_unit IS
'The unit that was promised by its number, also while the reservation blocks nothing.';

-- Row security would hide every row from their owner.
ALTER TABLE reservations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE policy_versions NO FORCE ROW LEVEL SECURITY;
UPDATE reservations AS reservation
SET
    waits_for = CASE WHEN reservation.state = 'pending' THEN 'room' END,
    due_at = CASE reservation.state
        WHEN 'held' THEN reservation.hold_expires_at
        WHEN 'checked_in' THEN reservation.ends_at
        WHEN 'confirmed' THEN coalesce(
            reservation.starts_at + make_interval(
                mins => (policy_version.document ->> 'no_show_after_minutes')::integer
            ),
            reservation.ends_at
        )
        WHEN 'pending' THEN reservation.updated_at + make_interval(
            mins => (policy_version.document #>> '{confirmation, grace_minutes}')::integer
        )
    END
FROM policy_versions AS policy_version
WHERE
    reservation.tenant_id = policy_version.tenant_id
    AND reservation.policy_id = policy_version.policy_id
    AND reservation.policy_version = policy_version.version
    AND reservation.state IN ('pending', 'held', 'confirmed', 'checked_in');
ALTER TABLE policy_versions FORCE ROW LEVEL SECURITY;
ALTER TABLE reservations FORCE ROW LEVEL SECURITY;

ALTER TABLE reservations ADD CONSTRAINT reservations_wait_while_pending CHECK (
    (state = 'pending') = (waits_for IS NOT NULL)
);

CREATE INDEX reservations_due ON reservations (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX reservations_waiting ON reservations (tenant_id, resource_id, updated_at, id) WHERE state = 'pending';

-- Where a policy is pending-first, a change of what is confirmed waits here, and the reservation keeps its place.
CREATE TABLE reservation_changes (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL,
    reservation_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'promoted', 'rejected', 'replaced', 'withdrawn')),
    action text NOT NULL CHECK (action IN ('move', 'extend', 'shorten')),
    resource_id uuid NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    check_in_on date,
    check_out_on date,
    quantity integer NOT NULL CHECK (quantity BETWEEN 1 AND 100000),
    party_size integer NOT NULL CHECK (party_size BETWEEN 1 AND 100000),
    unit integer CHECK (unit >= 1),
    overridden jsonb CONSTRAINT reservation_changes_overridden_is_an_object CHECK (jsonb_typeof(overridden) = 'object'),
    due_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    decided_at timestamptz,
    UNIQUE (tenant_id, id),
    FOREIGN KEY (tenant_id, reservation_id) REFERENCES reservations (tenant_id, id),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES resources (tenant_id, id),
    CHECK (starts_at < ends_at),
    CHECK (starts_at >= '2000-01-01 00:00+00' AND ends_at < '2200-01-01 00:00+00'),
    CHECK ((check_in_on IS NULL) = (check_out_on IS NULL)),
    CHECK (check_in_on < check_out_on),
    CHECK ((state = 'waiting') = (decided_at IS NULL))
);

-- A newer change of the same reservation replaces the one that waits.
CREATE UNIQUE INDEX reservation_changes_one_waits ON reservation_changes (tenant_id, reservation_id)
WHERE state = 'waiting';
CREATE INDEX reservation_changes_reservation ON reservation_changes (tenant_id, reservation_id, id);
CREATE INDEX reservation_changes_queue ON reservation_changes (tenant_id, resource_id, created_at, id)
WHERE state = 'waiting';
CREATE INDEX reservation_changes_due ON reservation_changes (due_at) WHERE state = 'waiting';

ALTER TABLE reservation_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE reservation_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON reservation_changes
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY every_tenant ON reservation_changes TO berth_jobs USING (true) WITH CHECK (true);

CREATE POLICY hosts_see_their_own ON reservation_changes AS RESTRICTIVE
USING ((SELECT current_resource_ids()) IS NULL OR resource_id = ANY((SELECT current_resource_ids())::uuid []))
WITH CHECK ((SELECT current_resource_ids()) IS NULL OR resource_id = ANY((SELECT current_resource_ids())::uuid []));

-- What an event says of a reservation, for changes of thousands at once; services/reservation_events.py says the same.
CREATE FUNCTION instant_text(instant timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN replace(to_char(instant AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'), '.000000', '');

CREATE FUNCTION reservation_facts(reservation reservations, units int4multirange) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object(
    'state', reservation.state,
    'version', reservation.version,
    'resource_id', reservation.resource_id,
    'guest_id', reservation.guest_id,
    'starts_at', instant_text(reservation.starts_at),
    'ends_at', instant_text(reservation.ends_at),
    'check_in_on', reservation.check_in_on,
    'check_out_on', reservation.check_out_on,
    'quantity', reservation.quantity,
    'party_size', reservation.party_size,
    'units', (
        SELECT coalesce(jsonb_agg(jsonb_build_array(lower(run.units), upper(run.units)) ORDER BY run.units), '[]')
        FROM unnest(units) AS run (units)
    ),
    'units_promised', reservation.units_promised,
    'price', reservation.price,
    'policy_id', reservation.policy_id,
    'policy_version', reservation.policy_version,
    'hold_expires_at', instant_text(reservation.hold_expires_at)
);

GRANT SELECT, INSERT, UPDATE ON reservation_changes TO berth_app, berth_jobs;
GRANT SELECT ON reservation_changes TO berth_readonly;
-- Scheduled functions do to reservations what people do.
GRANT INSERT, UPDATE ON guests, reservations TO berth_jobs;
GRANT INSERT, DELETE ON allocations TO berth_jobs;
GRANT UPDATE (pinned) ON allocations TO berth_jobs;
GRANT INSERT ON events TO berth_jobs;
-- FOR KEY SHARE, by which a window stays while somebody relies on it, asks for this.
GRANT UPDATE (starts_at) ON availability_windows TO berth_jobs;
