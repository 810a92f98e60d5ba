-- How many connections strangers have is counted by where they come from, as well.
ALTER TABLE connections ADD COLUMN network_hash bytea;

COMMENT ON COLUMN connections.network_hash IS
'SHA-256 of the network address (of IPv6, its /64) and the tenant, while it is open. NULL: older than this column.';
