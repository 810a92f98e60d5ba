-- Events are kept by month: partitioned by id, whose first 48 bits are the milliseconds since 1970 (UUIDv7, RFC 9562).
--
-- The partitions follow each other without a gap, and the last one is open: whatever no other holds goes there, so an
-- event always finds its place, whether or not a job has run. There is no DEFAULT partition: beside one, Postgres reads
-- partitions neither in the order of their ids nor only as far as needed. Each is named after the month it begins with.
--
-- No row is moved here: the table of before becomes the first partition, open at both ends, which needs no look at it.
-- What these locks stop, they stop for some milliseconds, and one transaction leaves nothing half-done:
-- squawk-ignore-file renaming-table, renaming-object, require-concurrent-index-creation

ALTER TABLE events RENAME TO events_first;
ALTER TABLE events_first RENAME CONSTRAINT events_pkey TO events_first_pkey;
ALTER TABLE events_first RENAME CONSTRAINT events_tenant_id_fkey TO events_first_tenant_id_fkey;
ALTER INDEX events_entity RENAME TO events_first_entity;
ALTER INDEX events_of_closures RENAME TO events_first_of_closures;
ALTER INDEX events_order RENAME TO events_first_order;
DROP TRIGGER events_go_into_the_outbox ON events_first;
DROP TRIGGER events_are_append_only ON events_first;
DROP POLICY every_tenant ON events_first;
REVOKE ALL ON events_first FROM berth_app, berth_jobs, berth_readonly;

CREATE TABLE events (
    LIKE events_first INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) PARTITION BY RANGE (id);

CREATE TABLE archived_events (
    LIKE events_first INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id)
) PARTITION BY RANGE (id);

COMMENT ON TABLE archived_events IS
'Months of events that the application does not read any more: seals and proofs do. Each may be dumped alone.';

CREATE INDEX events_entity ON events (tenant_id, entity_id, id);
CREATE INDEX events_of_closures ON events (tenant_id, entity_id, id) WHERE entity_kind = 'closure';
CREATE INDEX events_order ON events (tenant_id, transaction_id, id);
CREATE INDEX archived_events_order ON archived_events (tenant_id, transaction_id, id);

CREATE TRIGGER events_are_append_only
BEFORE UPDATE OR DELETE ON events
FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Of the triggers of a partitioned table its partitions have those of rows alone; the one on events_first stays too.
CREATE TRIGGER events_are_never_emptied
BEFORE TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER events_go_into_the_outbox
AFTER INSERT ON events
REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION put_into_outbox();

