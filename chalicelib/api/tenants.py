"""A tenant's public information."""

from __future__ import annotations

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.api.schemas.tenants import SiteBody, body_of
from chalicelib.domain.errors import NotFoundError
from chalicelib.domain.people import Role
from chalicelib.services.read_site import read_site

blueprint = Blueprint(__name__)


@endpoint(
    blueprint,
    "GET",
    "/v1/tenants/{tenant}",
    roles=[Role.ANYONE],
    tag="tenants",
    response=SiteBody,
    errors=[NotFoundError],
    fresh_seconds=60,
)
def read(call: Call[NoBody, NoBody]) -> Reply:
    """Read what a tenant tells the public.

    Texts, contacts, telephone numbers, address, position on the map and theme of its site.
    """
    return Reply(body_of(read_site(call.database, call.tenant)))
