"""Confirm by the link of an email what an anonymous caller asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib.access.model.limits import AnonymousCaller, network_of
from chalicelib.access.model.people import Role
from chalicelib.core import errors
from chalicelib.core.money import PriceChangedError
from chalicelib.http import current, strict_json
from chalicelib.http.endpoint import Call, NoBody, endpoint
from chalicelib.http.idempotency import Outcome
from chalicelib.http.stored_answers import Claim
from chalicelib.reservations.api.reservation_answers import ADMITTING
from chalicelib.reservations.api.reservations import make_reservation
from chalicelib.reservations.api.series import make_series
from chalicelib.reservations.confirm_by_email import find_request
from chalicelib.reservations.model.series import SeriesRefusedError
from chalicelib.reservations.schemas.reservations import CreateReservation
from chalicelib.reservations.schemas.series import CreateSeries
from chalicelib.waiting.api.waitlist import join_queue
from chalicelib.waiting.schemas.confirmations import ConfirmedRequest, ConfirmRequest
from chalicelib.waiting.schemas.waitlist import JoinWaitlist

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
        PriceChangedError,
        SeriesRefusedError,
        errors.ForbiddenError,
        errors.ThrottledError,
        errors.IdempotencyInProgressError,
    ],
    body_limit=2 * 1024,
)
def confirm_request(call: Call[ConfirmRequest, NoBody]) -> Outcome:
    """Confirm a request by email.

    Completes a request that was answered with 202. Where a tenant confirms by email, what anonymous callers ask for is
    stored only when the `token` of the email's link is sent here, within an hour.

    It is made under the terms of that moment and answered like a request that needs no confirmation; the same token
    again gets the same answer. What is taken by then is refused, and can be tried again until the hour is over.
    """
    request = find_request(call.context, call.body.token)
    model, make = KINDS[request.kind]
    anonymous = AnonymousCaller(network_of(current.address()), call.container.config.limits, confirmed=True)
    claim = Claim("anyone:confirmed", f"POST {PATH}", str(request.id), strict_json.canonical_hash(call.body.token))
    body = model.model_validate_json(request.body, strict=True)
    answer = make(replace(call, body=body, claim=claim, anonymous=anonymous)).answer
    # Each kind has headers of its own; what is read later has them.
    headers = {name: answer.headers[name] for name in ("Content-Type", "Cache-Control")}
    return Outcome(replace(answer, headers=headers), replayed=False)
