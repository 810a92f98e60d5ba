"""Sessions: how they begin, go on and end. A session is a row; each of its refresh tokens is used up by its use."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from chalicelib.access import throttle
from chalicelib.access.model.people import Membership, User
from chalicelib.accounts.storage import sign_in as storage
from chalicelib.adapters import passwords
from chalicelib.core.errors import AuthenticationError, ForbiddenError, NotFoundError
from chalicelib.database.identifiers import new_id
from chalicelib.database.transaction import Acting

if TYPE_CHECKING:
    from chalicelib.accounts.model.accounts import Session
    from chalicelib.adapters.oidc import Identity
    from chalicelib.database.transaction import Database, Transaction

SESSION_LIFETIME = timedelta(days=30)
"""Without being used. Each refresh begins it again."""
OVERLAP = timedelta(seconds=60)
"""For how long a refresh token that was used is answered again: time for a client to miss its answer and retry."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """From where somebody signs in: the address for throttling, the program so that they recognize their sessions."""

    address: str
    user_agent: str
    device: str | None = None
    """Where somebody signed in with the same account before."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has begun or goes on, and the token that prolongs it the next time."""

    user: User
    memberships: tuple[Membership, ...]
    session_id: UUID
    refresh_token: str


def sign_in(database: Database, email: str, password: str, visitor: Visitor) -> SignedIn:
    """Begin a session with a password.

    Raises `AuthenticationError`, in the same words and after the same time whether the address or the password is
    wrong, and `ThrottledError`.
    """

    def look(transaction: Transaction) -> tuple[User, str | None] | None:
        throttle.count_password(transaction, email, visitor.address, visitor.device)
        return storage.find_user_by_email(transaction)

    found = database.acting_as(Acting(email=email)).run_without_tenant(look)
    stored = None if found is None else found[1]
    if not passwords.is_password(stored, password) or found is None or stored is None:
        raise _wrong()
    better = passwords.hash_password(password) if passwords.is_outdated(stored, password) else None

    def begin(transaction: Transaction) -> SignedIn:
        if storage.find_user(transaction) != found:  # changed since it was looked at: the password may not hold
            raise _wrong()
        throttle.forgive_password(transaction, email, visitor.address, visitor.device)
        if better is not None:
            storage.change_password(transaction, better)
        return _begin(transaction, found[0], visitor)

    return database.acting_as(Acting(user_id=found[0].id)).run_without_tenant(begin)


def sign_in_externally(database: Database, identity: Identity, nonce: str, visitor: Visitor) -> SignedIn:
    """Begin a session for whom an external issuer vouches for.

    The first time, the verified email address tells who it is; from then on the subject has to stay the same. Raises
    `ForbiddenError` for whom nobody invited, and for an address that has gone to another subject.
    """

    def look(transaction: Transaction) -> tuple[User, str | None] | None:
        if not throttle.use_nonce(transaction, nonce):
            message = "This nonce was used before. Ask for another one and sign in at the issuer again."
            raise AuthenticationError(message)
        return storage.find_user_by_email(transaction)

    found = database.acting_as(Acting(email=identity.email)).run_without_tenant(look)
    if found is None:
        message = f"There is no user with the address {identity.email} here yet. Ask for an invitation first."
        raise ForbiddenError(message)
    user = found[0]

    def begin(transaction: Transaction) -> SignedIn:
        known = storage.find_identity(transaction, identity.issuer)
        if known is None:
            storage.add_identity(transaction, identity.issuer, identity.subject)
        elif known != identity.subject:
            message = "This address belongs to another user at the issuer now. Sign in with a password."
            raise ForbiddenError(message)
        return _begin(transaction, user, visitor)

    return database.acting_as(Acting(user_id=user.id)).run_without_tenant(begin)


def refresh(database: Database, token: str) -> SignedIn:
    """Prolong a session with its latest refresh token, which is used up together with all others that it has.

    One that was used within the `OVERLAP` comes from a second tab, or its answer was lost: it is given another
    successor. One that was used before that has been copied: the session ends for all who have it. Successors that
    were given side by side end with the first use of any of them, so that of a thief and a victim one comes too late.
    Raises `AuthenticationError`.
    """
    user_id, secret = split_token(token)

    def work(transaction: Transaction) -> SignedIn | None:
        known = storage.find_refresh_token(transaction, secret, OVERLAP)
        found = storage.find_user(transaction)
        if known is None or found is None:
            return None
        # The row of the session makes those who come at once take turns: what they know of the token is read after it.
        if not storage.prolong_session(transaction, known.session_id, SESSION_LIFETIME):
            return None
        present = storage.find_refresh_token(transaction, secret, OVERLAP)
        if present is None or (present.used and not present.used_recently):
            storage.end_session(transaction, known.session_id, "reuse")
            return None
        if not present.used:
            storage.use_refresh_tokens(transaction, known.session_id)
        return _next(transaction, found[0], known.session_id)

    signed_in = database.acting_as(Acting(user_id=user_id)).run_without_tenant(work)
    if signed_in is None:
        raise _ended()
    return signed_in


def sign_out(database: Database, session_id: UUID, *, everywhere: bool) -> None:
    """End a session, or all of its user's. `database` acts for the user."""

    def work(transaction: Transaction) -> None:
        if everywhere:
            storage.end_sessions(transaction, "signed_out_everywhere")
        else:
            storage.end_session(transaction, session_id, "signed_out")

    database.run_without_tenant(work)


def end_session(database: Database, session_id: UUID) -> None:
    """End one of the user's other sessions. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> None:
        storage.end_session(transaction, session_id, "signed_out", otherwise=_NoSessionError)

    database.run_without_tenant(work)


def list_sessions(database: Database) -> list[Session]:
    """Return where the user is signed in, the latest first."""
    return database.run_without_tenant(storage.list_sessions)


def read_user(database: Database) -> tuple[User, tuple[Membership, ...]]:
    """Return the user that the database acts for, and whom they work for. Raises `AuthenticationError`."""

    def work(transaction: Transaction) -> tuple[User, tuple[Membership, ...]]:
        found = storage.find_user(transaction)
        if found is None:
            raise _ended()
        return found[0], storage.read_memberships(transaction)

    return database.run_without_tenant(work)


def new_secret() -> str:
    """256 random bits, as text."""
    return secrets.token_urlsafe(32)


def split_token(token: str) -> tuple[UUID, str]:
    """Return whose token it is, and its secret. Raises `AuthenticationError` for what cannot be one."""
    owner, _, secret = token.partition(".")
    try:
        return UUID(owner), secret
    except ValueError as error:
        raise _ended() from error


class _NoSessionError(NotFoundError):
    """None of the user's, or ended already."""

    def __init__(self) -> None:
        super().__init__("There is no such session.")


def _begin(transaction: Transaction, user: User, visitor: Visitor) -> SignedIn:
    session_id = new_id()
    storage.open_session(transaction, session_id, SESSION_LIFETIME, visitor.user_agent[:400])
    return _next(transaction, user, session_id)


def _next(transaction: Transaction, user: User, session_id: UUID) -> SignedIn:
    secret = new_secret()
    storage.add_refresh_token(transaction, session_id, secret)
    return SignedIn(user, storage.read_memberships(transaction), session_id, f"{user.id}.{secret}")


def _wrong() -> AuthenticationError:
    return AuthenticationError("The email address or the password is wrong.")


def _ended() -> AuthenticationError:
    return AuthenticationError("The session has ended; please sign in again.")
