"""People who sign in: their attempts, sessions and tokens. Secrets are stored as SHA-256 only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.access.model.people import Membership, Role, User
from chalicelib.accounts.model.accounts import Session
from chalicelib.database import statements
from chalicelib.database.errors import TryAgainError
from chalicelib.database.identifiers import digest

if TYPE_CHECKING:
    from datetime import timedelta

    from chalicelib.database.transaction import Transaction

SQL = statements.beside(__file__)


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """Whose session it prolongs, whether it was used, and whether that was a moment ago."""

    session_id: UUID
    used: bool
    used_recently: bool


def find_user_by_email(transaction: Transaction) -> tuple[User, str | None] | None:
    """Return whom the transaction's email address belongs to, with the password's hash, or None."""
    return _user(transaction.row(SQL["find_user_by_email"], {}))


def find_user(transaction: Transaction) -> tuple[User, str | None] | None:
    """Return the user that the transaction acts for, with the password's hash, or None."""
    return _user(transaction.row(SQL["find_user"], {}))


def read_memberships(transaction: Transaction) -> tuple[Membership, ...]:
    """Return whom the user works for, by the tenants' names."""
    rows = transaction.rows(SQL["read_memberships"], {})
    return tuple(Membership(row.tenant, row.tenant_name, Role(row.role), row.suspended_reason) for row in rows)


def change_password(transaction: Transaction, password_hash: str) -> None:
    """Queue another password hash for the user."""
    transaction.write(SQL["change_password"], {"password_hash": password_hash})


def open_session(transaction: Transaction, session_id: UUID, lifetime: timedelta, user_agent: str) -> None:
    """Queue a new session."""
    transaction.write(SQL["open_session"], {"id": session_id, "lifetime": lifetime, "user_agent": user_agent})


def prolong_session(transaction: Transaction, session_id: UUID, lifetime: timedelta) -> bool:
    """Let a session last from now on; return whether it still lasted."""
    sent = transaction.ask(SQL["prolong_session"], {"id": session_id, "lifetime": lifetime})
    transaction.changes = True
    return sent.touched == 1


def end_session(
    transaction: Transaction, session_id: UUID, because: str, *, otherwise: type[Exception] | None = None
) -> None:
    """Queue the end of one session; `otherwise` is raised where it is none of the user's, or has ended."""
    rows = None if otherwise is None else 1
    statement = SQL["end_session"]
    transaction.write(
        statement, {"id": session_id, "because": because}, rows=rows, otherwise=otherwise or TryAgainError
    )


def end_sessions(transaction: Transaction, because: str, *, except_id: UUID | None = None) -> None:
    """Queue the end of all sessions, or of all but one."""
    transaction.write(SQL["end_sessions"], {"because": because, "except_id": except_id}, rows=None)


def list_sessions(transaction: Transaction) -> list[Session]:
    """Return the user's sessions that last, the latest first."""
    rows = transaction.rows(SQL["list_sessions"], {})
    return [Session(row.id, row.created_at, row.refreshed_at, row.expires_at, row.user_agent) for row in rows]


def add_refresh_token(transaction: Transaction, session_id: UUID, secret: str) -> None:
    """Queue the next refresh token of a session."""
    transaction.write(SQL["add_refresh_token"], {"token_hash": digest(secret), "session_id": session_id})


def use_refresh_tokens(transaction: Transaction, session_id: UUID) -> None:
    """Queue using up all refresh tokens that a session has."""
    transaction.write(SQL["use_refresh_tokens"], {"session_id": session_id}, rows=None)


def find_refresh_token(transaction: Transaction, secret: str, overlap: timedelta) -> RefreshToken | None:
    """Return what a secret is, or None; `overlap` is for how long a used one is answered."""
    row = transaction.row(SQL["find_refresh_token"], {"token_hash": digest(secret), "overlap": overlap})
    return None if row is None else RefreshToken(row.session_id, row.used, row.used_recently)


def add_password_reset(transaction: Transaction, secret: str, lifetime: timedelta) -> None:
    """Queue a way to set another password."""
    transaction.write(SQL["add_password_reset"], {"token_hash": digest(secret), "lifetime": lifetime})


def use_password_reset(transaction: Transaction, secret: str) -> bool:
    """Use a reset up, and all others with it; return whether it held."""
    transaction.changes = True
    held = transaction.ask(SQL["use_password_reset"], {"token_hash": digest(secret)}).touched == 1
    if held:
        transaction.write(SQL["use_other_password_resets"], {}, rows=None)
    return held


def find_identity(transaction: Transaction, issuer: str) -> str | None:
    """Return the subject as which the user is known to an external issuer, or None."""
    row = transaction.row(SQL["find_identity"], {"issuer": issuer})
    return None if row is None else row.subject


def add_identity(transaction: Transaction, issuer: str, subject: str) -> None:
    """Queue that an external issuer knows the user as that subject."""
    transaction.write(SQL["add_identity"], {"issuer": issuer, "subject": subject})


def _user(row: Any) -> tuple[User, str | None] | None:  # noqa: ANN401 - a row of either query
    if row is None:
        return None
    return User(row.id, row.email, row.name, row.operator), row.password_hash
