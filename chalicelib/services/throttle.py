"""How often something may be tried: counted in the database, so that all functions share the count."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.domain.errors import ThrottledError
from chalicelib.storage import sign_in

if TYPE_CHECKING:
    from chalicelib.storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts in a window that begins with the first one."""

    attempts: int
    window: timedelta


PASSWORDS_OF_ACCOUNT = Limit(10, timedelta(minutes=15))
PASSWORDS_FROM_ADDRESS = Limit(100, timedelta(minutes=15))
"""An address may be a whole office: what succeeds is not counted."""
LETTERS_TO_ADDRESS = Limit(3, timedelta(hours=1))
LETTERS_FROM_ADDRESS = Limit(30, timedelta(hours=1))
TICKETS_FOR_ADDRESS = Limit(60, timedelta(minutes=1))
"""For connections of visitors whom nobody knows."""


def count_attempt(transaction: Transaction, key: str, limit: Limit) -> None:
    """Count an attempt, whatever becomes of it. Raises `ThrottledError`."""
    attempts, ends_at = sign_in.take_attempt(transaction, key, limit.window)
    if attempts > limit.attempts:
        seconds = max(1, math.ceil((ends_at - transaction.now).total_seconds()))
        message = f"Too many attempts. Please wait {math.ceil(seconds / 60)} min and try again."
        raise ThrottledError(message, retry_after=seconds)


def password_keys(email: str, address: str) -> tuple[str, str]:
    """Under which keys attempts to sign in are counted: the account's, whether it exists or not, and the address's."""
    return f"password of {email}", f"passwords from {address}"


def count_password(transaction: Transaction, email: str, address: str) -> None:
    """Count an attempt to sign in. Raises `ThrottledError`."""
    of_account, from_address = password_keys(email, address)
    count_attempt(transaction, of_account, PASSWORDS_OF_ACCOUNT)
    count_attempt(transaction, from_address, PASSWORDS_FROM_ADDRESS)


def forgive_password(transaction: Transaction, email: str, address: str) -> None:
    """Queue that the attempt was none: the password was right."""
    of_account, from_address = password_keys(email, address)
    sign_in.forget_attempts(transaction, of_account)
    sign_in.return_attempt(transaction, from_address)
