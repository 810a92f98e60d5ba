-- Readers of what happened are told where the archive ends. The bounds of the partitions say it; their rows stay hidden.
GRANT SELECT ON event_partitions TO berth_app;
