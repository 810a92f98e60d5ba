"""Positions in the database's log (LSN): whether a replica has come as far as a change is told by comparing two.

Written as PostgreSQL writes them, such as `16/B374D848`: the upper and the lower half of 64 bits, hexadecimal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WRITTEN = re.compile(r"([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})", re.ASCII)

PAGE_BYTES, HEADER_BYTES = 8192, (24, 40)
"""Of the log (PostgreSQL, access/xlog_internal.h: XLOG_BLCKSZ; SizeOfXLogShortPHD, and SizeOfXLogLongPHD where a
segment begins)."""


@dataclass(frozen=True, order=True, slots=True)
class Position:
    """A place in the log, in bytes from its beginning; a later one is greater."""

    value: int

    @classmethod
    def parse(cls, text: str) -> Position:
        """Read a position. Raises `ValueError`."""
        found = WRITTEN.fullmatch(text)
        if found is None:
            message = f"{text!r} is no position in the log."
            raise ValueError(message)
        return cls(int(found[1], 16) << 32 | int(found[2], 16))

    def is_reached_by(self, replayed: Position) -> bool:
        """Tell whether a replica that has replayed so far has all that was logged before this position.

        Between the end of a page's last record and the beginning of the next page's first one lies that page's header:
        what is the end to the one is the beginning to the other.
        """
        within_page = self.value % PAGE_BYTES
        return replayed.value >= self.value - (within_page if within_page in HEADER_BYTES else 0)

    def __str__(self) -> str:
        return f"{self.value >> 32:X}/{self.value & 0xFFFFFFFF:X}"


FURTHEST = Position(2**64 - 1)
"""No log comes so far."""


class LatestPosition:
    """How far the log was after the latest change of one request."""

    def __init__(self) -> None:
        self.position: Position | None = None

    def note(self, position: Position) -> None:
        """Remember a position, unless a later one is known."""
        if self.position is None or position > self.position:
            self.position = position
