-- Of seasons that overlap, the one listed last counts: for lengths as for rates. For lengths it was the first one.
-- What was published with such seasons means the same as before: each date is left with the season that counted on it,
-- so that no two overlap and it does not matter which release reads them.

-- Row security would hide every row from their owner.
ALTER TABLE policy_versions NO FORCE ROW LEVEL SECURITY;
ALTER TABLE policy_versions DISABLE TRIGGER policy_versions_are_append_only;

UPDATE policy_versions AS policy_version
SET document = jsonb_set(
    policy_version.document,
    '{rules}',
    (
        SELECT
            jsonb_agg(
                CASE
                    WHEN
                        rule.described ->> 'rule' = 'length'
                        THEN jsonb_set(rule.described, '{seasons}', coalesce(apart.seasons, '[]'))
                    ELSE rule.described
                END
                ORDER BY rule.place
            )
        FROM jsonb_array_elements(policy_version.document -> 'rules') WITH ORDINALITY AS rule (described, place)
        LEFT JOIN LATERAL (
            SELECT
                jsonb_agg(
                    counting.described
                    || jsonb_build_object('from_on', counting.from_on, 'until_on', counting.until_on)
                    ORDER BY counting.from_on
                ) AS seasons
            FROM (
                SELECT DISTINCT ON (piece.from_on)
                    piece.from_on,
                    piece.until_on,
                    season.described
                FROM (
                    SELECT
                        edge.on_date AS from_on,
                        lead(edge.on_date) OVER (ORDER BY edge.on_date) AS until_on
                    FROM (
                        SELECT DISTINCT bound.on_date::date AS on_date
                        FROM jsonb_array_elements(rule.described -> 'seasons') AS whole (described)
                        CROSS JOIN LATERAL (
                            VALUES (whole.described ->> 'from_on'), (whole.described ->> 'until_on')
                        ) AS bound (on_date)
                    ) AS edge
                ) AS piece
                INNER JOIN jsonb_array_elements(rule.described -> 'seasons')
                    WITH ORDINALITY AS season (described, place)
                    ON
                        (season.described ->> 'from_on')::date <= piece.from_on
                        AND (season.described ->> 'until_on')::date >= piece.until_on
                ORDER BY piece.from_on, season.place
            ) AS counting
        ) AS apart ON true
    )
)
WHERE EXISTS (
    SELECT
    FROM jsonb_array_elements(policy_version.document -> 'rules') AS rule (described)
    CROSS JOIN LATERAL jsonb_array_elements(rule.described -> 'seasons') WITH ORDINALITY AS one (described, place)
    CROSS JOIN LATERAL jsonb_array_elements(rule.described -> 'seasons') WITH ORDINALITY AS other (described, place)
    WHERE
        rule.described ->> 'rule' = 'length'
        AND one.place < other.place
        AND (one.described ->> 'from_on')::date < (other.described ->> 'until_on')::date
        AND (other.described ->> 'from_on')::date < (one.described ->> 'until_on')::date
);

ALTER TABLE policy_versions ENABLE TRIGGER policy_versions_are_append_only;
ALTER TABLE policy_versions FORCE ROW LEVEL SECURITY;
