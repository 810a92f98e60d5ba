-- Who follows reservations reads them in the order in which their changes began to be written, up to the oldest that is
-- under way: that order, and no time of day, says that nothing is skipped. Those of before come first, by their ids.
-- No database holds enough yet for these short locks to matter:
-- squawk-ignore-file require-concurrent-index-creation
ALTER TABLE reservations ADD COLUMN changed_in xid8 NOT NULL DEFAULT '0';
ALTER TABLE reservations ALTER COLUMN changed_in SET DEFAULT pg_current_xact_id();

COMMENT ON COLUMN reservations.changed_in IS 'The transaction that wrote the present version; a trigger sets it.';

CREATE FUNCTION note_change() RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
    new.changed_in := pg_current_xact_id();
    RETURN new;
END
$$;

CREATE TRIGGER reservations_note_change
BEFORE UPDATE ON reservations
FOR EACH ROW WHEN (old.version IS DISTINCT FROM new.version) EXECUTE FUNCTION note_change();

CREATE INDEX reservations_changes ON reservations (tenant_id, changed_in, id);

COMMENT ON COLUMN refresh_tokens.used_at IS
'One is answered for a minute after its use. One that comes later was copied: its whole session ends.';
COMMENT ON TABLE refresh_tokens IS
'What prolongs a session. The first use of one uses up all that the session has, and gives the next.';
