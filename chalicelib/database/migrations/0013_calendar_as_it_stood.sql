-- What the calendar finds a moved reservation by when it is asked how it stood, and closures by.
-- No database holds enough yet for these short locks to matter, and one transaction leaves nothing half-done:
-- squawk-ignore-file require-concurrent-index-creation

ALTER TABLE reservations ADD COLUMN earliest_start_at timestamptz;
ALTER TABLE reservations ADD COLUMN latest_end_at timestamptz;

COMMENT ON COLUMN reservations.earliest_start_at IS
'The earliest start that it ever had. NULL: its times never changed.';

COMMENT ON COLUMN reservations.latest_end_at IS
'The latest end that it ever had. NULL: its times never changed.';

CREATE FUNCTION remember_times() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    NEW.earliest_start_at := least(OLD.earliest_start_at, OLD.starts_at, NEW.starts_at);
    NEW.latest_end_at := greatest(OLD.latest_end_at, OLD.ends_at, NEW.ends_at);
    RETURN NEW;
END
$$;

CREATE TRIGGER reservations_remember_their_times
BEFORE UPDATE OF starts_at, ends_at ON reservations
FOR EACH ROW WHEN ((old.starts_at, old.ends_at) IS DISTINCT FROM (new.starts_at, new.ends_at))
EXECUTE FUNCTION remember_times();

-- Row security would hide every row from their owner.
ALTER TABLE reservations NO FORCE ROW LEVEL SECURITY;
ALTER TABLE events NO FORCE ROW LEVEL SECURITY;
UPDATE reservations AS reservation
SET
    earliest_start_at = least(ever.starts_at, reservation.starts_at),
    latest_end_at = greatest(ever.ends_at, reservation.ends_at)
FROM (
    SELECT
        event.tenant_id,
        event.entity_id,
        min((event.after ->> 'starts_at')::timestamptz) AS starts_at,
        max((event.after ->> 'ends_at')::timestamptz) AS ends_at
    FROM events AS event
    WHERE event.entity_kind = 'reservation' AND event.after ->> 'starts_at' IS NOT NULL
    GROUP BY event.tenant_id, event.entity_id
) AS ever
WHERE
    reservation.tenant_id = ever.tenant_id
    AND reservation.id = ever.entity_id
    AND (ever.starts_at < reservation.starts_at OR ever.ends_at > reservation.ends_at);
ALTER TABLE events FORCE ROW LEVEL SECURITY;
ALTER TABLE reservations FORCE ROW LEVEL SECURITY;

CREATE INDEX reservations_moved ON reservations (tenant_id, latest_end_at) WHERE latest_end_at IS NOT NULL;

CREATE INDEX events_of_closures ON events (tenant_id, entity_id, id) WHERE entity_kind = 'closure';
