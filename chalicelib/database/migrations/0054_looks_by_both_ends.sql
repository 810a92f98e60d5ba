-- What is taken at a time is found by its end and its start in the index itself. With the start merely included, each
-- look fetched all that is taken later from the table, only to find that it begins too late.
-- The table holds what blocks alone, a second's work for a million of it, and one transaction leaves nothing half-done:
-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion
CREATE INDEX allocations_looking ON allocations (inventory_id, ends_at, starts_at);
DROP INDEX allocations_reading;
