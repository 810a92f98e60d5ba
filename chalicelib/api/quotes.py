"""Price estimates."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.api.schemas.quotes import QuoteBody, QuoteWanted, body_of
from chalicelib.api.schemas.times import TIME_ERRORS
from chalicelib.domain import errors
from chalicelib.domain.people import Role
from chalicelib.services.quote_reservation import QuoteRequest, quote_reservation

blueprint = Blueprint(__name__)


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
    """Ask what something would cost.

    Answers with a price even where it could not be reserved, and says then what stands against it. Reserves nothing.
    Staff are told what they may sell: the running night, too.
    """
    body = call.body
    request = QuoteRequest(
        resource_id=body.resource_id, times=body.wanted(), quantity=body.quantity, party_size=body.party_size
    )
    return Reply(body_of(quote_reservation(call.database, call.tenant, request, seeker=call.seeker)))
