"""What a container remembers of looks: the terms of resources, and listings under everything they were made from.

Whether anybody came or left meanwhile is read each time, in the snapshot of the look: a listing is given again only to
the same question of the same tenant about the same facts. The clock alone goes on, and that for no longer than an
answer counts as fresh.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.core.memories import Memory
from chalicelib.terms.terms import TermsMemory

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

    from chalicelib.availability.listing import Listing

FRESH = timedelta(seconds=5)
"""As long as the endpoint lets caches keep an answer."""
MOST_PARTS = 50_000
"""Nights, slots and ranges that are remembered: some twenty megabytes."""


class LookMemory:
    """Safe to share between threads: entries are immutable."""

    def __init__(self) -> None:
        self.terms = TermsMemory()
        self._listings: Memory[tuple[Hashable, Listing]] = Memory(MOST_PARTS)

    def find(self, question: Hashable, facts: Hashable, now: datetime) -> Listing | None:
        """Return what was listed for the same question under the same facts, or None."""
        known = self._listings.find(question)
        if known is None or known[0] != facts:
            return None
        return known[1] if timedelta() <= now - known[1].outlook.now < FRESH else None

    def remember(self, question: Hashable, facts: Hashable, listing: Listing) -> None:
        """Keep a listing."""
        self._listings.keep(question, (facts, listing), listing.parts)
