-- Each tenant's events and deliveries have their turn: the next of each is found by an index that begins with it.
-- Both tables are small, so these short locks do not matter, and one transaction leaves nothing half-done:
-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion
CREATE INDEX outbox_turns ON outbox (tenant_id, event_id);
DROP INDEX outbox_tenant;
CREATE INDEX deliveries_turns ON deliveries (tenant_id, next_attempt_at) WHERE outcome IS NULL;
DROP INDEX deliveries_due;
