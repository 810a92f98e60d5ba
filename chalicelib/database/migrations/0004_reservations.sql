-- Reservations as administrators work with them: which rules were not insisted on, and lists by start and by end.
-- No database holds enough yet for these short locks to matter, and one transaction leaves nothing half-done:
-- squawk-ignore-file require-concurrent-index-creation, constraint-missing-not-valid

ALTER TABLE reservations ADD COLUMN overridden jsonb
CONSTRAINT reservations_overridden_is_an_object CHECK (jsonb_typeof(overridden) = 'object');

COMMENT ON COLUMN reservations.overridden IS
'The rules that were broken and not insisted on when it was made or changed last, and why; events tell of every time.';

CREATE INDEX reservations_order ON reservations (tenant_id, starts_at, id);
CREATE INDEX reservations_until ON reservations (tenant_id, ends_at);
