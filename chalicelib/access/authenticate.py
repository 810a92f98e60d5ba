"""Who calls, and what that allows: the claims of a token, checked against the database at every request."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.access.model.people import STAFF, Role, Scope
from chalicelib.access.storage.access import note_use, read_access, read_key
from chalicelib.access.storage.links import ask_link, link_of
from chalicelib.core.errors import AuthenticationError, ForbiddenError, NotFoundError
from chalicelib.database.transaction import ANYONE, Acting

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from chalicelib.database.pipeline import Pending, Pipeline
    from chalicelib.database.transaction import Database

KEY_MARK = "berth_"
"""API keys are `berth_<prefix>_<secret>`: recognizable to those who search for leaked ones."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `id` is the reservation of a manage token, a user's id, or an API key's; None for anyone else.

    `acting` is what row security is told; `session_id` the session of a user. `proof` is what the database has yet to
    be asked, in the first transaction of the request.
    """

    role: Role
    id: str | None = None
    acting: Acting = ANYONE
    session_id: UUID | None = None
    proof: LinkHolds | None = None

    @property
    def actor(self) -> tuple[str, str | None]:
        """Kind and id as events record them."""
        if self.role in STAFF:
            return "staff", self.id
        return (self.role if self.role in {Role.API_KEY, Role.OPERATOR} else "guest"), self.id

    @property
    def works_here(self) -> bool:
        """Whether it is somebody of the tenant, or a system that they let in: not a guest."""
        return self.role in STAFF or self.role is Role.API_KEY


NOBODY = Caller(Role.ANYONE)


def authenticate_user(
    database: Database, user_id: UUID, session_id: UUID, tenant: str | None, allowed: Set[Role]
) -> Caller:
    """Return a user as one of the allowed roles, for the tenant with that slug if there is one in question.

    Raises `AuthenticationError` when the session has ended, `NotFoundError` for a tenant that is none of theirs, in the
    words for one that does not exist, and `ForbiddenError`.
    """
    access = read_access(database, user_id, session_id, tenant)
    if access is None:
        message = "The session has ended; please sign in again."
        raise AuthenticationError(message)
    acting = Acting(user_id=user_id)
    if access.role is not None and access.role in allowed:
        if access.role is Role.HOST:
            acting = Acting(user_id=user_id, resource_ids=access.resource_ids)
        return Caller(access.role, str(user_id), acting, session_id)
    if access.operator and Role.OPERATOR in allowed:
        return Caller(Role.OPERATOR, str(user_id), acting, session_id)
    if Role.SIGNED_IN in allowed:
        return Caller(Role.SIGNED_IN, str(user_id), acting, session_id)
    if Role.ANYONE in allowed:
        return NOBODY
    if tenant is not None and access.role is None:
        message = f"There is no tenant {tenant!r}."
        raise NotFoundError(message)
    message = "Your role does not allow that."
    raise ForbiddenError(message)


@dataclass(frozen=True, slots=True)
class LinkHolds:
    """That the link of a guest holds: it was not renewed, and what it is for ended at most so many days ago."""

    tenant: str
    subject_id: UUID
    generation: int
    days: int

    def ask(self, pipeline: Pipeline) -> Pending:
        """Queue the question."""
        return ask_link(pipeline, self.subject_id)

    def check(self, rows: Sequence[Any]) -> None:
        """Raise `AuthenticationError` where it does not."""
        link = link_of(rows)
        if self.generation != link.generation:
            message = "This link was replaced by a newer one. Look for it in your emails, or have it sent again."
            raise AuthenticationError(message)
        if link.ends_at is not None and link.now > link.ends_at + timedelta(days=self.days):
            message = f"This link was for what is over for more than {self.days} days."
            raise AuthenticationError(message)


def guest_of_link(tenant: str, subject_id: UUID, generation: int, days: int) -> Caller:
    """Return the guest of a reservation, series or entry of the waitlist, who has yet to prove that the link holds."""
    return Caller(Role.GUEST, str(subject_id), proof=LinkHolds(tenant, subject_id, generation, days))


def authenticate_key(database: Database, token: str, tenant: str | None, scope: Scope | None) -> Caller:
    """Return an API key's caller.

    Raises `AuthenticationError` for one that does not hold here, `NotFoundError` for an unknown tenant,
    `ForbiddenError` for what its scopes leave out.
    """
    prefix, _, secret = token.removeprefix(KEY_MARK).partition("_")
    found = None if tenant is None else read_key(database, tenant, prefix)
    presented = hashlib.sha256(secret.encode()).digest()
    if tenant is None or found is None or not hmac.compare_digest(presented, found.secret_hash):
        message = "The API key is not valid here, or not valid any more."
        raise AuthenticationError(message)
    if scope is None or scope not in found.scopes:
        message = "API keys cannot do this." if scope is None else f"This needs an API key with the scope {scope}."
        raise ForbiddenError(message)
    note_use(database, tenant, found)
    return Caller(Role.API_KEY, str(found.id))