CREATE TRIGGER archived_events_are_append_only
BEFORE UPDATE OR DELETE ON archived_events
FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER archived_events_are_never_emptied
BEFORE TRUNCATE ON archived_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
ALTER TABLE archived_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE archived_events FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON events
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY tenant_only ON archived_events
USING (tenant_id = (SELECT current_tenant_id())) WITH CHECK (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY every_tenant ON events TO berth_jobs USING (true) WITH CHECK (true);
CREATE POLICY every_tenant ON archived_events TO berth_jobs USING (true) WITH CHECK (true);

-- Partitions themselves are granted to nobody: they are reached through their table, under its policies.
GRANT SELECT, INSERT ON events TO berth_app, berth_jobs;
GRANT SELECT ON events TO berth_readonly;
GRANT SELECT ON archived_events TO berth_jobs, berth_readonly;

ALTER TABLE events ATTACH PARTITION events_first FOR VALUES FROM (MINVALUE) TO (MAXVALUE);

CREATE VIEW every_event WITH (security_invoker = true) AS
SELECT
    event.tenant_id,
    event.id,
    event.type,
    event.entity_kind,
    event.entity_id,
    event.actor_kind,
    event.actor_id,
    event.request_id,
    event.before,
    event.after,
    event.occurred_at,
    event.transaction_id,
    false AS archived
FROM events AS event
UNION ALL
SELECT
    event.tenant_id,
    event.id,
    event.type,
    event.entity_kind,
    event.entity_id,
    event.actor_kind,
    event.actor_id,
    event.request_id,
    event.before,
    event.after,
    event.occurred_at,
    event.transaction_id,
    true AS archived
FROM archived_events AS event;

COMMENT ON VIEW every_event IS
'What seals and proofs read: they hold for archived events as for the others.';

GRANT SELECT ON every_event TO berth_jobs, berth_readonly;

CREATE VIEW event_partitions WITH (security_invoker = true) AS
SELECT
    partition.oid::regclass AS name,
    inherited.inhparent = 'archived_events'::regclass AS archived,
    substring(bounds.text FROM 'FROM \(''([0-9a-f-]+)''\)')::uuid AS from_id,
    substring(bounds.text FROM 'TO \(''([0-9a-f-]+)''\)')::uuid AS until_id
FROM pg_inherits AS inherited
INNER JOIN pg_class AS partition ON inherited.inhrelid = partition.oid
CROSS JOIN LATERAL (SELECT pg_get_expr(partition.relpartbound, partition.oid) AS text) AS bounds
WHERE inherited.inhparent IN ('events'::regclass, 'archived_events'::regclass);

COMMENT ON VIEW event_partitions IS
'Which ids each partition holds: from_id and later, before until_id. NULL: open at that end.';

GRANT SELECT ON event_partitions TO berth_jobs, berth_readonly;

CREATE FUNCTION first_id_at(instant timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (lpad(to_hex((extract(EPOCH FROM instant) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid;

COMMENT ON FUNCTION first_id_at(timestamptz) IS
'What no UUIDv7 (RFC 9562) that was made at that millisecond or later is less than.';

-- Ids are made by the functions' own clock, so months are those of the server's own too, whatever clock_now() says.
CREATE FUNCTION make_event_partition() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET timezone = 'UTC'
-- Whoever writes events queues behind a lock that waits: so it waits for a moment only, and the job comes again.
SET lock_timeout = '100ms'
AS $$
DECLARE
    this_month timestamptz := date_trunc('month', statement_timestamp());
    month timestamptz := this_month + interval '1 month';
    ending record;
    first_id uuid;
    bounds text;
    following text;
BEGIN
    PERFORM pg_advisory_xact_lock('events'::regclass::bigint);
    SELECT * INTO STRICT ending FROM event_partitions WHERE until_id IS NULL AND NOT archived;
    -- A job that was late ends at the end of this month what was open for long: months together, and no row moves.
    WHILE first_id_at(month) <= ending.from_id LOOP
        month := month + interval '1 month';
    END LOOP;
    IF month > this_month + interval '3 months' THEN
        RETURN false;
    END IF;
    first_id := first_id_at(month);
    bounds := concat_ws(' AND ', 'id >= ' || quote_literal(ending.from_id), 'id < ' || quote_literal(first_id));
    following := 'events_' || to_char(month, 'YYYY_MM');

    EXECUTE format('CREATE TABLE %I (LIKE events INCLUDING ALL)', following);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', following);
    EXECUTE format(
        'CREATE POLICY tenant_only ON %I USING (tenant_id = (SELECT current_tenant_id()))'
        ' WITH CHECK (tenant_id = (SELECT current_tenant_id()))', following
    );
    EXECUTE format(
        'CREATE TRIGGER events_are_never_emptied BEFORE TRUNCATE ON %I'
        ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', following
    );

    -- From here to the end of the transaction nobody else reads or writes. To detach and to attach takes both of these
    -- locks: asked for at once, they are waited for in one place, where nothing is held yet.
    LOCK TABLE tenants, ONLY events IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('ALTER TABLE events DETACH PARTITION %s', ending.name);
    BEGIN
        -- It saves another look at all rows when the partition is put back, and one when it is archived.
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT ids_of_its_months CHECK (%s)', ending.name, bounds);
    EXCEPTION WHEN check_violation THEN
        -- Ids of a clock that is ahead, or of another kind. Row security would hide them from their owner.
        EXECUTE format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', ending.name);
        EXECUTE format(
            'WITH moved AS (DELETE FROM %s WHERE id >= %L RETURNING *) INSERT INTO %I SELECT * FROM moved',
            ending.name, first_id, following
        );
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', ending.name);
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT ids_of_its_months CHECK (%s)', ending.name, bounds);
    END;
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', following);
    EXECUTE format(
        'ALTER TABLE events ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%L)',
        ending.name, coalesce(quote_literal(ending.from_id), 'MINVALUE'), first_id
    );
    EXECUTE format('ALTER TABLE events ATTACH PARTITION %I FOR VALUES FROM (%L) TO (MAXVALUE)', following, first_id);
    RETURN true;
END
$$;

COMMENT ON FUNCTION make_event_partition() IS
'Ends the open partition with a month and opens the next; false: this month and the next two have theirs.';

CREATE FUNCTION archive_event_partition(keep_months integer, waiting_id uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp
SET timezone = 'UTC'
SET lock_timeout = '100ms'
AS $$
DECLARE
    oldest record;
BEGIN
    IF keep_months < 1 THEN
        RAISE EXCEPTION 'keep_months is %; it must be at least 1', keep_months USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM pg_advisory_xact_lock('events'::regclass::bigint);
    SELECT * INTO oldest
    FROM event_partitions
    WHERE
        NOT archived
        AND until_id <= first_id_at(date_trunc('month', statement_timestamp()) - make_interval(months => keep_months))
        AND (waiting_id IS NULL OR until_id <= waiting_id)
    ORDER BY until_id
    LIMIT 1;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    LOCK TABLE tenants, ONLY events IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('ALTER TABLE events DETACH PARTITION %s', oldest.name);
    EXECUTE format(
        'ALTER TABLE archived_events ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%L)',
        oldest.name, coalesce(quote_literal(oldest.from_id), 'MINVALUE'), oldest.until_id
    );
    RETURN true;
END
$$;

COMMENT ON FUNCTION archive_event_partition(integer, uuid) IS
'Takes the oldest month out of events when it ended more than so many months ago and before the event that still waits
to be delivered. False: there is none.';

REVOKE ALL ON FUNCTION make_event_partition(), archive_event_partition(integer, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_event_partition(), archive_event_partition(integer, uuid) TO berth_jobs;

-- Deliveries are not kept by month (ADR 12): what is over is removed row by row, and is found by this.
CREATE INDEX deliveries_settled ON deliveries (settled_at) WHERE outcome != 'dead';
