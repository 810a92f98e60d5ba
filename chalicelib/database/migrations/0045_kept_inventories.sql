-- Inventories are renamed, enlarged, made smaller and deleted. Row security is that of every statement on the table.
ALTER TABLE inventories ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version > 0);

COMMENT ON COLUMN inventories.version IS 'Of those with a name; others change with their resource, which has its own.';

GRANT UPDATE (capacity, version), DELETE ON inventories TO berth_app;
