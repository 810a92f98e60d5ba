-- Lead times one by one: a median cannot be told from sums.
-- No database holds enough yet for these short locks to matter, and one transaction leaves nothing half-done:
-- squawk-ignore-file require-concurrent-index-creation

ALTER TABLE daily_statistics ADD COLUMN lead_times integer[];

COMMENT ON COLUMN daily_statistics.lead_times IS
'Minutes from reserving to the start, of each reservation that stands. NULL: from before, and to be made anew.';

CREATE INDEX daily_statistics_from_before ON daily_statistics (tenant_id, resource_id, on_date)
WHERE lead_times IS NULL;
