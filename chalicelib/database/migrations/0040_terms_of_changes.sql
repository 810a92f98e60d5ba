-- A change that waits is judged by the version under which it was asked for.
-- No database holds enough yet for these short locks to matter, and one transaction leaves nothing half-done:
-- squawk-ignore-file constraint-missing-not-valid, adding-foreign-key-constraint

ALTER TABLE reservation_changes
ADD COLUMN policy_id uuid,
ADD COLUMN policy_version integer,
ADD FOREIGN KEY (tenant_id, policy_id, policy_version) REFERENCES policy_versions (tenant_id, policy_id, version),
ADD CHECK ((policy_id IS NULL) = (policy_version IS NULL));

COMMENT ON COLUMN reservation_changes.policy_id IS
'With the version: under what it was asked for. NULL of what was asked for before this was kept: what is offered counts.';
