-- What scheduled functions did, and what they may remove.

CREATE TABLE job_runs (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name ~ '^[a-z]+(_[a-z]+)*$'),
    started_at timestamptz NOT NULL,
    -- NULL: it runs, or was killed.
    seconds double precision CHECK (seconds >= 0),
    changed integer CHECK (changed >= 0),
    error text CHECK (length(error) BETWEEN 1 AND 500),
    CHECK (seconds IS NOT NULL OR (changed IS NULL AND error IS NULL)),
    CHECK (changed IS NULL OR error IS NULL)
);

CREATE INDEX job_runs_latest ON job_runs (name, id);

COMMENT ON TABLE job_runs IS 'One row per run of a scheduled function: of the deployment, and of nobody''s data.';

GRANT SELECT, INSERT, UPDATE, DELETE ON job_runs TO berth_jobs;
GRANT SELECT ON job_runs TO berth_readonly;

GRANT SELECT, DELETE ON idempotency_keys, sessions, refresh_tokens, password_resets, throttles TO berth_jobs;
CREATE POLICY every_session ON sessions TO berth_jobs USING (true) WITH CHECK (true);
CREATE POLICY every_token ON refresh_tokens TO berth_jobs USING (true) WITH CHECK (true);
CREATE POLICY every_reset ON password_resets TO berth_jobs USING (true) WITH CHECK (true);

-- Removed once nobody can use them any more, the oldest first.
-- No database holds enough yet for these short locks to matter:
-- squawk-ignore-file require-concurrent-index-creation
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);
CREATE INDEX sessions_expiry ON sessions (expires_at);
