-- TRUNCATE fires no trigger of rows: what is only ever added to cannot be emptied either, not even by its owner.

CREATE TRIGGER events_are_never_emptied
BEFORE TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER event_seals_are_never_emptied
BEFORE TRUNCATE ON event_seals
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER policy_versions_are_never_emptied
BEFORE TRUNCATE ON policy_versions
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
