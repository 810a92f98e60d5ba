"""Password hashes: argon2id (RFC 9106) with the parameters of OWASP's password storage cheat sheet."""

from __future__ import annotations

import string
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from chalicelib.core.errors import InvalidInputError
from chalicelib.core.passwords import check_password

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MEMORY_KIB = 19 * 1024
ITERATIONS = 2
LANES = 1
MOST_DECORATION = 4
"""Digits and signs around a common password that do not make it another one."""


def check_new_password(password: str, *known: str) -> None:
    """Refuse a new password that is short, known of the user, or easy to guess.

    That is a common one, one word or name, or digits alone. Raises `InvalidInputError`.
    """
    check_password(password, *known)
    lowered = password.lower()
    # What people add to a common one to please a rule: a few digits and signs around it.
    plain = lowered.strip(string.digits + string.punctuation)
    is_decorated = len(lowered) - len(plain) <= MOST_DECORATION and plain in _tried_first()
    if lowered in _tried_first() or is_decorated or lowered.isdigit():
        message = (
            "This password is too easy to guess: it is a common one, a single word or name, or digits alone. "
            "A few words in a row are better."
        )
        raise InvalidInputError("password", message)


def hash_password(password: str) -> str:
    """Return the hash in PHC string format, which names its own parameters. About 20 ms."""
    return _hasher().hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Tell whether a password is the stored one. Without a stored one it takes as long to say no."""
    hashed = stored or _nobodys_hash()
    return any(_matches(hashed, form) for form in _forms(password)) and stored is not None


def is_outdated(stored: str, password: str) -> bool:
    """Tell whether the hash of a password was made with other parameters than those of today, or of another form."""
    if _hasher().check_needs_rehash(stored):
        return True
    return len(_forms(password)) > 1 and not _matches(stored, password)


@cache
def _tried_first() -> frozenset[str]:
    """The 30,000 commonest passwords, and 64,000 words and names, as zxcvbn has them.

    Its estimate takes seconds for some; the lists do not.
    """
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(word for words in FREQUENCY_LISTS.values() for word in words)


def _forms(password: str) -> tuple[str, ...]:
    """As it is asked for now, in form NFC, and as some keyboards write it (NFD): it was hashed like that before."""
    return tuple(dict.fromkeys((password, unicodedata.normalize("NFD", password))))


def _matches(hashed: str, password: str) -> bool:
    from argon2.exceptions import VerifyMismatchError

    try:
        return _hasher().verify(hashed, password)
    except VerifyMismatchError:
        return False


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # only those who sign in need it

    return PasswordHasher(time_cost=ITERATIONS, memory_cost=MEMORY_KIB, parallelism=LANES)


@cache
def _nobodys_hash() -> str:
    return hash_password("")
