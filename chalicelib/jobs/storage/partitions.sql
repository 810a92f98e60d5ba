-- The months of events: each step is a transaction of its own, so that nobody waits for more than one.

-- name: make_partition
SELECT make_event_partition() AS made;

-- name: archive_partition
-- What is not delivered yet stays where who delivers it looks for it.
SELECT
    archive_event_partition(
        %(keep_months)s,
        least(
            (
                SELECT waiting.event_id
                FROM outbox AS waiting
                ORDER BY waiting.event_id
                LIMIT 1
            ),
            (
                SELECT waiting.event_id
                FROM deliveries AS waiting
                WHERE waiting.outcome IS NULL
                ORDER BY waiting.event_id
                LIMIT 1
            )
        )
    ) AS archived;

-- name: list_partitions
SELECT
    partition.name::text AS name,
    partition.archived,
    partition.from_id,
    partition.until_id
FROM event_partitions AS partition
ORDER BY partition.from_id NULLS FIRST;
