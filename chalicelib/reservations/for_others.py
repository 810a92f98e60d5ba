"""Reservations as other use cases find and change them, in their transactions."""

from __future__ import annotations

from chalicelib.reservations.storage.pending import decide_change
from chalicelib.reservations.storage.reservations import change_reservation, read_reservations, search_reservations
from chalicelib.reservations.storage.unconfirmed import forget_requests

__all__ = ["change_reservation", "decide_change", "forget_requests", "read_reservations", "search_reservations"]
