-- Who works for the tenant, and who was invited to.

-- name: list_members
SELECT
    account.id,
    account.email,
    account.name,
    membership.role,
    ARRAY(
        SELECT own.resource_id
        FROM membership_resources AS own
        WHERE own.tenant_id = membership.tenant_id AND own.user_id = membership.user_id
        ORDER BY own.resource_id
    ) AS resource_ids,
    membership.version,
    membership.created_at,
    membership.updated_at
FROM memberships AS membership
INNER JOIN users AS account ON membership.user_id = account.id
WHERE
    membership.tenant_id = current_tenant_id()
    AND (%(user_id)s::uuid IS NULL OR account.id = %(user_id)s)
    AND (%(after)s::text IS NULL OR account.email > %(after)s)
ORDER BY account.email
LIMIT %(limit)s;

-- name: lock_owners
-- Anyone who takes an owner away waits for whoever takes another one away at the same moment.
SELECT membership.user_id
FROM memberships AS membership
WHERE membership.tenant_id = current_tenant_id() AND membership.role = 'owner'
ORDER BY membership.user_id
FOR UPDATE;

-- name: hold_owner
-- Who lets others in is an owner until the COMMIT: whoever takes that away waits, and then finds what they made.
SELECT membership.user_id
FROM memberships AS membership
WHERE
    membership.tenant_id = current_tenant_id()
    AND membership.user_id = %(user_id)s
    AND membership.role = 'owner'
FOR SHARE;

-- name: add_member
INSERT INTO memberships (tenant_id, user_id, role, created_at, updated_at)
VALUES (current_tenant_id(), %(user_id)s, %(role)s, clock_now(), clock_now())
ON CONFLICT (tenant_id, user_id) DO NOTHING;

-- name: change_member
UPDATE memberships SET
    role = %(role)s,
    version = version + 1,
    updated_at = clock_now()
WHERE tenant_id = current_tenant_id() AND user_id = %(user_id)s AND version = %(version)s;

-- name: remove_member
DELETE FROM memberships
WHERE tenant_id = current_tenant_id() AND user_id = %(user_id)s AND version = %(version)s;

-- name: give_resources
INSERT INTO membership_resources (tenant_id, user_id, resource_id)
SELECT
    current_tenant_id(),
    %(user_id)s,
    own.resource_id
FROM unnest(%(resource_ids)s::uuid[]) AS own (resource_id);

-- name: take_resources
DELETE FROM membership_resources
WHERE tenant_id = current_tenant_id() AND user_id = %(user_id)s;

-- name: count_resources
SELECT count(*) AS resources
FROM resources AS resource
WHERE resource.tenant_id = current_tenant_id() AND resource.id = ANY(%(resource_ids)s::uuid[]);

-- name: is_member
SELECT 1 AS found
FROM memberships AS membership
INNER JOIN users AS account ON membership.user_id = account.id
WHERE membership.tenant_id = current_tenant_id() AND account.email = %(email)s;

-- name: add_invitation
INSERT INTO invitations (
    tenant_id, id, email, role, resource_ids, token_hash, invited_by, created_at, expires_at
)
VALUES (
    current_tenant_id(), %(id)s, %(email)s, %(role)s, %(resource_ids)s, %(token_hash)s, %(invited_by)s, clock_now(),
    clock_now() + %(lifetime)s
)
RETURNING created_at, expires_at;

-- name: mark_invitation_sent
UPDATE invitations SET sent_at = clock_now()
WHERE tenant_id = current_tenant_id() AND id = %(id)s;

-- name: owner_was_written_to
SELECT count(*) > 0 AS was
FROM invitations AS invitation
WHERE
    invitation.tenant_id = current_tenant_id()
    AND invitation.role = 'owner'
    AND invitation.sent_at IS NOT NULL;

-- name: list_invitations
SELECT
    invitation.id,
    invitation.email,
    invitation.role,
    invitation.resource_ids,
    invitation.created_at,
    invitation.expires_at
FROM invitations AS invitation
WHERE
    invitation.tenant_id = current_tenant_id()
    AND invitation.accepted_at IS NULL
    AND invitation.revoked_at IS NULL
    AND invitation.expires_at > clock_now()
    AND (
        %(before_at)s::timestamptz IS NULL
        OR (invitation.created_at, invitation.id) < (%(before_at)s, %(before_id)s::uuid)
    )
ORDER BY invitation.created_at DESC, invitation.id DESC
LIMIT %(limit)s;

-- name: find_invitation
SELECT
    invitation.id,
    invitation.email,
    invitation.role,
    invitation.resource_ids,
    invitation.created_at,
    invitation.expires_at
FROM invitations AS invitation
WHERE
    invitation.tenant_id = current_tenant_id()
    AND (invitation.token_hash = %(token_hash)s::bytea OR invitation.id = %(id)s::uuid)
    AND invitation.accepted_at IS NULL
    AND invitation.revoked_at IS NULL
    AND invitation.expires_at > clock_now();

-- name: accept_invitation
UPDATE invitations SET accepted_at = clock_now()
WHERE
    tenant_id = current_tenant_id()
    AND id = %(id)s
    AND accepted_at IS NULL
    AND revoked_at IS NULL
    AND expires_at > clock_now();

-- name: revoke_invitation
UPDATE invitations SET revoked_at = clock_now()
WHERE
    tenant_id = current_tenant_id()
    AND id = %(id)s
    AND accepted_at IS NULL
    AND revoked_at IS NULL;

-- name: revoke_invitations_of
-- All that somebody sent and that could still be accepted, as they may invite nobody any more.
UPDATE invitations SET revoked_at = clock_now()
WHERE
    tenant_id = current_tenant_id()
    AND invited_by = %(user_id)s
    AND accepted_at IS NULL
    AND revoked_at IS NULL
RETURNING id, email, expires_at > clock_now() AS was_open;

-- name: add_user
INSERT INTO users (id, email, name, password_hash, created_at, updated_at)
VALUES (%(id)s, %(email)s, %(name)s, %(password_hash)s, clock_now(), clock_now());

-- name: addresses_of_owners
SELECT account.email
FROM memberships AS membership
INNER JOIN users AS account ON membership.user_id = account.id
WHERE membership.tenant_id = current_tenant_id() AND membership.role = 'owner'
ORDER BY membership.user_id
LIMIT %(limit)s;

-- name: names_of
SELECT
    account.id,
    account.name
FROM users AS account
WHERE account.id = ANY(%(user_ids)s::uuid[]);
