-- Runs of scheduled functions, as the role of background jobs.

-- name: begin_run
INSERT INTO job_runs (id, name, started_at)
VALUES (%(id)s, %(name)s, clock_now());

-- name: finish_run
UPDATE job_runs SET seconds = %(seconds)s, changed = %(changed)s, error = %(error)s
WHERE id = %(id)s;

-- name: list_runs
SELECT
    run.name,
    run.started_at,
    run.seconds,
    run.changed,
    run.error
FROM job_runs AS run
WHERE %(name)s::text IS NULL OR run.name = %(name)s
ORDER BY run.id DESC
LIMIT %(limit)s;

-- name: last_runs
SELECT
    known.name,
    run.started_at,
    run.seconds,
    run.changed,
    run.error
FROM unnest(%(names)s::text[]) AS known (name)
CROSS JOIN LATERAL (
    SELECT
        one.started_at,
        one.seconds,
        one.changed,
        one.error
    FROM job_runs AS one
    WHERE one.name = known.name
    ORDER BY one.id DESC
    LIMIT 1
) AS run;
