"""Signing in as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chalicelib.api.schemas.reservations import Email
from chalicelib.domain.passwords import LONGEST
from chalicelib.domain.people import Role

if TYPE_CHECKING:
    from chalicelib.domain.people import Membership, Person
    from chalicelib.services.sign_in import SignedIn
    from chalicelib.storage.sign_in import Session

Password = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST), Field(json_schema_extra={"format": "password"})
]
"""Taken as it is typed: spaces belong to it."""
Token = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Credentials(
    BaseModel,
    extra="forbid",
    json_schema_extra={
        "examples": [{"email": "owner@pine-cabins.example", "password": "correct horse battery staple"}]
    },
):
    """Who signs in."""

    email: Email
    password: Password


class IdToken(
    BaseModel, extra="forbid", json_schema_extra={"examples": [{"id_token": "eyJhbGciOi…", "nonce": "n-0S6_WzA2Mj"}]}
):
    """What the external issuer gave to the client; `nonce` is what was asked for here and sent there."""

    id_token: Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
    nonce: Annotated[str, StringConstraints(min_length=8, max_length=400)]


class NonceBody(BaseModel):
    """What to send to the external issuer as `nonce`, and then here; it is used once."""

    nonce: str
    expires_in: int = Field(description="Seconds.")


class SignOut(BaseModel, extra="forbid", json_schema_extra={"examples": [{"everywhere": True}]}):
    """Which sessions to end: this one, or all."""

    everywhere: bool = False


class ChangePassword(
    BaseModel,
    extra="forbid",
    json_schema_extra={"examples": [{"current_password": "correct horse", "password": "battery staple, correct"}]},
):
    """Another password, by who knows the present one."""

    current_password: Password
    password: Password


class AskForReset(BaseModel, extra="forbid", json_schema_extra={"examples": [{"email": "owner@pine-cabins.example"}]}):
    """Where to send the letter."""

    email: Email


class ResetPassword(
    BaseModel,
    extra="forbid",
    json_schema_extra={"examples": [{"token": "0192f0c4-…", "password": "battery staple, correct"}]},
):
    """Another password, by who received the letter: `token` is what its link has after the #."""

    token: Token
    password: Password


class PersonBody(BaseModel):
    """Somebody who signs in."""

    id: UUID
    email: str
    name: str
    operator: bool = Field(description="Runs the platform: creates and suspends tenants.")


class MembershipBody(BaseModel):
    """What they are for one tenant."""

    tenant: str = Field(description="Slug of the tenant.")
    tenant_name: str
    role: Role
    suspended_reason: str | None = Field(
        description="Why nothing can be done there at the moment; null: nothing is amiss."
    )


class Me(BaseModel):
    """The caller."""

    user: PersonBody
    memberships: list[MembershipBody]


class SignedInBody(Me):
    """A session. The refresh token comes as a cookie that scripts cannot read."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme, RFC 6750
    expires_in: int = Field(description="Seconds until the access token needs `POST /v1/auth/refresh`.")


class SessionBody(BaseModel):
    """Where somebody is signed in."""

    id: UUID
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime
    user_agent: str
    current: bool = Field(description="The session that asks.")


class SessionList(BaseModel):
    """The caller's sessions, the latest first."""

    items: list[SessionBody]
    next_cursor: str | None = None


def me_of(person: Person, memberships: tuple[Membership, ...]) -> Me:
    """The public form of a person."""
    user = PersonBody(id=person.id, email=person.email, name=person.name, operator=person.operator)
    return Me(user=user, memberships=[MembershipBody.model_validate(one, from_attributes=True) for one in memberships])


def signed_in_body(signed_in: SignedIn, access_token: str, seconds: int) -> SignedInBody:
    """What who signs in is told."""
    me = me_of(signed_in.person, signed_in.memberships)
    return SignedInBody(user=me.user, memberships=me.memberships, access_token=access_token, expires_in=seconds)


def session_body(session: Session, current: UUID | None) -> SessionBody:
    """The public form of a session."""
    return SessionBody(
        id=session.id,
        created_at=session.created_at,
        refreshed_at=session.refreshed_at,
        expires_at=session.expires_at,
        user_agent=session.user_agent,
        current=session.id == current,
    )
