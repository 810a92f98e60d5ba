"""Tenants: created, suspended and resumed by operators; described by their own people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import ConflictError, InvalidInputError, NotFoundError, VersionMismatchError
from chalicelib.domain.events import Event, EventType
from chalicelib.domain.people import Role
from chalicelib.domain.time_ranges import zone_named
from chalicelib.services.idempotency import Outcome, run_once
from chalicelib.services.invite_members import add_invitation, deliver
from chalicelib.storage import members, tenants
from chalicelib.storage.events import append_event
from chalicelib.storage.identifiers import new_id
from chalicelib.storage.resources import read_site
from chalicelib.storage.tenants import TenantEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from chalicelib.adapters.mail import Letter
    from chalicelib.storage.events import Actor
    from chalicelib.storage.idempotency import Answer, Claim
    from chalicelib.storage.resources import Site
    from chalicelib.storage.transaction import Database, Transaction

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
    database: Database,
    wanted: NewTenant,
    actor: Actor,
    public_url: str,
    send: Callable[[Letter], None],
    claim: Claim | None,
    render: Callable[[TenantEntry], Answer],
) -> Outcome:
    """Create a tenant and invite its owner. `database` acts for an operator. A key holds for a slug.

    Raises `ConflictError` for a slug that is taken, `InvalidInputError` for a reserved one, `UnknownZoneError`, and
    `UnavailableError` when the email does not leave. The tenant is there then, and the same request under the same key
    sends another one, until one has left; `invite_owner` does so without the key.
    """
    emails: list[tuple[UUID, Letter]] = []
    link = f"{public_url}/join#{wanted.slug}"
    zone_named(wanted.timezone, "timezone")
    if wanted.slug in RESERVED_SLUGS:
        message = f"{wanted.slug!r} is kept for addresses of the platform. Choose another slug."
        raise InvalidInputError("slug", message)

    def invite(transaction: Transaction) -> tuple[UUID, Letter]:
        invitation, email = add_invitation(transaction, actor, wanted.owner_email, Role.OWNER, (), link, wanted.name)
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
        if not tenants.create_tenant(transaction, tenant_id, **details):
            message = f"There is a tenant {wanted.slug!r} already."
            raise ConflictError(message)
        append_event(transaction, actor, Event(EventType.TENANT_CREATED, KIND, tenant_id, None, details))
        emails[:] = [invite(transaction)]
        return TenantEntry(
            id=tenant_id, **details, suspended_at=None, suspended_reason=None, created_at=transaction.now
        )

    def invite_again(transaction: Transaction) -> None:
        written_to = members.lock_owners(transaction) or members.owner_was_written_to(transaction)
        emails[:] = [] if written_to else [invite(transaction)]

    outcome = run_once(database, wanted.slug, claim, work, render, enters=True)
    if outcome.replayed:
        database.run(wanted.slug, invite_again)
    for invitation_id, email in emails:
        send(email)
        database.run(wanted.slug, partial(members.mark_invitation_sent, invitation_id=invitation_id))
    return outcome


def invite_owner(
    database: Database,
    slug: str,
    email: str,
    actor: Actor,
    public_url: str,
    send: Callable[[Letter], None],
    claim: Claim | None,
    answer: Answer,
) -> Outcome:
    """Invite the owner of a tenant that has none yet, because the first letter was lost or went to nobody.

    Earlier letters hold until they are a week old. Raises `NotFoundError`, `ConflictError` for a tenant that has an
    owner, and `UnavailableError` when the letter does not leave.
    """
    letters: list[Letter] = []

    def work(transaction: Transaction) -> None:
        if members.lock_owners(transaction):
            message = f"{slug} has an owner, who invites others."
            raise ConflictError(message)
        link, name = f"{public_url}/join#{slug}", read_site(transaction).name
        letters[:] = [add_invitation(transaction, actor, email, Role.OWNER, (), link, name)[1]]

    outcome = run_once(database, slug, claim, work, lambda _: answer)
    deliver(database, slug, claim, outcome, letters, send)
    return outcome


def list_tenants(database: Database, after: str | None, limit: int) -> tuple[list[TenantEntry], str | None]:
    """Return a page of tenants by slug, and the slug to go on after."""
    found = database.run_without_tenant(lambda transaction: tenants.list_tenants(transaction, after, limit + 1))
    return found[:limit], found[limit - 1].slug if len(found) > limit else None


def suspend_tenant(
    database: Database, slug: str, reason: str, actor: Actor, claim: Claim | None, answer: Answer
) -> Outcome:
    """Stop serving a tenant: everybody else is answered 403 with the reason. `database` acts for an operator.

    Raises `NotFoundError`, and `ConflictError` for one that is suspended already.
    """

    def work(transaction: Transaction) -> None:
        tenant_id = tenants.suspend_tenant(transaction, slug, reason)
        if tenant_id is None:
            raise _why_not(transaction, slug, "suspended already")
        append_event(transaction, actor, Event(EventType.TENANT_SUSPENDED, KIND, tenant_id, None, {"reason": reason}))

    return run_once(database, slug, claim, work, lambda _: answer, enters=True)


def resume_tenant(database: Database, slug: str, actor: Actor, claim: Claim | None, answer: Answer) -> Outcome:
    """Serve a tenant again. Raises `NotFoundError`, and `ConflictError` for one that is not suspended."""

    def work(transaction: Transaction) -> None:
        tenant_id = tenants.resume_tenant(transaction, slug)
        if tenant_id is None:
            raise _why_not(transaction, slug, "not suspended")
        append_event(transaction, actor, Event(EventType.TENANT_RESUMED, KIND, tenant_id, None, None))

    return run_once(database, slug, claim, work, lambda _: answer, enters=True)


def change_tenant(
    database: Database, tenant: str, changes: Mapping[str, Any], actor: Actor, expected_version: int | None
) -> Site:
    """Change what a tenant tells about itself; `changes` names columns or members of its site, None removes a member.

    Raises `VersionMismatchError`, `UnknownZoneError`, and `ConflictError` for another time zone or currency once
    anything was reserved: what guests were promised is in the old ones.
    """
    columns = {name: value for name, value in changes.items() if name in {"name", "timezone", "currency", "locale"}}
    if "timezone" in columns:
        zone_named(columns["timezone"], "timezone")

    def work(transaction: Transaction) -> Site:
        before = read_site(transaction)
        if expected_version not in {None, before.version}:
            message = f"The tenant was changed meanwhile: version {before.version}, not {expected_version}."
            raise VersionMismatchError(message)
        told = {**before.site, **{name: value for name, value in changes.items() if name not in columns}}
        site = {name: value for name, value in told.items() if value is not None}
        after = replace(before, **columns, site=site)
        moved = (after.timezone, after.currency) != (before.timezone, before.currency)
        if moved:
            tenants.lock_tenant(transaction)
        if moved and tenants.has_reservations(transaction):
            message = "Time zone and currency stay as they are once anything was reserved: guests were promised these."
            raise ConflictError(message)
        tenants.change_tenant(transaction, before, after)
        changed = sorted(name for name in changes if getattr(before, name, before.site.get(name)) != changes[name])
        facts_after = {**_facts(after), "changed": changed}
        event = Event(EventType.TENANT_UPDATED, KIND, before.id, _facts(before), facts_after)
        append_event(transaction, actor, event)
        transaction.settle()
        return read_site(transaction)

    return database.run(tenant, work)


def _facts(site: Site) -> dict[str, Any]:
    return {"name": site.name, "timezone": site.timezone, "currency": site.currency, "locale": site.locale}


def _why_not(transaction: Transaction, slug: str, state: str) -> NotFoundError | ConflictError:
    if tenants.find_tenant(transaction, slug) is None:
        return NotFoundError(f"There is no tenant {slug!r}.")
    return ConflictError(f"{slug} is {state}.")
