"""Tenants: created, suspended and resumed by operators; described by their own people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.access.storage.tenant_access import find_tenant
from chalicelib.core.errors import ConflictError, NotFoundError
from chalicelib.core.time_ranges import zone_named
from chalicelib.core.versions import check_version
from chalicelib.events.event_log import append_event
from chalicelib.events.model import Event, EventType
from chalicelib.tenants.storage import tenants
from chalicelib.tenants.storage.site import read_site

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.http.context import Context
    from chalicelib.http.idempotency import Outcome
    from chalicelib.http.stored_answers import Answer
    from chalicelib.tenants.model.site import Site, TenantEntry

KIND = "tenant"


def list_tenants(database: Database, after: str | None, limit: int) -> tuple[list[TenantEntry], str | None]:
    """Return a page of tenants by slug, and the slug to go on after."""
    found = database.run_without_tenant(lambda transaction: tenants.list_tenants(transaction, after, limit + 1))
    return found[:limit], found[limit - 1].slug if len(found) > limit else None


def suspend_tenant(context: Context, reason: str, answer: Answer) -> Outcome:
    """Stop serving a tenant: everybody else is answered 403 with the reason. `database` acts for an operator.

    Raises `NotFoundError`, and `ConflictError` for one that is suspended already.
    """

    def work(transaction: Transaction) -> None:
        tenant_id = tenants.suspend_tenant(transaction, context.tenant, reason)
        if tenant_id is None:
            raise _why_not(transaction, context.tenant, "suspended already")
        append_event(
            transaction, context.actor, Event(EventType.TENANT_SUSPENDED, KIND, tenant_id, None, {"reason": reason})
        )

    return context.run_once(work, lambda _: answer, enters=True)


def resume_tenant(context: Context, answer: Answer) -> Outcome:
    """Serve a tenant again. Raises `NotFoundError`, and `ConflictError` for one that is not suspended."""

    def work(transaction: Transaction) -> None:
        tenant_id = tenants.resume_tenant(transaction, context.tenant)
        if tenant_id is None:
            raise _why_not(transaction, context.tenant, "not suspended")
        append_event(transaction, context.actor, Event(EventType.TENANT_RESUMED, KIND, tenant_id, None, None))

    return context.run_once(work, lambda _: answer, enters=True)


def change_tenant(context: Context, changes: Mapping[str, Any]) -> Site:
    """Change what a tenant tells about itself; `changes` names columns or members of its site, None removes a member.

    Raises `VersionMismatchError`, `UnknownZoneError`, and `ConflictError` for another time zone or currency once
    anything was reserved: what guests were promised is in the old ones.
    """
    columns = {name: value for name, value in changes.items() if name in {"name", "timezone", "currency", "locale"}}
    if "timezone" in columns:
        zone_named(columns["timezone"], "timezone")

    def work(transaction: Transaction) -> Site:
        before = read_site(transaction)
        check_version("tenant", before.version, context.expected_version)
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
        append_event(transaction, context.actor, event)
        transaction.settle()
        return read_site(transaction)

    return context.run(work)


def _facts(site: Site) -> dict[str, Any]:
    return {"name": site.name, "timezone": site.timezone, "currency": site.currency, "locale": site.locale}


def _why_not(transaction: Transaction, slug: str, state: str) -> NotFoundError | ConflictError:
    if find_tenant(transaction, slug) is None:
        return NotFoundError(f"There is no tenant {slug!r}.")
    return ConflictError(f"{slug} is {state}.")
