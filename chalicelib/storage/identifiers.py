"""New identifiers: time-ordered for keys, unguessable and speakable for reservation codes."""

from __future__ import annotations

import secrets
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
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))
