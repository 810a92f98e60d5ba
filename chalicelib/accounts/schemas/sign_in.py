"""Signing in as requests and answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from chalicelib.access.model.people import Role
from chalicelib.core.passwords import LONGEST
from chalicelib.http.schema import Schema
from chalicelib.http.texts import Email, Id, NextCursor

if TYPE_CHECKING:
    from chalicelib.access.model.people import Membership, User
    from chalicelib.accounts.model.accounts import Session
    from chalicelib.accounts.sign_in import SignedIn

Password = Annotated[
    str, StringConstraints(min_length=1, max_length=LONGEST), Field(json_schema_extra={"format": "password"})
]
"""Taken as it is typed: spaces belong to it."""
Token = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Credentials(
    Schema,
    extra="forbid",
    json_schema_extra={
        "examples": [{"email": "owner@pine-cabins.example", "password": "correct horse battery staple"}]
    },
):
    """The email address and password of a user."""

    email: Email = Field(description="Email address of the user.")
    password: Password = Field(description="Password of the user, with all spaces as typed.")


class IdToken(
    Schema, extra="forbid", json_schema_extra={"examples": [{"id_token": "eyJhbGciOi…", "nonce": "n-0S6_WzA2Mj"}]}
):
    """What the external issuer gave to the client."""

    id_token: Annotated[str, StringConstraints(min_length=1, max_length=20_000)] = Field(
        description="The ID token (JWT) that the issuer gave to the client."
    )
    nonce: Annotated[str, StringConstraints(min_length=8, max_length=400)] = Field(
        description="The nonce that was created here and sent to the issuer."
    )


class NonceBody(Schema):
    """A nonce for signing in at the external issuer."""

    nonce: str = Field(
        description="Random text to send to the issuer as `nonce`, and then here.", examples=["n-0S6_WzA2Mj"]
    )
    expires_in: int = Field(description="Seconds until it is invalid.", examples=[600])


class SignOut(Schema, extra="forbid", json_schema_extra={"examples": [{"everywhere": True}]}):
    """Which sessions to end."""

    everywhere: bool = Field(default=False, description="Whether all sessions of the user end, or only this one.")


class ChangePassword(
    Schema,
    extra="forbid",
    json_schema_extra={"examples": [{"current_password": "correct horse", "password": "battery staple, correct"}]},
):
    """The present and the new password."""

    current_password: Password = Field(description="The password that counts now.")
    password: Password = Field(description="The password that counts from now on.")


class AskForReset(Schema, extra="forbid", json_schema_extra={"examples": [{"email": "owner@pine-cabins.example"}]}):
    """The user who has forgotten the password."""

    email: Email = Field(description="Email address of the user.")


class ResetPassword(
    Schema,
    extra="forbid",
    json_schema_extra={"examples": [{"token": "0192f0c4-…", "password": "battery staple, correct"}]},
):
    """The new password, and the token of the email that permits it."""

    token: Token = Field(description="What the link of the email has after `#`.")
    password: Password = Field(description="The password that counts from now on.")


class UserBody(Schema):
    """A user."""

    id: UUID = Field(description="Id of the user.", examples=["0192f0c4-9d30-7d51-b6a2-51c07f6e2d13"])
    email: str = Field(description="Email address that the user signs in with.", examples=["owner@pine-cabins.example"])
    name: str = Field(description="Name of the user, as they gave it.", examples=["Grace Hopper"])
    operator: bool = Field(
        description="Whether the user runs the platform: creates and suspends tenants.", examples=[False]
    )


class MembershipBody(Schema):
    """The role of a user at a tenant."""

    tenant: str = Field(description="Slug of the tenant.", examples=["pine-cabins"])
    tenant_name: str = Field(description="What the tenant is called.", examples=["Pine Cabins"])
    role: Role = Field(
        description="`owner`, `manager`, `agent`, `viewer` or `host`: what the user may do at the tenant.",
        examples=["owner"],
    )
    suspended_reason: str | None = Field(
        description="Why the tenant is suspended at the moment; null while it is served.", examples=[None]
    )


class Me(Schema):
    """The signed-in user and their memberships."""

    user: UserBody = Field(description="The user who is signed in.")
    memberships: list[MembershipBody] = Field(description="The tenants that the user works for.")


class SignedInBody(Me):
    """A session that was just begun or refreshed. The refresh token comes as a cookie that scripts cannot read."""

    access_token: str = Field(
        description="Token for requests: send it as `Authorization: Bearer …`.",
        examples=["eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTkyIn0.c2ln"],
    )
    token_type: Literal["Bearer"] = Field(default="Bearer", description="Always `Bearer` (RFC 6750).")
    expires_in: int = Field(description="Seconds until the access token has to be refreshed.", examples=[900])


class SessionBody(Schema):
    """A session in which the user is signed in."""

    id: Id
    created_at: datetime = Field(description="When the user signed in (UTC).")
    refreshed_at: datetime = Field(description="When the session was last used (UTC).")
    expires_at: datetime = Field(description="When the session ends unless it is used before (UTC).")
    user_agent: str = Field(
        description="Browser or program, as it names itself.",
        examples=["Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"],
    )
    current: bool = Field(description="Whether it is the session of this request.", examples=[True])


class SessionList(Schema):
    """The sessions of a user."""

    items: list[SessionBody] = Field(description="The sessions of the user, the latest first.")
    next_cursor: NextCursor = None


def me_of(user: User, memberships: tuple[Membership, ...]) -> Me:
    """The public form of a user."""
    body = UserBody(id=user.id, email=user.email, name=user.name, operator=user.operator)
    return Me(user=body, memberships=[MembershipBody.model_validate(one, from_attributes=True) for one in memberships])


def signed_in_body(signed_in: SignedIn, access_token: str, seconds: int) -> SignedInBody:
    """What who signs in is told."""
    me = me_of(signed_in.user, signed_in.memberships)
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
