-- What failed in scheduled functions, item by item, and when each is tried again. Only the functions themselves and
-- operators see it, as it is of all tenants.
CREATE TABLE job_failures (
    job text NOT NULL CHECK (length(job) BETWEEN 1 AND 100),
    item_id text NOT NULL CHECK (length(item_id) BETWEEN 1 AND 1000),
    tenant text,
    attempts integer NOT NULL DEFAULT 1 CHECK (attempts >= 1),
    first_failed_at timestamptz NOT NULL,
    failed_at timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    error text NOT NULL CHECK (length(error) <= 2000),
    PRIMARY KEY (job, item_id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON job_failures TO berth_jobs;
GRANT SELECT ON job_failures TO berth_readonly;

ALTER TABLE job_runs ADD COLUMN failed integer NOT NULL DEFAULT 0 CHECK (failed >= 0);
