"""Password hashes: argon2id (RFC 9106) with the parameters of OWASP's password storage cheat sheet."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MEMORY_KIB = 19 * 1024
ITERATIONS = 2
LANES = 1


def hash_password(password: str) -> str:
    """Return the hash in PHC string format, which names its own parameters. About 20 ms."""
    return _hasher().hash(password)


def is_password(stored: str | None, password: str) -> bool:
    """Tell whether a password is the stored one. Without a stored one it takes as long to say no."""
    from argon2.exceptions import VerifyMismatchError

    try:
        return _hasher().verify(stored or _nobodys_hash(), password) and stored is not None
    except VerifyMismatchError:
        return False


def is_outdated(stored: str) -> bool:
    """Tell whether a hash was made with other parameters than those of today."""
    return _hasher().check_needs_rehash(stored)


@cache
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher  # only those who sign in need it

    return PasswordHasher(time_cost=ITERATIONS, memory_cost=MEMORY_KIB, parallelism=LANES)


@cache
def _nobodys_hash() -> str:
    return hash_password("")
