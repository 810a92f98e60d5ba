-- Stays count in nights now, so that every day is counted again when statistics are next asked for: they start over where
-- there is no progress.
TRUNCATE statistics_progress;
