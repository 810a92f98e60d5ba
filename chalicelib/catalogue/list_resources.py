"""The catalogue: what a tenant offers, and what of it can be had at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.access.model.people import THE_PUBLIC, Audience
from chalicelib.availability.search_availability import Search, judge_all
from chalicelib.core.errors import NotFoundError
from chalicelib.core.resources import Tenant, Unit
from chalicelib.database.transaction import Isolation
from chalicelib.terms.for_others import read_catalogue, read_units
from chalicelib.terms.model.terms import CatalogueEntry, CatalogueFilter

if TYPE_CHECKING:
    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context

MOST_LOOKED_AT = 500
"""Resources that one request judges; a page of what is free may be short, or empty, and still have a next one."""


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """Resources in the tenant's order; `after` is the position and slug after which there are more."""

    tenant: Tenant
    now: datetime
    entries: Sequence[CatalogueEntry]
    after: tuple[int, str] | None


def list_resources(
    context: Context,
    catalogue: CatalogueFilter,
    search: Search | None,
    limit: int,
    *,
    audience: Audience = THE_PUBLIC,
) -> CataloguePage:
    """Return a page of the catalogue; with a search only what the audience can have then.

    Raises `NotFoundError`, and what `wanted_times.resolve` raises.
    """

    def work(transaction: Transaction) -> CataloguePage:
        if search is None:
            entries = read_catalogue(transaction, catalogue, limit + 1)
            return CataloguePage(transaction.tenant, transaction.now, entries[:limit], _place_of_last(entries, limit))
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
