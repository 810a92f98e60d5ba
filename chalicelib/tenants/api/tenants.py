"""A tenant's public information, and tenants as the platform's operators see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.access.model.people import MANAGERS, Role
from chalicelib.core.errors import (
    ConflictError,
    NotFoundError,
    UnknownZoneError,
)
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.http.lists import PageQuery
from chalicelib.http.paging import cursor_after, link_to_next, position_of
from chalicelib.tenants import manage_tenants
from chalicelib.tenants.read_site import read_site
from chalicelib.tenants.schemas.tenants import (
    ChangeTenant,
    SiteBody,
    SuspendTenant,
    TenantEntryBody,
    TenantList,
    body_of,
)

if TYPE_CHECKING:
    from chalicelib.http.idempotency import Outcome
    from chalicelib.tenants.model.site import Site

blueprint = Blueprint(__name__)
TENANTS = "/v1/tenants"
NOTHING = render(Reply("", 204))


@endpoint(
    blueprint,
    "GET",
    "/v1/tenants/{tenant}",
    roles=[Role.ANYONE],
    tag="tenants",
    response=SiteBody,
    errors=[NotFoundError],
    fresh_seconds=60,
    replica_seconds=60,
)
def read(call: Call[NoBody, NoBody]) -> Reply:
    """Read a tenant.

    Returns what the tenant's public site shows: texts, contacts, address, position on the map and theme, and the
    time zone and currency that count everywhere.
    """
    return _site(read_site(call.context))


@endpoint(
    blueprint,
    "PATCH",
    "/v1/tenants/{tenant}",
    roles=MANAGERS,
    tag="tenants",
    body=ChangeTenant,
    response=SiteBody,
    errors=[NotFoundError, ConflictError, UnknownZoneError],
    versioned=True,
    body_limit=1024 * 1024,
)
def change(call: Call[ChangeTenant, NoBody]) -> Reply:
    """Update a tenant.

    Changes what the public site shows; members that are left out stay, null removes a text. Time zone and currency
    are fixed once anything was reserved.
    """
    changes = call.body.model_dump(mode="json", include=call.body.model_fields_set)
    return _site(manage_tenants.change_tenant(call.context, changes))


@endpoint(blueprint, "GET", TENANTS, roles=[Role.OPERATOR], tag="platform", query=PageQuery, response=TenantList)
def list_tenants(call: Call[NoBody, PageQuery]) -> Reply:
    """List tenants.

    Returns all tenants by slug, for operators of the platform. Operators do not see the data of tenants.
    """
    after = position_of(call.query.cursor)
    found, last = manage_tenants.list_tenants(call.database, after and after[1], call.query.limit)
    cursor = cursor_after(None if last is None else (0, last))
    items = [TenantEntryBody.model_validate(entry, from_attributes=True) for entry in found]
    return Reply(TenantList(items=items, next_cursor=cursor), headers=link_to_next(call, TENANTS, cursor))


@endpoint(
    blueprint,
    "POST",
    "/v1/tenants/{tenant}/suspend",
    roles=[Role.OPERATOR],
    tag="platform",
    body=SuspendTenant,
    response=None,
    status=204,
    errors=[NotFoundError, ConflictError],
    idempotent=True,
)
def suspend_tenant(call: Call[SuspendTenant, NoBody]) -> Outcome:
    """Suspend a tenant.

    Stops serving the tenant: every request is answered with 403 and the reason, and its jobs rest, until it is
    resumed. No data is lost.
    """
    reason = call.body.reason
    return manage_tenants.suspend_tenant(call.context, reason, NOTHING)


@endpoint(
    blueprint,
    "POST",
    "/v1/tenants/{tenant}/resume",
    roles=[Role.OPERATOR],
    tag="platform",
    response=None,
    status=204,
    errors=[NotFoundError, ConflictError],
    idempotent=True,
)
def resume_tenant(call: Call[NoBody, NoBody]) -> Outcome:
    """Resume a tenant.

    Serves a suspended tenant again. What came due meanwhile is done within a minute.
    """
    return manage_tenants.resume_tenant(call.context, NOTHING)


def _site(site: Site) -> Reply:
    return Reply(body_of(site), version=site.version)
