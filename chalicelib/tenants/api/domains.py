"""A tenant's own domain, and which tenant a host shows."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chalice.app import Blueprint

from chalicelib.access.model.people import MANAGERS, STAFF, Role
from chalicelib.access.tenant_hosts import HostsMemory
from chalicelib.access.tenant_origins import OriginsMemory
from chalicelib.adapters.hosts import canonical_host
from chalicelib.core import errors
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.tenants import manage_domain
from chalicelib.tenants.schemas.domains import ChangeDomain, DomainBody, HostBody, domain_body

if TYPE_CHECKING:
    from typing import Any

    from chalicelib.tenants.model.domains import Domain

blueprint = Blueprint(__name__)
PATH = "/v1/tenants/{tenant}/domain"


@endpoint(blueprint, "GET", PATH, roles=STAFF, tag="tenants", response=DomainBody, errors=[errors.NotFoundError])
def read_domain(call: Call[NoBody, NoBody]) -> Reply:
    """Read the domain.

    Returns the tenant's own domain, the DNS record that proves it, and what the last check found.
    """
    return _reply(*manage_domain.read_domain(call.context))


@endpoint(
    blueprint,
    "PUT",
    PATH,
    roles=MANAGERS,
    tag="tenants",
    body=ChangeDomain,
    response=DomainBody,
    errors=[errors.NotFoundError, errors.ConflictError, errors.ContentionError],
    versioned=True,
)
def set_domain(call: Call[ChangeDomain, NoBody]) -> Reply:
    """Update the domain.

    Sets the host under which the public site is to be shown. It is shown there once `verify` has found the TXT record
    in `record`; another host takes the proof of the one before away, the same one keeps it. The `ETag` to send is
    that of the tenant.
    """
    deployment = urlsplit(call.container.config.public_url).hostname or ""
    domain, version = manage_domain.set_domain(call.context, call.body.host, deployment)
    _forget(call)
    return _reply(domain, version)


@endpoint(
    blueprint,
    "DELETE",
    PATH,
    roles=MANAGERS,
    tag="tenants",
    response=None,
    status=204,
    errors=[errors.NotFoundError, errors.ContentionError],
    versioned=True,
)
def remove_domain(call: Call[NoBody, NoBody]) -> Reply:
    """Remove the domain.

    The public site is not shown under it any more, within a minute. The `ETag` to send is that of the tenant.
    """
    manage_domain.remove_domain(call.context)
    _forget(call)
    return Reply("", 204)


@endpoint(
    blueprint,
    "POST",
    PATH + "/verify",
    roles=MANAGERS,
    tag="tenants",
    response=DomainBody,
    errors=[
        errors.NotFoundError,
        errors.ConflictError,
        errors.ContentionError,
        errors.ThrottledError,
        errors.UnavailableError,
    ],
)
def verify_domain(call: Call[NoBody, NoBody]) -> Reply:
    """Check the domain.

    Asks the DNS for the TXT record that proves the domain. Where it is found, the public site is shown under it within
    a minute; where it is not, `problem` says what was found, and a domain that was proven before is not any more. At
    most 20 checks in an hour.
    """
    found = manage_domain.verify_domain(call.context, call.container.txt_records.read)
    _forget(call)
    return _reply(*found)


@endpoint(
    blueprint,
    "GET",
    "/v1/hosts/{host}",
    roles=[Role.ANYONE],
    tag="tenants",
    response=HostBody,
    errors=[errors.NotFoundError],
    fresh_seconds=60,
)
def find_host(call: Call[NoBody, NoBody]) -> Reply:
    """Read a host.

    Returns which tenant's public site is shown under a host: the one that has proven it, suspended or not. A change
    takes effect within a minute.
    """
    missing = "No tenant's site is shown under this host."
    try:
        host = canonical_host(call.path["host"])
    except ValueError:
        raise errors.NotFoundError(missing) from None
    tenant = call.container.memory(HostsMemory).tenant_of(call.database, host)
    if tenant is None:
        raise errors.NotFoundError(missing)
    return Reply(HostBody(host=host, tenant=tenant))


def _forget(call: Call[Any, Any]) -> None:
    """Ask again in this container: others do within a minute."""
    call.container.memory(HostsMemory).clear()
    call.container.memory(OriginsMemory).forget(call.tenant)


def _reply(domain: Domain | None, version: int) -> Reply:
    return Reply(domain_body(domain), version=version)
