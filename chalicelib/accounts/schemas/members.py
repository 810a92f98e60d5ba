"""Who works for a tenant, and its API keys, as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chalicelib.access.model.people import Role, Scope
from chalicelib.accounts.schemas.sign_in import Password, Token
from chalicelib.http.schema import Schema
from chalicelib.http.texts import ONE_LINE, Email, Id, Name, NextCursor, Version
from chalicelib.http.times import CreatedAt, Instant, UpdatedAt

if TYPE_CHECKING:
    from chalicelib.accounts.manage_members import Revoked
    from chalicelib.accounts.model.accounts import ApiKey, Invitation, Member

MemberRole = Literal[Role.OWNER, Role.MANAGER, Role.AGENT, Role.VIEWER, Role.HOST]
ResourceIds = Annotated[
    list[UUID], Field(max_length=200, description="Resources that a host works with; no other role has any.")
]
KeyName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), ONE_LINE]


class MemberBody(Schema):
    """A user who works for the tenant."""

    id: UUID = Field(
        description="Id of the user, by which addresses name the member.",
        examples=["0192f0c4-9d30-7d51-b6a2-51c07f6e2d13"],
    )
    email: str = Field(description="Email address that the user signs in with.", examples=["grace@example.org"])
    name: str = Field(description="Name of the user, as they gave it.", examples=["Grace Hopper"])
    role: Role = Field(
        description="`owner`, `manager`, `agent`, `viewer` or `host`: what the user may do at the tenant.",
        examples=["agent"],
    )
    resource_ids: list[UUID] = Field(
        description="Resources that a host works with; empty for all other roles.", examples=[[]]
    )
    version: Version
    created_at: datetime = Field(description="When the user became a member (UTC).")
    updated_at: UpdatedAt


class RevokedKeyBody(Schema):
    """An API key that ended because its creator is no owner any more."""

    id: Id
    name: str = Field(description="What the key was for.", examples=["Channel manager"])
    prefix: str = Field(description="How the key begins after `berth_`.", examples=["4fK9xQ2m"])


class RevokedInvitationBody(Schema):
    """An invitation that ended because its sender is no owner any more."""

    id: Id
    email: str = Field(description="Where the invitation was sent.", examples=["alan@example.org"])


class RevokedBody(Schema):
    """API keys and invitations of a user that ended with their role as an owner."""

    api_keys: list[RevokedKeyBody] = Field(description="API keys that the user had created.")
    invitations: list[RevokedInvitationBody] = Field(description="Invitations that the user had sent.")


class RemovedMember(Schema):
    """What ended with a membership."""

    revoked: RevokedBody = Field(description="What ended with the membership.")


class ChangedMember(MemberBody):
    """A member after the change, and what ended because of it."""

    revoked: RevokedBody = Field(description="What ended because the user is no owner any more; empty otherwise.")


class MemberList(Schema):
    """A page of members."""

    items: list[MemberBody] = Field(description="The members of this page, by email address.")
    next_cursor: NextCursor


class ChangeMember(Schema, extra="forbid", json_schema_extra={"examples": [{"role": "agent"}]}):
    """The new role of a member."""

    role: MemberRole = Field(
        description="`owner`, `manager`, `agent`, `viewer` or `host`: what the user may do at the tenant."
    )
    resource_ids: ResourceIds = Field(
        default=[], description="Resources that a host works with; no other role has any."
    )


class InviteMember(
    Schema, extra="forbid", json_schema_extra={"examples": [{"email": "grace@example.org", "role": "agent"}]}
):
    """Whom to invite, and in which role."""

    email: Email = Field(description="Where the invitation goes; the user signs in with this address.")
    role: MemberRole = Field(
        description="`owner`, `manager`, `agent`, `viewer` or `host`: what the user may do at the tenant."
    )
    resource_ids: ResourceIds = Field(
        default=[], description="Resources that a host works with; no other role has any."
    )


class InvitationBody(Schema):
    """An invitation that has not been accepted yet."""

    id: Id
    email: str = Field(description="Where the invitation was sent.", examples=["grace@example.org"])
    role: Role = Field(
        description="`owner`, `manager`, `agent`, `viewer` or `host`: what the user may do at the tenant.",
        examples=["agent"],
    )
    resource_ids: list[UUID] = Field(
        description="Resources that a host will work with; empty for all other roles.", examples=[[]]
    )
    created_at: datetime = Field(description="When the invitation was sent (UTC).")
    expires_at: datetime = Field(description="Until when its link works (UTC).")


class InvitationList(Schema):
    """A page of invitations."""

    items: list[InvitationBody] = Field(description="The invitations of this page, the latest first.")
    next_cursor: NextCursor


class AcceptInvitation(
    Schema,
    extra="forbid",
    json_schema_extra={
        "examples": [{"token": "pine-cabins.x7Jq…", "name": "Grace Hopper", "password": "correct horse battery"}]
    },
):
    """The token of an invitation, with name and password of a new user.

    Users who have an account sign in with it and send neither name nor password.
    """

    token: Token = Field(description="What the link of the email has after `#`.")
    name: Name | None = Field(default=None, description="Name of a new user; left out by users who have an account.")
    password: Password | None = Field(
        None, description="Password of a new user; left out by users who have an account."
    )


class Accepted(Schema):
    """The membership that an accepted invitation made."""

    tenant: str = Field(description="Slug of the tenant that the user works for now.", examples=["pine-cabins"])
    role: Role = Field(
        description="`owner`, `manager`, `agent`, `viewer` or `host`: what the user may do at the tenant.",
        examples=["agent"],
    )


class CreateApiKey(
    Schema,
    extra="forbid",
    json_schema_extra={"examples": [{"name": "Channel manager", "scopes": ["reservations:read"]}]},
):
    """A key to create."""

    name: KeyName = Field(description="What the key is for, so that it is recognized later.")
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))] = Field(
        description="What the key may be used for; give it no more than it needs."
    )
    expires_at: Instant | None = Field(
        default=None, description="When the key ends by itself. Left out: when it is revoked."
    )


class ApiKeyBody(Schema):
    """An API key without its secret."""

    id: Id
    name: str = Field(description="What the key is for.", examples=["Channel manager"])
    prefix: str = Field(description="How the key begins after `berth_`, to recognize it.", examples=["4fK9xQ2m"])
    scopes: list[Scope] = Field(description="What the key may be used for.", examples=[["reservations:read"]])
    created_at: CreatedAt
    expires_at: datetime | None = Field(
        description="When the key ends by itself (UTC); null: when it is revoked.", examples=[None]
    )
    last_used_at: datetime | None = Field(description="When it was last used (UTC), to the minute; null: never.")
    created_by: UUID | None = Field(
        description="Id of the owner who created it; it ends when they are no owner any more."
    )
    created_by_name: str | None = Field(
        description="Name of that owner; null where they do not work for the tenant any more.",
        examples=["Grace Hopper"],
    )


class NewApiKeyBody(ApiKeyBody):
    """An API key that was just created, with its secret."""

    key: str | None = Field(
        description="The key itself, shown in this answer alone: only its hash is stored. Null where the answer is "
        "repeated under its Idempotency-Key; if the first answer was lost, revoke the key and create another.",
        examples=["berth_4fK9xQ2mW7tYb3"],
    )


class ApiKeyList(Schema):
    """API keys that were not revoked."""

    items: list[ApiKeyBody] = Field(description="The keys of this page, the latest first.")
    next_cursor: NextCursor


def member_body(member: Member) -> MemberBody:
    """The public form of a member."""
    return MemberBody.model_validate(member, from_attributes=True)


def revoked_body(revoked: Revoked) -> RevokedBody:
    """The public form of what ended with somebody's right."""
    return RevokedBody.model_validate(revoked, from_attributes=True)


def changed_member_body(member: Member, revoked: Revoked) -> ChangedMember:
    """The public form of a member who was changed."""
    return ChangedMember(**member_body(member).model_dump(), revoked=revoked_body(revoked))


def invitation_body(invitation: Invitation) -> InvitationBody:
    """The public form of an invitation."""
    return InvitationBody.model_validate(invitation, from_attributes=True)


def api_key_body(key: ApiKey) -> ApiKeyBody:
    """The public form of a key."""
    return ApiKeyBody.model_validate(key, from_attributes=True)
