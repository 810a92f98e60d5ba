-- Scheduled functions answer the offers of all tenants at once: an entry has the id of what was offered to it.
-- No database holds enough entries yet for this short lock to matter:
-- squawk-ignore-file require-concurrent-index-creation

CREATE UNIQUE INDEX waitlist_entries_by_id ON waitlist_entries (id);
