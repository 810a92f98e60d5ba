-- Who knows an event has not seen what was under way when it was stored: the oldest transaction of that moment is where
-- reading on begins. Events of before have none: when this lock is granted, no transaction that wrote one is under way.
ALTER TABLE events ADD COLUMN oldest_running xid8;
ALTER TABLE archived_events ADD COLUMN oldest_running xid8;
ALTER TABLE events ALTER COLUMN oldest_running SET DEFAULT pg_snapshot_xmin(pg_current_snapshot());

COMMENT ON COLUMN events.oldest_running IS
'Every transaction before this one had ended when the event was stored. Readers that know the event go on from here.';
