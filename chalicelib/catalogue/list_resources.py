"""The catalogue: what a tenant offers, and what of it can be had at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.access.model.people import THE_PUBLIC, Audience
from chalicelib.availability.search_availability import Search, judge_all
from chalicelib.core.errors import NotFoundError
from chalicelib.core.memories import FreshMemory
from chalicelib.core.resources import Tenant, Unit
from chalicelib.database.transaction import Isolation
from chalicelib.terms.for_others import ask_versions, read_catalogue, read_units
from chalicelib.terms.model.terms import CatalogueEntry, CatalogueFilter

if TYPE_CHECKING:
    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context

MOST_LOOKED_AT = 500
"""Resources that one request judges; a page of what is free may be short, or empty, and still have a next one."""


MOST_REMEMBERED = 10_000
"""Resources on pages that are remembered: some twenty megabytes."""
FRESH = timedelta(seconds=15)
"""As long as the endpoint lets caches keep an answer."""


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class CataloguePage:
    """Resources in the tenant's order; `after` is the position and slug after which there are more."""

    tenant: Tenant
    now: datetime
    entries: Sequence[CatalogueEntry]
    after: tuple[int, str] | None


class PageMemory(FreshMemory[CataloguePage]):
    """Pages of catalogues, under the versions of all that their tenants offer."""

    def __init__(self) -> None:
        super().__init__(MOST_REMEMBERED, FRESH)


@dataclass(frozen=True, slots=True)
class Seen:
    """A page, and how long ago it was read: nothing but the clock has changed since."""

    page: CataloguePage
    age: timedelta = timedelta()


def list_resources(context: Context, memory: PageMemory, catalogue: CatalogueFilter, limit: int) -> Seen:
    """Return a page of the catalogue: what is remembered of it, while all versions are the same.

    Archived resources have no part in the versions, so that pages of them are always read. Raises `NotFoundError`.
    """
    question = context.tenant, catalogue, limit

    def read(transaction: Transaction) -> Seen:
        versions = ask_versions(transaction)
        entries = read_catalogue(transaction, catalogue, limit + 1)
        page = CataloguePage(transaction.tenant, transaction.now, entries[:limit], _place_of_last(entries, limit))
        if not catalogue.archived:
            facts = transaction.tenant, versions.row().fingerprint
            memory.keep(question, facts, transaction.now, page, 1 + len(page.entries))
        return Seen(page)

    def remember(transaction: Transaction) -> Seen | None:
        versions = ask_versions(transaction)
        transaction.end_with_questions()
        known = memory.find(question, (transaction.tenant, versions.row().fingerprint), transaction.now)
        return None if known is None else Seen(*known)

    seen = context.run(remember, isolation=Isolation.SNAPSHOT) if memory.knows(question) else None
    return seen or context.run(read, isolation=Isolation.SNAPSHOT)


def list_available(
    context: Context,
    catalogue: CatalogueFilter,
    search: Search,
    limit: int,
    *,
    audience: Audience = THE_PUBLIC,
) -> CataloguePage:
    """Return a page of what the audience can have of the catalogue at a time.

    Raises `NotFoundError`, and what `wanted_times.resolve` raises.
    """

    def work(transaction: Transaction) -> CataloguePage:
        looked_at = read_catalogue(transaction, replace(catalogue, modes=search.modes), MOST_LOOKED_AT + 1)
        matches = judge_all(transaction, looked_at[:MOST_LOOKED_AT], search, audience=audience)
        free = [match.entry for match in matches if match.judgement.bookable]
        after = _place_of_last(free, limit) or _place_of_last(looked_at, MOST_LOOKED_AT)
        return CataloguePage(transaction.tenant, transaction.now, free[:limit], after)

    return context.run(work, isolation=Isolation.SNAPSHOT)


def read_resource(context: Context, named: str) -> tuple[Tenant, CatalogueEntry, list[Unit], datetime]:
    """Return everything about the resource with this id or slug, and the time. Raises `NotFoundError`."""

    def work(transaction: Transaction) -> tuple[Tenant, CatalogueEntry, list[Unit], datetime]:
        found = read_catalogue(transaction, CatalogueFilter(named=named), 1)
        if not found:
            message = "There is no such resource."
            raise NotFoundError(message)
        return transaction.tenant, found[0], read_units(transaction, found[0].resource.id), transaction.now

    return context.run(work, isolation=Isolation.SNAPSHOT)


def _place_of_last(entries: Sequence[CatalogueEntry], limit: int) -> tuple[int, str] | None:
    """Where a page of that length ends, if there is more after it."""
    return entries[limit - 1].place if len(entries) > limit else None
