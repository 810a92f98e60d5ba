"""Promote what waits for room, at once."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.access.model.people import DESK, Scope
from chalicelib.core import errors
from chalicelib.http.container import container
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.jobs.budget import Budget
from chalicelib.reservations.api.reservation_answers import (
    COLLECTION,
)
from chalicelib.reservations.schemas.reservations import ProcessedPending
from chalicelib.waiting.promote_pending import process_pending

blueprint = Blueprint(__name__)


@endpoint(
    blueprint,
    "POST",
    COLLECTION + "/process-pending",
    roles=DESK,
    tag="reservations",
    response=ProcessedPending,
    errors=[errors.ContentionError],
    scope=Scope.RESERVATIONS_WRITE,
)
def process(call: Call[NoBody, NoBody]) -> Reply:
    """Process pending reservations.

    Promotes what waits for room, the oldest first, and rejects what has waited too long. Berth does the same every
    minute; call it to see the result at once. Repeating it is harmless.
    """
    budget = Budget(container().config.request_seconds)
    done = process_pending(call.context, budget)
    return Reply(ProcessedPending(promoted=done.promoted, rejected=done.rejected))
