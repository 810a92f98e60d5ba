"""Send a guest the link to their reservation once more."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api import current
from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.api.reservation_answers import COLLECTION
from chalicelib.api.schemas.reservation_links import SendLink
from chalicelib.domain import errors
from chalicelib.domain.limits import network_of
from chalicelib.domain.people import Role
from chalicelib.services.send_link import send_link

blueprint = Blueprint(__name__)


@endpoint(
    blueprint,
    "POST",
    COLLECTION + "/send-link",
    roles=[Role.ANYONE],
    tag="reservations",
    body=SendLink,
    response=None,
    status=204,
    errors=[errors.ThrottledError, errors.UnavailableError],
    body_limit=2 * 1024,
)
def send_link_again(call: Call[SendLink, NoBody]) -> Reply:
    """Send the link to a reservation once more, to the email address that it was made with.

    The answer is the same whether or not there is such a reservation; only its guest learns which. At most three an
    hour go to one address.
    """
    services = call.container
    network = network_of(current.address())
    send_link(
        call.database,
        call.tenant,
        call.body.code,
        call.body.email,
        network,
        services.guest_links.to,
        services.mail.send,
    )
    return Reply("", 204)
