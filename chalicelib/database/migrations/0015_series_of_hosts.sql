-- Hosts see the dates of the series that they see, and no others: row security of series says which these are.

CREATE POLICY hosts_see_their_own ON series_occurrences AS RESTRICTIVE
USING (
    (SELECT current_resource_ids()) IS NULL
    OR EXISTS (
        SELECT FROM series
        WHERE series.tenant_id = series_occurrences.tenant_id AND series.id = series_occurrences.series_id
    )
)
WITH CHECK (
    (SELECT current_resource_ids()) IS NULL
    OR EXISTS (
        SELECT FROM series
        WHERE series.tenant_id = series_occurrences.tenant_id AND series.id = series_occurrences.series_id
    )
);
