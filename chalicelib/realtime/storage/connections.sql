-- WebSocket connections and the tickets they begin with.

-- name: add_ticket
INSERT INTO connection_tickets (tenant_id, secret_hash, user_id, session_id, reservation_id, api_key_id, expires_at)
VALUES (
    current_tenant_id(),
    %(secret_hash)s,
    %(user_id)s,
    %(session_id)s,
    %(reservation_id)s,
    %(api_key_id)s,
    clock_now() + %(lifetime)s::interval
)
RETURNING expires_at;

-- name: use_ticket
-- Anyone who deletes it has used it: no one else can.
DELETE FROM connection_tickets
WHERE tenant_id = current_tenant_id() AND secret_hash = %(secret_hash)s AND expires_at > clock_now()
RETURNING user_id, session_id, reservation_id, api_key_id;

-- name: count_visitors
SELECT count(*) AS visitors
FROM connections
WHERE tenant_id = current_tenant_id() AND user_id IS NULL AND reservation_id IS NULL AND api_key_id IS NULL;

-- name: let_one_connect
-- Anonymous callers begin their connections one after the other, so that each is counted by the next.
SELECT pg_advisory_xact_lock(hashtextextended('connections of ' || current_tenant_id(), 0));

-- name: add_connection
-- Of anonymous callers only where they have their share not yet: no row otherwise.
WITH present AS (
    SELECT
        count(*) FILTER (WHERE connection.reservation_id IS NULL) AS visitors,
        count(*) FILTER (WHERE connection.network_hash = %(network_hash)s) AS from_network,
        count(*) FILTER (WHERE connection.reservation_id = %(reservation_id)s) AS of_reservation
    FROM connections AS connection
    WHERE
        %(anonymous)s
        AND connection.tenant_id = current_tenant_id()
        AND connection.user_id IS NULL
        AND connection.api_key_id IS NULL
)

INSERT INTO connections (
    id, tenant_id, role, user_id, session_id, name, resource_ids, reservation_id, api_key_id, network_hash,
    connected_at, last_seen_at, counted_from
)
SELECT
    %(id)s,
    current_tenant_id(),
    %(role)s,
    %(user_id)s,
    %(session_id)s,
    coalesce(
        (
            SELECT account.name
            FROM users AS account
            WHERE account.id = %(user_id)s
        ),
        ''
    ),
    %(resource_ids)s,
    %(reservation_id)s,
    %(api_key_id)s,
    %(network_hash)s,
    clock_now(),
    clock_now(),
    clock_now()
FROM present
WHERE
    present.from_network < %(most_from_network)s
    AND present.of_reservation < %(most_of_reservation)s
    AND (%(reservation_id)s::uuid IS NOT NULL OR present.visitors < %(most_visitors)s);

-- name: touch_connection
-- A message came: it is alive, and the message counts.
UPDATE connections AS connection
SET
    last_seen_at = clock_now(),
    counted_from = CASE
        WHEN connection.counted_from <= clock_now() - %(window)s::interval THEN clock_now()
        ELSE connection.counted_from
    END,
    messages = CASE
        WHEN connection.counted_from <= clock_now() - %(window)s::interval THEN 1
        ELSE connection.messages + 1
    END
FROM tenants AS tenant
WHERE connection.id = current_connection_id() AND connection.tenant_id = tenant.id
RETURNING
    connection.id,
    tenant.slug AS tenant,
    connection.role,
    connection.user_id,
    connection.session_id,
    connection.name,
    connection.resource_ids,
    connection.reservation_id,
    connection.api_key_id,
    connection.topics,
    connection.messages,
    tenant.suspended_reason;

-- name: find_connection
SELECT
    connection.id,
    tenant.slug AS tenant,
    connection.role,
    connection.user_id,
    connection.session_id,
    connection.name,
    connection.resource_ids,
    connection.reservation_id,
    connection.api_key_id,
    connection.topics,
    connection.messages
FROM connections AS connection
INNER JOIN tenants AS tenant ON connection.tenant_id = tenant.id
WHERE connection.id = current_connection_id();

-- name: change_topics
-- In one statement: two messages of a connection may be worked on at once.
UPDATE connections
SET
    topics = ARRAY(
        SELECT DISTINCT topic.text
        FROM unnest(topics || %(added)s::text[]) AS topic (text)
        WHERE topic.text <> ALL(%(removed)s::text[])
        ORDER BY topic.text
    )
WHERE tenant_id = current_tenant_id() AND id = %(id)s
RETURNING topics;

-- name: remove_connections
DELETE FROM connections
WHERE tenant_id = current_tenant_id() AND id = ANY(%(ids)s);

-- name: recipients
-- Who asked for one of these topics, or for a part of the calendar, whose days the caller compares. Asked by scheduled
-- functions, which see sessions: whoever was signed out or works here no more is told nothing, from that moment on.
SELECT
    connection.id,
    tenant.slug AS tenant,
    connection.role,
    connection.user_id,
    connection.session_id,
    connection.name,
    connection.resource_ids,
    connection.reservation_id,
    connection.api_key_id,
    connection.topics,
    connection.messages
