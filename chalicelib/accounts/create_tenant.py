"""Tenants begin with their first owner, who is invited by email."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.access.model.people import Role
from chalicelib.accounts.invite_members import add_invitation, deliver
from chalicelib.accounts.model.accounts import Invitee
from chalicelib.accounts.storage import members
from chalicelib.core.errors import ConflictError, InvalidInputError
from chalicelib.core.time_ranges import zone_named
from chalicelib.database.identifiers import new_id
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType
from chalicelib.tenants.for_others import insert_tenant, read_site
from chalicelib.tenants.model.site import TenantEntry

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.adapters.mail import Email, Mailing
    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer

KIND = "tenant"
RESERVED_SLUGS = frozenset(
    {
        "admin", "api", "app", "assets", "auth", "berth", "docs", "health", "help", "images", "join", "login", "logout",
        "openapi", "ready", "reset", "sign-in", "sign-up", "static", "status", "support", "tenants", "v1", "v2", "ws",
        "www",
    }
)  # fmt: skip
"""Names that the platform's own addresses have, or may get."""


@dataclass(frozen=True, slots=True)
class NewTenant:
    """A tenant to create, and who is invited as its first owner."""

    slug: str
    name: str
    timezone: str
    currency: str
    locale: str
    owner_email: str


def create_tenant(
    context: Context, wanted: NewTenant, mailing: Mailing, render: Callable[[TenantEntry], Answer]
) -> Outcome:
    """Create a tenant and invite its owner. The context is of that slug, and acts for an operator.

    Raises `ConflictError` for a slug that is taken, `InvalidInputError` for a reserved one, `UnknownZoneError`, and
    `UnavailableError` when the email does not leave. The tenant is there then, and the same request under the same key
    sends another one, until one has left; `invite_owner` does so without the key.
    """
    emails: list[tuple[UUID, Email]] = []
    link = f"{mailing.public_url}/join#{wanted.slug}"
    zone_named(wanted.timezone, "timezone")
    if wanted.slug in RESERVED_SLUGS:
        message = f"{wanted.slug!r} is kept for addresses of the platform. Choose another slug."
        raise InvalidInputError("slug", message)

    def invite(transaction: Transaction) -> tuple[UUID, Email]:
        owner = Invitee(wanted.owner_email, Role.OWNER)
        invitation, email = add_invitation(transaction, context.actor, owner, link, wanted.name)
        return invitation.id, email

    def work(transaction: Transaction) -> TenantEntry:
        tenant_id = new_id()
        details = {
            "slug": wanted.slug,
            "name": wanted.name,
            "timezone": wanted.timezone,
            "currency": wanted.currency,
            "locale": wanted.locale,
        }
        if not insert_tenant(transaction, tenant_id, **details):
            message = f"There is a tenant {wanted.slug!r} already."
            raise ConflictError(message)
        append_event(transaction, context.actor, Event(EventType.TENANT_CREATED, KIND, tenant_id, None, details))
        emails[:] = [invite(transaction)]
        return TenantEntry(
            id=tenant_id, **details, suspended_at=None, suspended_reason=None, created_at=transaction.now
        )

    def invite_again(transaction: Transaction) -> None:
        written_to = members.lock_owners(transaction) or members.owner_was_written_to(transaction)
        emails[:] = [] if written_to else [invite(transaction)]

    outcome = context.run_once(work, render, enters=True)
    if outcome.replayed:
        context.run(invite_again)
    for invitation_id, email in emails:
        mailing.send(email)
        context.run(partial(members.mark_invitation_sent, invitation_id=invitation_id))
    return outcome


def invite_owner(context: Context, email: str, mailing: Mailing, answer: Answer) -> Outcome:
    """Invite the owner of a tenant that has none yet, because the first email was lost or went to nobody.

    Earlier emails hold until they are a week old. Raises `NotFoundError`, `ConflictError` for a tenant that has an
    owner, and `UnavailableError` when the email does not leave.
    """
    emails: list[Email] = []

    def work(transaction: Transaction) -> None:
        if members.lock_owners(transaction):
            message = f"{context.tenant} has an owner, who invites others."
            raise ConflictError(message)
        link, name = f"{mailing.public_url}/join#{context.tenant}", read_site(transaction).name
        emails[:] = [add_invitation(transaction, context.actor, Invitee(email, Role.OWNER), link, name)[1]]

    outcome = context.run_once(work, lambda _: answer)
    deliver(context, outcome, emails, mailing.send)
    return outcome
