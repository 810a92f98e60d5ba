"""Who works for a tenant, and its API keys, as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chalicelib.api.schemas.reservations import Email, Name
from chalicelib.api.schemas.sign_in import Password, Token
from chalicelib.api.schemas.texts import ONE_LINE
from chalicelib.api.schemas.times import Instant
from chalicelib.domain.people import Role, Scope

if TYPE_CHECKING:
    from chalicelib.services.manage_members import Revoked
    from chalicelib.storage.api_keys import ApiKey
    from chalicelib.storage.members import Invitation, Member

MemberRole = Literal[Role.OWNER, Role.MANAGER, Role.AGENT, Role.VIEWER, Role.HOST]
ResourceIds = Annotated[list[UUID], Field(max_length=200, description="What a host works with; nobody else has any.")]
KeyName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), ONE_LINE]


class MemberBody(BaseModel):
    """Somebody who works for the tenant."""

    id: UUID
    email: str
    name: str
    role: Role
    resource_ids: list[UUID]
    version: int
    created_at: datetime
    updated_at: datetime


class RevokedKeyBody(BaseModel):
    """A key that ended because its maker is no owner any more."""

    id: UUID
    name: str
    prefix: str


class RevokedInvitationBody(BaseModel):
    """An invitation that ended because its sender is no owner any more."""

    id: UUID
    email: str


class RevokedBody(BaseModel):
    """What ended with somebody's right to let others in."""

    api_keys: list[RevokedKeyBody]
    invitations: list[RevokedInvitationBody]


class RemovedMember(BaseModel):
    """That a membership ended, and what ended with it."""

    revoked: RevokedBody


class ChangedMember(MemberBody):
    """A member as they are from now on, and what ended with what they were."""

    revoked: RevokedBody


class MemberList(BaseModel):
    """Members by e-mail address."""

    items: list[MemberBody]
    next_cursor: str | None


class ChangeMember(BaseModel, extra="forbid", json_schema_extra={"examples": [{"role": "agent"}]}):
    """What a member is from now on."""

    role: MemberRole
    resource_ids: ResourceIds = []


class InviteMember(
    BaseModel, extra="forbid", json_schema_extra={"examples": [{"email": "grace@example.org", "role": "agent"}]}
):
    """Whom to invite, and as what."""

    email: Email
    role: MemberRole
    resource_ids: ResourceIds = []


class InvitationBody(BaseModel):
    """Somebody who was invited and has not answered."""

    id: UUID
    email: str
    role: Role
    resource_ids: list[UUID]
    created_at: datetime
    expires_at: datetime


class InvitationList(BaseModel):
    """Invitations that can be accepted, the latest first."""

    items: list[InvitationBody]
    next_cursor: str | None


class AcceptInvitation(
    BaseModel,
    extra="forbid",
    json_schema_extra={
        "examples": [{"token": "pine-cabins.x7Jq…", "name": "Grace Hopper", "password": "correct horse battery"}]
    },
):
    """Accept an invitation: `token` is what the letter's link has after the #.

    Somebody new gives a name and a password; who has an account signs in with it and gives neither.
    """

    token: Token
    name: Name | None = None
    password: Password | None = None


class Accepted(BaseModel):
    """What one is from now on."""

    tenant: str
    role: Role


class CreateApiKey(
    BaseModel,
    extra="forbid",
    json_schema_extra={"examples": [{"name": "Channel manager", "scopes": ["reservations:read"]}]},
):
    """What the key is for."""

    name: KeyName
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))]
    expires_at: Instant | None = Field(None, description="Left out: until it is revoked.")


class ApiKeyBody(BaseModel):
    """A key, without its secret."""

    id: UUID
    name: str
    prefix: str = Field(description="How the key begins after `berth_`, to find out which one it is.")
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute.")
    created_by: UUID | None = Field(description="Who made it. It ends when they are no owner any more.")
    created_by_name: str | None = Field(description="Of those who work for the tenant.")


class NewApiKeyBody(ApiKeyBody):
    """A key that was just made."""

    key: str | None = Field(
        description="The key itself. It is shown this once: only its hash is kept. Null where an answer is repeated "
        "under its Idempotency-Key; if the first one was lost, revoke the key and make another."
    )


class ApiKeyList(BaseModel):
    """Keys that were not revoked, the latest first."""

    items: list[ApiKeyBody]
    next_cursor: str | None


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
