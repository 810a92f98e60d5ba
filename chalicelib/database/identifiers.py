"""New identifiers: time-ordered for keys, unguessable and speakable for reservation codes."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from uuid_utils.compat import uuid7

if TYPE_CHECKING:
    from datetime import timedelta

CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No letter or digit that is mistaken for another when read aloud or written by hand."""
CODE_LENGTH = 8


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): keys in order of creation keep indexes compact."""
    return uuid7()


def earlier_id(identifier: UUID, by: timedelta) -> UUID:
    """Return the least UUIDv7 of so much time before one: its first 48 bits are milliseconds (RFC 9562, 5.7)."""
    milliseconds = (identifier.int >> 80) - int(by.total_seconds() * 1000)
    return UUID(int=max(0, milliseconds) << 80)


def new_code() -> str:
    """A reservation's code for people, e.g. `K7MX2QPD`: 30^8 possibilities, unique per tenant by constraint."""
    number = secrets.randbelow(len(CODE_ALPHABET) ** CODE_LENGTH)
    letters: list[str] = []
    for _ in range(CODE_LENGTH):
        number, place = divmod(number, len(CODE_ALPHABET))
        letters.append(CODE_ALPHABET[place])
    return "".join(letters)


def digest(secret: str) -> bytes:
    """SHA-256 of a secret of ours: with 256 random bits a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).digest()


def uuid_of(text: str | None) -> UUID | None:
    """Return the UUID that a text is, or None."""
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None
