"""Confirm by the link of an email what a stranger asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib.api import current, strict_json
from chalicelib.api.endpoint import Call, NoBody, endpoint
from chalicelib.api.reservation_answers import ADMITTING
from chalicelib.api.reservations import make_reservation
from chalicelib.api.schemas.confirmations import ConfirmedRequest, ConfirmRequest
from chalicelib.api.schemas.reservations import CreateReservation
from chalicelib.api.schemas.series import CreateSeries
from chalicelib.api.schemas.waitlist import JoinWaitlist
from chalicelib.api.series import make_series
from chalicelib.api.waitlist import join_queue
from chalicelib.domain import errors
from chalicelib.domain.limits import Stranger, network_of
from chalicelib.domain.people import Role
from chalicelib.services.confirm_by_email import find_request
from chalicelib.services.idempotency import Outcome
from chalicelib.storage.idempotency import Claim

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

blueprint = Blueprint(__name__)
PATH = "/v1/tenants/{tenant}/confirmations"
KINDS: dict[str, tuple[type[BaseModel], Callable[[Call[Any, Any]], Outcome]]] = {
    "reservation": (CreateReservation, make_reservation),
    "series": (CreateSeries, make_series),
    "waitlist_entry": (JoinWaitlist, join_queue),
}


@endpoint(
    blueprint,
    "POST",
    PATH,
    roles=[Role.ANYONE],
    tag="reservations",
    body=ConfirmRequest,
    response=ConfirmedRequest,
    status=201,
    errors=[
        *ADMITTING,
        errors.PriceChangedError,
        errors.SeriesRefusedError,
        errors.ForbiddenError,
        errors.ThrottledError,
        errors.IdempotencyInProgressError,
    ],
    body_limit=2 * 1024,
)
def confirm_request(call: Call[ConfirmRequest, NoBody]) -> Outcome:
    """Confirm what was asked for by email.

    Where a tenant wants that, what strangers ask for is answered 202, and is nothing until the `token` of the email's
    link comes here, within an hour. It is made then, under the terms of that moment, and answered like a request that
    needs no confirmation; the same token again gets the same answer. What is taken by then is refused, and can be
    confirmed again until the hour is over.
    """
    request = find_request(call.database, call.tenant, call.body.token)
    model, make = KINDS[request.kind]
    stranger = Stranger(network_of(current.address()), call.container.config.limits, confirmed=True)
    claim = Claim("anyone:confirmed", f"POST {PATH}", str(request.id), strict_json.canonical_hash(call.body.token))
    body = model.model_validate_json(request.body, strict=True)
    answer = make(replace(call, body=body, claim=claim, stranger=stranger)).answer
    # Each kind has headers of its own; what is read later has them.
    headers = {name: answer.headers[name] for name in ("Content-Type", "Cache-Control")}
    return Outcome(replace(answer, headers=headers), replayed=False)
