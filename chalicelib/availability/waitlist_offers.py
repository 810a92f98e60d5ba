"""Offers to the waitlist, made at once where units have come free. `chalicelib.wiring` says by which use case.

What makes offers makes reservations, which are admitted: so it stands above this, and comes in by `make_offers_by`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.database.transaction import Database

logger = logging.getLogger("berth.waitlist")

Offer = Callable[["Database", str, UUID], int]
"""Works off the queue of one resource of a tenant; returns how many entries changed."""
_offers: list[Offer] = []


def make_offers_by(offer: Offer) -> None:
    """Say which use case works off a queue."""
    _offers[:] = [offer]


def offer_each(database: Database, waiting: Sequence[tuple[str, UUID]]) -> None:
    """Make the offers; what fails is left to the scheduled function, which records it; the others are still made."""
    for tenant, resource_id in waiting:
        try:
            _offers[0](database, tenant, resource_id)
        except Exception:  # also where `make_offers_by` was forgotten
            logger.exception("Places of %s of %s could not be offered at once", resource_id, tenant)
