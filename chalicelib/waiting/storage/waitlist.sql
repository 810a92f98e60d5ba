-- Who waits for something that is taken; see waiting/offer_waitlist_places.py.

-- name: add_entry
WITH known AS (
    SELECT guest.id
    FROM guests AS guest
    WHERE
        guest.tenant_id = current_tenant_id()
        AND guest.email = %(guest_email)s
        AND guest.name = %(guest_name)s
        AND guest.phone IS NOT DISTINCT FROM %(guest_phone)s
    ORDER BY guest.id
    LIMIT 1
),

added AS (
    INSERT INTO guests (id, tenant_id, name, email, phone, created_at)
    SELECT
        %(guest_id)s,
        current_tenant_id(),
        %(guest_name)s,
        %(guest_email)s,
        %(guest_phone)s,
        %(joined_at)s
    WHERE NOT EXISTS (SELECT 1 FROM known)
)

INSERT INTO waitlist_entries (
    id, tenant_id, resource_id, guest_id, state, starts_at, ends_at, check_in_on, check_out_on, quantity, party_size,
    notes, joined_at
)
VALUES (
    %(id)s, current_tenant_id(), %(resource_id)s, coalesce((SELECT known.id FROM known), %(guest_id)s), 'waiting',
    %(starts_at)s, %(ends_at)s, %(check_in_on)s, %(check_out_on)s, %(quantity)s, %(party_size)s, %(notes)s,
    %(joined_at)s
);

-- name: read_entries
SELECT
    entry.id,
    entry.resource_id,
    entry.state,
    entry.starts_at,
    entry.ends_at,
    entry.check_in_on,
    entry.check_out_on,
    entry.quantity,
    entry.party_size,
    entry.notes,
    entry.joined_at,
    entry.decided_at,
    guest.id AS guest_id,
    guest.name AS guest_name,
    guest.email AS guest_email,
    guest.phone AS guest_phone,
    CASE
        WHEN entry.state = 'waiting' THEN (
            SELECT count(*)::integer
            FROM waitlist_entries AS before
            WHERE
                before.tenant_id = entry.tenant_id
                AND before.resource_id = entry.resource_id
                AND before.state = 'waiting'
                AND (before.joined_at, before.id) <= (entry.joined_at, entry.id)
        )
    END AS place
FROM waitlist_entries AS entry
INNER JOIN guests AS guest
    ON entry.tenant_id = guest.tenant_id AND entry.guest_id = guest.id
WHERE
    entry.tenant_id = current_tenant_id()
    AND (%(id)s::uuid IS NULL OR entry.id = %(id)s)
    AND (%(resource_id)s::uuid IS NULL OR entry.resource_id = %(resource_id)s)
    AND (%(guest_ids)s::uuid[] IS NULL OR entry.guest_id = ANY(%(guest_ids)s))
    AND (%(states)s::text[] IS NULL OR entry.state = ANY(%(states)s))
    AND (%(from)s::timestamptz IS NULL OR entry.ends_at > %(from)s)
    AND (%(until)s::timestamptz IS NULL OR entry.starts_at < %(until)s)
    AND (
        %(after_at)s::timestamptz IS NULL
        OR (entry.joined_at, entry.id) > (%(after_at)s, %(after_id)s::uuid)
    )
ORDER BY entry.joined_at, entry.id
LIMIT %(limit)s;

-- name: count_waiting
SELECT
    count(*) AS resource,
    count(*) FILTER (WHERE guest.email = %(email)s) AS guest
FROM waitlist_entries AS entry
INNER JOIN guests AS guest
    ON entry.tenant_id = guest.tenant_id AND entry.guest_id = guest.id
WHERE
    entry.tenant_id = current_tenant_id()
    AND entry.resource_id = %(resource_id)s
    AND entry.state = 'waiting';

-- name: decide_entry
UPDATE waitlist_entries
SET
    state = %(state)s,
    decided_at = CASE WHEN %(state)s != 'offered' THEN %(now)s::timestamptz END
WHERE tenant_id = current_tenant_id() AND id = %(id)s AND state = %(before)s;

-- name: where_somebody_waits
SELECT DISTINCT
    tenant.slug,
    entry.resource_id
FROM waitlist_entries AS entry
INNER JOIN tenants AS tenant ON entry.tenant_id = tenant.id
WHERE entry.state = 'waiting' AND tenant.suspended_reason IS NULL
ORDER BY tenant.slug, entry.resource_id;

-- name: lock_queue
-- One at a time offers places of a resource: two would take units in different orders and end in a deadlock.
SELECT entry.id
FROM waitlist_entries AS entry
WHERE
    entry.tenant_id = current_tenant_id()
    AND entry.resource_id = %(resource_id)s
    AND entry.state = 'waiting'
ORDER BY entry.joined_at, entry.id
FOR NO KEY UPDATE;
