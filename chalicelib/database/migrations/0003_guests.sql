-- Guests as administrators keep them: edited, merged, and made anonymous.
-- squawk-ignore-file ban-drop-column, adding-required-field

ALTER TABLE guests ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version >= 1);
ALTER TABLE guests ADD COLUMN anonymized_at timestamptz;

COMMENT ON COLUMN guests.anonymized_at IS
'Since when nobody can tell who it was. Reservations and events stay: they say what happened, not to whom.';

-- Stored answers repeat what a guest gave; they go when the guest's details do.
GRANT DELETE ON idempotency_keys TO berth_app;

-- What nothing reads: a window that is over begins anew by itself.
ALTER TABLE throttles DROP COLUMN blocked_until;
