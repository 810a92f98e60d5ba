"""Optimistic concurrency: whoever changes something has to know its present version."""

from __future__ import annotations

from chalicelib.core.errors import VersionMismatchError


def check_version(what: str, version: int, expected: int | None) -> None:
    """Compare the version that something has with the one that a change was made for; None: it is for any.

    Raises `VersionMismatchError`.
    """
    if expected not in {None, version}:
        message = f"The {what} has changed: it is at version {version}, not {expected}. Read it again, then change it."
        raise VersionMismatchError(message)
