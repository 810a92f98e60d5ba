"""Who works for a tenant: members, invitations, and the keys of other systems."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.api.identifiers import identifier
from chalicelib.api.pages import CursorError, cursor_after, cursor_at, link_to_next, place_of, position_of
from chalicelib.api.schemas.lists import PageQuery
from chalicelib.api.schemas.members import (
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
from chalicelib.domain import errors
from chalicelib.domain.people import MANAGERS, OWNERS, Role
from chalicelib.services import invite_members, manage_api_keys, manage_members

if TYPE_CHECKING:
    from chalicelib.services.idempotency import Outcome
    from chalicelib.storage.idempotency import Answer
    from chalicelib.storage.members import Invitation

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
    """List who works for the tenant, by e-mail address."""
    after = position_of(call.query.cursor)
    found, last = manage_members.list_members(call.database, call.tenant, after and after[1], call.query.limit)
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
    """Read who somebody is here."""
    found = manage_members.read_member(call.database, call.tenant, identifier(call, "member"))
    return Reply(member_body(found), version=found.version)


@endpoint(
    blueprint,
    "PATCH",
    MEMBERS + "/{member}",
    roles=OWNERS,
    tag="members",
    body=ChangeMember,
    response=ChangedMember,
    errors=[errors.NotFoundError, errors.ConflictError, errors.VersionMismatchError],
    needs_version=True,
)
def change_member(call: Call[ChangeMember, NoBody]) -> Reply:
    """Give a member another role, and a host other resources. The last owner stays one.

    API keys that an owner made and invitations that they sent end when they are no owner any more; the answer lists
    them.
    """
    changed, revoked = manage_members.change_member(
        call.database,
        call.tenant,
        identifier(call, "member"),
        call.actor,
        call.body.role,
        call.body.resource_ids,
        call.if_match,
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
)
def remove_member(call: Call[NoBody, NoBody]) -> Reply:
    """End a membership, at once: it is looked up at every request. The last owner stays one.

    API keys that the member made and invitations that they sent end with it; the answer lists them.
    """
    revoked = manage_members.remove_member(call.database, call.tenant, identifier(call, "member"), call.actor)
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
    """Invite somebody by e-mail. The letter's link works once, for a week."""
    return invite_members.invite_member(
        call.database,
        call.tenant,
        call.actor,
        call.body.email,
        call.body.role,
        call.body.resource_ids,
        call.container.config.public_url,
        call.container.mail.send,
        call.claim,
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
    """List who was invited and has not answered, the latest first."""
    before = place_of(call.query.cursor)
    found, more = invite_members.list_invitations(call.database, call.tenant, before, call.query.limit)
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
    """Send another letter, which works for a week from now. It is a new invitation; the old letter is of no use."""
    return invite_members.resend_invitation(
        call.database,
        call.tenant,
        identifier(call, "invitation"),
        call.actor,
        call.container.config.public_url,
        call.container.mail.send,
        call.claim,
        _invited,
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
    """Take an invitation back: its letter is of no use any more."""
    invite_members.revoke_invitation(call.database, call.tenant, identifier(call, "invitation"), call.actor)
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
    """Accept an invitation with the token of its letter.

    Somebody new gives a name and a password and can sign in from then on. Who has an account for that address proves
    it by being signed in.
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
    """Make a key for another system. It is shown in this answer only, and not when the answer is repeated."""
    assert call.caller.id is not None  # noqa: S101 - only owners get here
    return manage_api_keys.create_api_key(
        call.database,
        call.tenant,
        call.actor,
        UUID(call.caller.id),
        call.body.name,
        set(call.body.scopes),
        call.body.expires_at,
        call.claim,
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
    """List the keys that were not revoked, the latest first, with their last use."""
    before = place_of(call.query.cursor)
    found, more = manage_api_keys.list_api_keys(call.database, call.tenant, before, call.query.limit)
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
    """End a key, at once."""
    manage_api_keys.revoke_api_key(call.database, call.tenant, identifier(call, "api_key"), call.actor)
    return Reply("", 204)


def _invited(invitation: Invitation) -> Answer:
    return render(Reply(invitation_body(invitation), 201))
