"""What makes a password good enough: length, after NIST SP 800-63B, and nothing that is known anyway."""

from __future__ import annotations

from chalicelib.core.errors import InvalidInputError

SHORTEST = 10
LONGEST = 256
"""Hashing takes longer with length; nobody remembers more."""


def check_password(password: str, *known: str) -> None:
    """Refuse a new password that is short, or that says what is `known` of the user. Raises `InvalidInputError`."""
    if len(password) < SHORTEST:
        message = f"A password needs at least {SHORTEST} characters; a few words in a row are easy to remember."
        raise InvalidInputError("password", message)
    guessable = {part.lower() for word in known for part in (word, word.partition("@")[0]) if part}
    if password.lower() in guessable or len(set(password)) < SHORTEST // 2:
        message = "This password is too easy to guess: it is the name or address itself, or few characters repeated."
        raise InvalidInputError("password", message)
