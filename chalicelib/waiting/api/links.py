"""Send a guest the link to their reservation once more, or make a new one when it has leaked."""

from __future__ import annotations

from contextlib import suppress

from chalice.app import Blueprint

from chalicelib.access.model.limits import network_of
from chalicelib.access.model.people import Role, Scope
from chalicelib.core import errors
from chalicelib.http import current
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.http.identifiers import identifier
from chalicelib.reservations.api.reservation_answers import COLLECTION, HOLDERS, ONE
from chalicelib.reservations.api.series import ONE as SERIES
from chalicelib.reservations.renew_link import email_of, renew_link
from chalicelib.reservations.send_link import send_link
from chalicelib.waiting.api.waitlist import ONE as ENTRY
from chalicelib.waiting.schemas.links import RenewedLink, SendLink

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
    """Send the link of a reservation.

    Sends the link to the email address of the guest once more, for guests who have lost it. The answer is the same
    whether or not such a reservation exists. At most three emails an hour go to one address.
    """
    services = call.container
    network = network_of(current.address())
    send_link(call.context, call.body.code, call.body.email, network, services.guest_links.to, services.mail.send)
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
    """Renew the link of a reservation.

    Makes a new manage token and invalidates all earlier ones at once, for when a link has leaked. The new link goes
    to the guest's email address; a guest who asks also gets the token in the answer. WebSocket connections opened
    with an earlier token are closed.
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
    """Renew the link of a series.

    Makes a new manage token for the series and invalidates the earlier ones. The links of its single dates stay
    valid. The new link goes to the guest's email address.
    """
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
    """Renew the link of a waitlist entry.

    Makes a new manage token for the entry, and for the reservation that it is offered, and invalidates the earlier
    ones. The new link goes to the guest's email address.
    """
    return _renew(call, "entry")


def _renew(call: Call[NoBody, NoBody], parameter: str) -> Reply:
    services, subject_id = call.container, identifier(call, parameter)
    renewed = renew_link(call.context, subject_id)
    for connection_id in renewed.connection_ids:
        services.connections.close(connection_id)
    link = services.guest_links.to(call.tenant, subject_id, renewed.generation)
    if link is not None:
        with suppress(errors.UnavailableError):  # it is renewed all the same, and can be sent again
            services.mail.send(email_of(renewed, link))
    token = services.tokens.issue_manage_token(call.tenant, subject_id, renewed.generation)
    return Reply(RenewedLink(manage_token=None if call.caller.works_here else token))
