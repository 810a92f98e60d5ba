"""What a container remembers of looks: the terms of resources, and listings under everything they were made from.

Whether anybody came or left meanwhile is read each time, in the snapshot of the look: a listing is given again only to
the same question of the same tenant about the same facts. The clock alone goes on, and that for no longer than an
answer counts as fresh.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.core.memories import FreshMemory
from chalicelib.terms.terms import TermsMemory

if TYPE_CHECKING:
    from chalicelib.availability.listing import Listing

FRESH = timedelta(seconds=5)
"""As long as the endpoint lets caches keep an answer."""
MOST_PARTS = 50_000
"""Nights, slots and ranges that are remembered: some twenty megabytes."""


class LookMemory:
    """Safe to share between threads: entries are immutable."""

    def __init__(self) -> None:
        self.terms = TermsMemory()
        self.listings: FreshMemory[Listing] = FreshMemory(MOST_PARTS, FRESH)
