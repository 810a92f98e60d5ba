"""Tenants as operators create them, with their first owner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.access.model.people import Role
from chalicelib.accounts import create_tenant as creating
from chalicelib.accounts.create_tenant import NewTenant
from chalicelib.core.errors import (
    ConflictError,
    NotFoundError,
    UnavailableError,
    UnknownZoneError,
)
from chalicelib.http.context import Context
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint, render
from chalicelib.tenants.schemas.tenants import (
    CreateTenant,
    InviteOwner,
    TenantEntryBody,
)

if TYPE_CHECKING:
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer
    from chalicelib.tenants.model.site import TenantEntry


blueprint = Blueprint(__name__)
TENANTS = "/v1/tenants"
NOTHING = render(Reply("", 204))


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
    """Create a tenant.

    Creates a tenant and sends its first owner an invitation by email. The owner then creates policies and
    resources.
    """

    def answer(entry: TenantEntry) -> Answer:
        reply = Reply(TenantEntryBody.model_validate(entry, from_attributes=True), 201)
        return render(reply.found_at(call.address(TENANTS + "/{tenant}", tenant=entry.slug)))

    return creating.create_tenant(
        Context(call.database, call.body.slug, call.actor, call.claim),
        NewTenant(**call.body.model_dump()),
        call.container.mailing,
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
    """Invite the owner of a tenant.

    Sends a new invitation for a tenant that has no owner yet, when the first email was lost or went to a wrong
    address.
    """
    return creating.invite_owner(call.context, call.body.owner_email, call.container.mailing, NOTHING)