FROM connections AS connection
INNER JOIN tenants AS tenant ON connection.tenant_id = tenant.id
LEFT JOIN sessions AS session
    ON
        connection.session_id = session.id
        AND session.revoked_at IS NULL
        AND session.expires_at > clock_now()
LEFT JOIN memberships AS membership
    ON
        connection.tenant_id = membership.tenant_id
        AND connection.user_id = membership.user_id
        AND connection.role = membership.role
LEFT JOIN api_keys AS key
    ON
        connection.tenant_id = key.tenant_id
        AND connection.api_key_id = key.id
        AND key.revoked_at IS NULL
        AND (key.expires_at IS NULL OR key.expires_at > clock_now())
WHERE
    connection.tenant_id = current_tenant_id()
    AND (connection.user_id IS NULL OR (session.id IS NOT NULL AND membership.user_id IS NOT NULL))
    AND (connection.api_key_id IS NULL OR key.id IS NOT NULL)
    AND (
        connection.topics && %(topics)s::text[]
        OR (
            %(calendars)s
            AND EXISTS (
                SELECT
                FROM unnest(connection.topics) AS topic (text)
                WHERE topic.text LIKE 'calendar:%%'
            )
        )
    )
ORDER BY connection.id;

-- name: viewers
-- Anyone who was signed out or works here no more is not shown, and not told who is, from that moment on.
SELECT
    connection.id,
    tenant.slug AS tenant,
    connection.role,
    connection.user_id,
    connection.session_id,
    connection.name,
    connection.resource_ids,
    connection.reservation_id,
    connection.api_key_id,
    connection.topics,
    connection.messages
FROM connections AS connection
INNER JOIN tenants AS tenant ON connection.tenant_id = tenant.id
INNER JOIN memberships AS membership
    ON
        connection.tenant_id = membership.tenant_id
        AND connection.user_id = membership.user_id
        AND connection.role = membership.role
WHERE
    connection.tenant_id = current_tenant_id()
    AND connection.topics @> ARRAY[%(topic)s::text]
    AND session_lasts(connection.session_id)
ORDER BY connection.connected_at, connection.id;

-- name: tenants_with_connections
SELECT DISTINCT connection.tenant_id
FROM connections AS connection
WHERE connection.tenant_id = ANY(%(tenant_ids)s);

-- name: mute_connections_of_user
-- What somebody may see here has changed: they are told nothing more until their connections are closed and they begin
-- again. What they ask for meanwhile is refused, as their access is not what it was.
UPDATE connections
SET topics = '{}'
WHERE
    tenant_id = current_tenant_id()
    AND user_id = %(user_id)s
    AND (%(only)s::text[] IS NULL OR id = ANY(%(only)s))
RETURNING id;

-- name: signed_out_connections
-- The user's own, of every tenant, whose sessions have ended.
SELECT connection.id
FROM connections AS connection
WHERE
    connection.user_id = current_user_id()
    AND NOT EXISTS (
        SELECT
        FROM sessions AS session
        WHERE
            session.id = connection.session_id
            AND session.revoked_at IS NULL
            AND session.expires_at > clock_now()
    );

-- name: lapsed_connections
-- For the scheduled function: those that nothing was heard of for too long, and those whose session has ended or whose
-- user does not work for the tenant any more, or not as what they were; all of a suspended tenant.
SELECT connection.id
FROM connections AS connection
INNER JOIN tenants AS tenant ON connection.tenant_id = tenant.id
LEFT JOIN sessions AS session
    ON
        connection.session_id = session.id
        AND session.revoked_at IS NULL
        AND session.expires_at > clock_now()
LEFT JOIN memberships AS membership
    ON
        connection.tenant_id = membership.tenant_id
        AND connection.user_id = membership.user_id
        AND connection.role = membership.role
LEFT JOIN api_keys AS key
    ON
        connection.tenant_id = key.tenant_id
        AND connection.api_key_id = key.id
        AND key.revoked_at IS NULL
        AND (key.expires_at IS NULL OR key.expires_at > clock_now())
WHERE
    NOT connection.id = ANY(%(resting)s::text[])
    AND (
        connection.last_seen_at < clock_now() - %(silence)s::interval
        OR tenant.suspended_reason IS NOT NULL
        OR (connection.user_id IS NOT NULL AND (session.id IS NULL OR membership.user_id IS NULL))
        OR (connection.api_key_id IS NOT NULL AND key.id IS NULL)
    )
ORDER BY connection.last_seen_at
LIMIT %(limit)s;

-- name: remove_lapsed
WITH removed AS (
    DELETE FROM connections
    WHERE id = ANY(%(ids)s)
    RETURNING id
)

UPDATE edit_locks AS lock
SET connection_id = NULL, expires_at = least(lock.expires_at, clock_now() + %(grace)s::interval)
FROM removed
WHERE lock.connection_id = removed.id;
