"""Who works for a tenant: members, invitations, and the keys of other systems."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from chalice.app import Blueprint

from chalicelib.access.model.people import MANAGERS, OWNERS, Role
from chalicelib.accounts import invite_members, manage_api_keys, manage_members
from chalicelib.accounts.model.accounts import Invitee, NewApiKey
from chalicelib.accounts.schemas.members import (
    Accepted,
    AcceptInvitation,
    ApiKeyList,
    ChangedMember,
    ChangeMember,
    CreateApiKey,
    InvitationBody,
    InvitationList,
    InviteMember,
    MemberBody,
    MemberList,
    NewApiKeyBody,
    RemovedMember,
    api_key_body,
    changed_member_body,
    invitation_body,
    member_body,
    revoked_body,
)
from chalicelib.core import errors
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.http.identifiers import identifier
from chalicelib.http.lists import PageQuery
from chalicelib.http.paging import CursorError, cursor_after, cursor_at, link_to_next, place_of, position_of

if TYPE_CHECKING:
    from chalicelib.accounts.model.accounts import Invitation
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer

blueprint = Blueprint(__name__)
MEMBERS = "/v1/tenants/{tenant}/members"
INVITATIONS = "/v1/tenants/{tenant}/invitations"
KEYS = "/v1/tenants/{tenant}/api-keys"


@endpoint(
    blueprint,
    "GET",
    MEMBERS,
    roles=MANAGERS,
    tag="members",
    query=PageQuery,
    response=MemberList,
    errors=[errors.NotFoundError],
)
def list_members(call: Call[NoBody, PageQuery]) -> Reply:
    """List members.

    Returns the users who work for the tenant, by email address.
    """
    after = position_of(call.query.cursor)
    found, last = manage_members.list_members(call.context, after and after[1], call.query.limit)
    cursor = cursor_after(None if last is None else (0, last))
    body = MemberList(items=[member_body(one) for one in found], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, MEMBERS, cursor))


@endpoint(
    blueprint,
    "GET",
    MEMBERS + "/{member}",
    roles=MANAGERS,
    tag="members",
    response=MemberBody,
    errors=[errors.NotFoundError],
)
def read_member(call: Call[NoBody, NoBody]) -> Reply:
    """Read a member.

    Returns the role of a user at this tenant, and the resources of a host.
    """
    found = manage_members.read_member(call.context, identifier(call, "member"))
    return Reply(member_body(found), version=found.version)


@endpoint(
    blueprint,
    "PATCH",
    MEMBERS + "/{member}",
    roles=OWNERS,
    tag="members",
    body=ChangeMember,
    response=ChangedMember,
    errors=[errors.NotFoundError, errors.ConflictError],
    versioned=True,
)
def change_member(call: Call[ChangeMember, NoBody]) -> Reply:
    """Update a member.

    Gives a member another role, and a host other resources. The last owner cannot become anything else. Members who
    are no longer owners lose the API keys that they created and the invitations that they sent; the answer lists
    them.
    """
    changed, revoked = manage_members.change_member(
        call.context, identifier(call, "member"), call.body.role, call.body.resource_ids
    )
    return Reply(changed_member_body(changed, revoked), version=changed.version)


@endpoint(
    blueprint,
    "DELETE",
    MEMBERS + "/{member}",
    roles=OWNERS,
    tag="members",
    response=RemovedMember,
    errors=[errors.NotFoundError, errors.ConflictError],
    versioned=True,
)
def remove_member(call: Call[NoBody, NoBody]) -> Reply:
    """Remove a member.

    Ends the membership with the next request. The last owner cannot be removed. API keys that the member created
    and invitations that they sent end with it; the answer lists them.
    """
    revoked = manage_members.remove_member(call.context, identifier(call, "member"))
    return Reply(RemovedMember(revoked=revoked_body(revoked)))


@endpoint(
    blueprint,
    "POST",
    INVITATIONS,
    roles=OWNERS,
    tag="members",
    body=InviteMember,
    response=InvitationBody,
    status=201,
    errors=[errors.ConflictError, errors.UnavailableError, errors.NotFoundError],
    idempotent=True,
)
def invite_member(call: Call[InviteMember, NoBody]) -> Outcome:
    """Invite a member.

    Sends an invitation by email, with a role. Its link works once, within a week.
    """
    return invite_members.invite_member(
        call.context,
        Invitee(call.body.email, call.body.role, call.body.resource_ids),
        call.container.mailing,
        _invited,
    )


@endpoint(
    blueprint,
    "GET",
    INVITATIONS,
    roles=OWNERS,
    tag="members",
    query=PageQuery,
    response=InvitationList,
    errors=[errors.NotFoundError, CursorError],
)
def list_invitations(call: Call[NoBody, PageQuery]) -> Reply:
    """List invitations.

    Returns the invitations that can still be accepted, the latest first.
    """
    before = place_of(call.query.cursor)
    found, more = invite_members.list_invitations(call.context, before, call.query.limit)
    cursor = cursor_at(found[-1].created_at, found[-1].id) if more else None
    body = InvitationList(items=[invitation_body(one) for one in found], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, INVITATIONS, cursor))


@endpoint(
    blueprint,
    "POST",
    INVITATIONS + "/{invitation}/resend",
    roles=OWNERS,
    tag="members",
    response=InvitationBody,
    status=201,
    errors=[errors.UnavailableError, errors.NotFoundError],
    idempotent=True,
)
def resend_invitation(call: Call[NoBody, NoBody]) -> Outcome:
    """Resend an invitation.

    Sends another email, whose link works for a week from now. It is a new invitation: the earlier link is invalid.
    """
    return invite_members.resend_invitation(
        call.context, identifier(call, "invitation"), call.container.mailing, _invited
    )


@endpoint(
    blueprint,
    "DELETE",
    INVITATIONS + "/{invitation}",
    roles=OWNERS,
    tag="members",
    response=None,
    status=204,
    errors=[errors.NotFoundError],
)
def revoke_invitation(call: Call[NoBody, NoBody]) -> Reply:
    """Revoke an invitation.

    Invalidates its link at once. To invite the same address again, create another invitation.
    """
    invite_members.revoke_invitation(call.context, identifier(call, "invitation"))
    return Reply("", 204)


@endpoint(
    blueprint,
    "POST",
    "/v1/invitations/accept",
    roles=[Role.ANYONE, Role.SIGNED_IN],
    tag="members",
    body=AcceptInvitation,
    response=Accepted,
    status=201,
    errors=[errors.AuthenticationError, errors.ConflictError],
)
def accept_invitation(call: Call[AcceptInvitation, NoBody]) -> Reply:
    """Accept an invitation.

    Makes the invited user a member, with the `token` of the email's link. New users send a name and a password and
    can sign in from then on. Users who have an account for that address sign in first and send neither.
    """
    acting_for = call.caller.acting.user_id
    newcomer = invite_members.Newcomer(call.body.name, call.body.password, acting_for)
    tenant, role = invite_members.accept_invitation(call.database, call.body.token, newcomer, call.request_id)
    return Reply(Accepted(tenant=tenant, role=role), 201)


@endpoint(
    blueprint,
    "POST",
    KEYS,
    roles=OWNERS,
    tag="members",
    body=CreateApiKey,
    response=NewApiKeyBody,
    status=201,
    errors=[errors.NotFoundError],
    idempotent=True,
    body_limit=4 * 1024,
)
def create_api_key(call: Call[CreateApiKey, NoBody]) -> Outcome:
    """Create an API key.

    Creates a key for another system, with the scopes that it needs. The key is shown in this answer alone: store
    it, it cannot be read again.
    """
    assert call.caller.id is not None  # noqa: S101 - only owners get here
    return manage_api_keys.create_api_key(
        call.context,
        NewApiKey(UUID(call.caller.id), call.body.name, set(call.body.scopes), call.body.expires_at),
        lambda key, text: render(Reply(NewApiKeyBody(**api_key_body(key).model_dump(), key=text), 201)),
    )


@endpoint(
    blueprint,
    "GET",
    KEYS,
    roles=OWNERS,
    tag="members",
    query=PageQuery,
    response=ApiKeyList,
    errors=[errors.NotFoundError, CursorError],
)
def list_api_keys(call: Call[NoBody, PageQuery]) -> Reply:
    """List API keys.

    Returns the keys that were not revoked, the latest first, with their last use. Secrets are never returned.
    """
    before = place_of(call.query.cursor)
    found, more = manage_api_keys.list_api_keys(call.context, before, call.query.limit)
    cursor = cursor_at(found[-1].created_at, found[-1].id) if more else None
    body = ApiKeyList(items=[api_key_body(one) for one in found], next_cursor=cursor)
    return Reply(body, headers=link_to_next(call, KEYS, cursor))


@endpoint(
    blueprint,
    "DELETE",
    KEYS + "/{api_key}",
    roles=OWNERS,
    tag="members",
    response=None,
    status=204,
    errors=[errors.NotFoundError],
)
def revoke_api_key(call: Call[NoBody, NoBody]) -> Reply:
    """Revoke an API key.

    Ends the key at once: the next request with it is answered with 401.
    """
    manage_api_keys.revoke_api_key(call.context, identifier(call, "api_key"))
    return Reply("", 204)


def _invited(invitation: Invitation) -> Answer:
    return render(Reply(invitation_body(invitation), 201))
