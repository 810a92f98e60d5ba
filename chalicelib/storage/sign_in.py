"""People who sign in: their attempts, sessions and tokens. Secrets are stored as SHA-256 only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from chalicelib.domain.people import Membership, Person, Role
from chalicelib.storage import statements
from chalicelib.storage.errors import TryAgainError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.storage.pipeline import Pending, Pipeline
    from chalicelib.storage.transaction import Transaction

SQL = statements.load("sign_in")


@dataclass(frozen=True, slots=True)
class Session:
    """Where a person is signed in."""

    id: UUID
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime
    user_agent: str


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """Whose session it prolongs, whether it was used, and whether that was a moment ago."""

    session_id: UUID
    used: bool
    used_recently: bool


def digest(secret: str) -> bytes:
    """SHA-256 of a secret of ours: with 256 random bits a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).digest()


def take_attempt(transaction: Transaction, key: str, window: timedelta) -> tuple[int, datetime]:
    """Count an attempt under a key; return how many there were and when the count starts anew."""
    row = transaction.row(SQL["take_attempt"], {"key_hash": digest(key), "window": window})
    return row.failures, row.window_ends_at


@dataclass(frozen=True, slots=True)
class Counted:
    """How often something was done under a key, and for how long that counts yet."""

    times: int
    lasts: timedelta


def send_writes(
    pipeline: Pipeline, address: str, others: Sequence[str], most_from_address: int, window: timedelta
) -> Pending:
    """Queue counting a write under the key of its address and, unless that has had its share, under others."""
    pipeline.send(SQL["count_apart"], {})
    values = {
        "address": digest(address),
        "others": [digest(one) for one in others],
        "most": most_from_address,
        "window": window,
    }
    return pipeline.send(SQL["count_writes"], values)


def counted_writes(rows: Sequence[Any], keys: Sequence[str]) -> dict[str, Counted]:
    """Return what was counted, by key."""
    names = {digest(key): key for key in keys}
    return {names[bytes(row.key_hash)]: Counted(row.failures, row.window_ends_at - row.now) for row in rows}


def count_within(
    transaction: Transaction, limits: Mapping[str, int], window: timedelta, otherwise: type[Exception]
) -> None:
    """Queue counting a change under each key, and refusing it where one has reached its limit."""
    hashed = sorted((digest(key), most) for key, most in limits.items())
    values = {"keys": [key for key, _ in hashed], "most": [most for _, most in hashed], "window": window}
    transaction.write(SQL["count_within"], values, rows=len(hashed), otherwise=otherwise)


def return_attempt(transaction: Transaction, key: str) -> None:
    """Queue taking back one attempt."""
    transaction.write(SQL["return_attempt"], {"key_hash": digest(key)}, rows=None)


def forget_attempts(transaction: Transaction, key: str) -> None:
    """Queue forgetting all attempts under a key."""
    transaction.write(SQL["forget_attempts"], {"key_hash": digest(key)}, rows=None)


def find_person_by_email(transaction: Transaction) -> tuple[Person, str | None] | None:
    """Return whom the transaction's e-mail address belongs to, with the password's hash, or None."""
    return _person(transaction.row(SQL["find_person_by_email"], {}))


def find_person(transaction: Transaction) -> tuple[Person, str | None] | None:
    """Return the person that the transaction acts for, with the password's hash, or None."""
    return _person(transaction.row(SQL["find_person"], {}))


def read_memberships(transaction: Transaction) -> tuple[Membership, ...]:
    """Return whom the person works for, by the tenants' names."""
    rows = transaction.rows(SQL["read_memberships"], {})
    return tuple(Membership(row.tenant, row.tenant_name, Role(row.role), row.suspended_reason) for row in rows)


def change_password(transaction: Transaction, password_hash: str) -> None:
    """Queue another password hash for the person."""
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
    """Queue the end of one session; `otherwise` is raised where it is none of the person's, or has ended."""
    rows = None if otherwise is None else 1
    statement = SQL["end_session"]
    transaction.write(
        statement, {"id": session_id, "because": because}, rows=rows, otherwise=otherwise or TryAgainError
    )


def end_sessions(transaction: Transaction, because: str, *, except_id: UUID | None = None) -> None:
    """Queue the end of all sessions, or of all but one."""
    transaction.write(SQL["end_sessions"], {"because": because, "except_id": except_id}, rows=None)


def list_sessions(transaction: Transaction) -> list[Session]:
    """Return the person's sessions that last, the latest first."""
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
    """Return the subject as which the person is known to an external issuer, or None."""
    row = transaction.row(SQL["find_identity"], {"issuer": issuer})
    return None if row is None else row.subject


def add_identity(transaction: Transaction, issuer: str, subject: str) -> None:
    """Queue that an external issuer knows the person as that subject."""
    transaction.write(SQL["add_identity"], {"issuer": issuer, "subject": subject})


def _person(row: Any) -> tuple[Person, str | None] | None:  # noqa: ANN401 - a row of either query
    if row is None:
        return None
    return Person(row.id, row.email, row.name, row.operator), row.password_hash
