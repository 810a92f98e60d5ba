-- What a replica is asked before it is believed.

-- name: progress
-- In a transaction of its own before the read's: a snapshot that is taken later sees all that was replayed by then.
SELECT
    pg_is_in_recovery() AS in_recovery,
    pg_last_wal_replay_lsn()::text AS replayed,
    extract(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp())::double precision AS quiet_seconds;
