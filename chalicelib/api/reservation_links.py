"""Send a guest the link to their reservation once more, or make a new one when it has leaked."""

from __future__ import annotations

from contextlib import suppress

from chalice.app import Blueprint

from chalicelib.api import current
from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.api.identifiers import identifier
from chalicelib.api.reservation_answers import COLLECTION, HOLDERS, ONE
from chalicelib.api.schemas.reservation_links import RenewedLink, SendLink
from chalicelib.api.series import ONE as SERIES
from chalicelib.api.waitlist import ONE as ENTRY
from chalicelib.domain import errors
from chalicelib.domain.limits import network_of
from chalicelib.domain.people import Role, Scope
from chalicelib.services.renew_link import letter_of, renew_link
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


@endpoint(
    blueprint,
    "POST",
    ONE + "/renew-link",
    roles=HOLDERS,
    tag="reservations",
    response=RenewedLink,
    errors=[errors.NotFoundError],
    scope=Scope.RESERVATIONS_WRITE,
)
def renew_reservation_link(call: Call[NoBody, NoBody]) -> Reply:
    """Renew the link of a reservation's guest: all manage tokens of before are invalid at once.

    For when the link got into wrong hands. The new one goes to the guest's email address; a guest who asks is also
    given the new token here. WebSocket connections that were opened with the old one are closed.
    """
    return _renew(call, "reservation")


@endpoint(
    blueprint,
    "POST",
    SERIES + "/renew-link",
    roles=HOLDERS,
    tag="series",
    response=RenewedLink,
    errors=[errors.NotFoundError],
    scope=Scope.RESERVATIONS_WRITE,
)
def renew_series_link(call: Call[NoBody, NoBody]) -> Reply:
    """Renew the link of a series' guest, as for a reservation; the links of its single dates stay."""
    return _renew(call, "series")


@endpoint(
    blueprint,
    "POST",
    ENTRY + "/renew-link",
    roles=HOLDERS,
    tag="waitlist",
    response=RenewedLink,
    errors=[errors.NotFoundError],
    scope=Scope.RESERVATIONS_WRITE,
)
def renew_entry_link(call: Call[NoBody, NoBody]) -> Reply:
    """Renew the link of who waits, as for a reservation; what they are offered shares it."""
    return _renew(call, "entry")


def _renew(call: Call[NoBody, NoBody], parameter: str) -> Reply:
    services, subject_id = call.container, identifier(call, parameter)
    renewed = renew_link(call.database, call.tenant, subject_id, call.actor)
    for connection_id in renewed.connection_ids:
        services.connections.close(connection_id)
    link = services.guest_links.to(call.tenant, subject_id, renewed.generation)
    if link is not None:
        with suppress(errors.UnavailableError):  # it is renewed all the same, and can be sent again
            services.mail.send(letter_of(renewed, link))
    token = services.tokens.issue_manage_token(call.tenant, subject_id, renewed.generation)
    return Reply(RenewedLink(manage_token=None if call.caller.works_here else token))
