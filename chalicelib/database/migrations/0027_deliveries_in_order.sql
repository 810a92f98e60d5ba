-- Deliveries about one entity keep their order, an attempt may leave a rest, and what was found late is counted.
-- squawk-ignore-file ban-drop-constraint, require-concurrent-index-creation, constraint-missing-not-valid
ALTER TABLE deliveries ADD COLUMN entity_id uuid;
ALTER TABLE deliveries ADD COLUMN leased_until timestamptz;
ALTER TABLE deliveries ADD COLUMN remaining jsonb;

COMMENT ON COLUMN deliveries.entity_id IS
'What its event is about: of the deliveries about it through one channel, only the first unsettled one is attempted.';
COMMENT ON COLUMN deliveries.leased_until IS 'While an attempt is being made; empty when it is known how it went.';
COMMENT ON COLUMN deliveries.remaining IS
'Whom the next attempt is still to reach, in the words of the channel; empty: all.';

UPDATE deliveries AS delivery
SET entity_id = event.entity_id
FROM events AS event
WHERE delivery.outcome IS NULL AND event.tenant_id = delivery.tenant_id AND event.id = delivery.event_id;

CREATE INDEX deliveries_in_order ON deliveries (tenant_id, channel, entity_id, event_id) WHERE outcome IS NULL;

ALTER TABLE deliveries DROP CONSTRAINT deliveries_outcome_check;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_outcome_check
CHECK (outcome IN ('delivered', 'skipped', 'superseded', 'dead'));

CREATE TABLE late_events (
    found_by text PRIMARY KEY CHECK (length(found_by) BETWEEN 1 AND 100),
    count bigint NOT NULL CHECK (count > 0),
    last_at timestamptz NOT NULL
);

COMMENT ON TABLE late_events IS
'How many events had waited in the outbox for longer than a wake-up takes, by who found them; a lost wake-up is one.';

GRANT SELECT, INSERT, UPDATE ON late_events TO berth_jobs;
GRANT SELECT ON late_events TO berth_readonly;
