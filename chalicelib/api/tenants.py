"""A tenant's public information, and tenants as the platform's operators see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.api.pages import cursor_after, link_to_next, position_of
from chalicelib.api.schemas.lists import PageQuery
from chalicelib.api.schemas.tenants import (
    ChangeTenant,
    CreateTenant,
    InviteOwner,
    SiteBody,
    SuspendTenant,
    TenantEntryBody,
    TenantList,
    body_of,
)
from chalicelib.domain.errors import (
    ConflictError,
    NotFoundError,
    UnavailableError,
    UnknownZoneError,
    VersionMismatchError,
)
from chalicelib.domain.people import MANAGERS, Role
from chalicelib.services import manage_tenants
from chalicelib.services.read_site import read_site

if TYPE_CHECKING:
    from chalicelib.services.idempotency import Outcome
    from chalicelib.storage.idempotency import Answer
    from chalicelib.storage.resources import Site

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
)
def read(call: Call[NoBody, NoBody]) -> Reply:
    """Read what a tenant tells the public.

    Texts, contacts, telephone numbers, address, position on the map and theme of its site.
    """
    return _site(read_site(call.database, call.tenant))


@endpoint(
    blueprint,
    "PATCH",
    "/v1/tenants/{tenant}",
    roles=MANAGERS,
    tag="tenants",
    body=ChangeTenant,
    response=SiteBody,
    errors=[NotFoundError, VersionMismatchError, ConflictError, UnknownZoneError],
    needs_version=True,
    body_limit=1024 * 1024,
)
def change(call: Call[ChangeTenant, NoBody]) -> Reply:
    """Change what a tenant tells the public.

    Members that are left out stay as they are. Time zone and currency are fixed once anything was reserved.
    """
    changes = call.body.model_dump(mode="json", include=call.body.model_fields_set)
    return _site(manage_tenants.change_tenant(call.database, call.tenant, changes, call.actor, call.if_match))


@endpoint(
    blueprint,
    "POST",
    TENANTS,
    roles=[Role.OPERATOR],
    tag="platform",
    body=CreateTenant,
    response=TenantEntryBody,
    status=201,
    errors=[ConflictError, UnknownZoneError, UnavailableError],
    idempotent=True,
)
def create_tenant(call: Call[CreateTenant, NoBody]) -> Outcome:
    """Create a tenant and invite its first owner by e-mail."""

    def answer(entry: manage_tenants.TenantEntry) -> Answer:
        reply = Reply(TenantEntryBody.model_validate(entry, from_attributes=True), 201)
        return render(reply.found_at(call.address(TENANTS + "/{tenant}", tenant=entry.slug)))

    return manage_tenants.create_tenant(
        call.database,
        manage_tenants.NewTenant(**call.body.model_dump()),
        call.actor,
        call.container.config.public_url,
        call.container.mail.send,
        call.claim,
        answer,
    )


@endpoint(
    blueprint,
    "POST",
    "/v1/tenants/{tenant}/invite-owner",
    roles=[Role.OPERATOR],
    tag="platform",
    body=InviteOwner,
    response=None,
    status=204,
    errors=[NotFoundError, ConflictError, UnavailableError],
    idempotent=True,
)
def invite_owner(call: Call[InviteOwner, NoBody]) -> Outcome:
    """Invite the owner of a tenant that has none: the first letter was lost, or went to nobody."""
    return manage_tenants.invite_owner(
        call.database,
        call.tenant,
        call.body.owner_email,
        call.actor,
        call.container.config.public_url,
        call.container.mail.send,
        call.claim,
        NOTHING,
    )


@endpoint(blueprint, "GET", TENANTS, roles=[Role.OPERATOR], tag="platform", query=PageQuery, response=TenantList)
def list_tenants(call: Call[NoBody, PageQuery]) -> Reply:
    """List all tenants by slug. What is in them, operators do not see."""
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
    """Stop serving a tenant: everybody is answered 403 with the reason, until it is resumed. Nothing is lost."""
    reason = call.body.reason
    return manage_tenants.suspend_tenant(call.database, call.tenant, reason, call.actor, call.claim, NOTHING)


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
    """Serve a suspended tenant again."""
    return manage_tenants.resume_tenant(call.database, call.tenant, call.actor, call.claim, NOTHING)


def _site(site: Site) -> Reply:
    return Reply(body_of(site), version=site.version)
