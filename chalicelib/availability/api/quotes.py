"""Price estimates."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.access.model.people import Role
from chalicelib.availability.quote_reservation import QuoteRequest, quote_reservation
from chalicelib.availability.schemas.quotes import QuoteBody, QuoteWanted, body_of
from chalicelib.core import errors
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.http.times import TIME_ERRORS

blueprint = Blueprint(__name__)
WAITLIST = "/v1/tenants/{tenant}/waitlist"


@endpoint(
    blueprint,
    "POST",
    "/v1/tenants/{tenant}/quotes",
    roles=[Role.ANYONE],
    tag="quotes",
    body=QuoteWanted,
    response=QuoteBody,
    errors=[errors.NotFoundError, *TIME_ERRORS],
    knows_staff=True,
)
def price(call: Call[QuoteWanted, NoBody]) -> Reply:
    """Create a quote.

    Calculates the price of a use and says whether it could be reserved now, and if not, why. Reserves nothing. Send
    `currency`, `decimals` and `total` of its price as `expected_price` when reserving, so that a changed price is
    refused. With `alternatives` it also says what can be reserved instead. Staff may also ask for the night that is
    running.
    """
    body = call.body
    request = QuoteRequest(
        resource_id=body.resource_id,
        times=body.wanted(),
        quantity=body.quantity,
        party_size=body.party_size,
        alternatives=body.alternatives,
    )
    offer = quote_reservation(call.context, request, audience=call.audience)
    return Reply(body_of(offer, call.address(WAITLIST) if offer.may_wait else None))
