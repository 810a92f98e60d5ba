"""What a page of a public site shows, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.core.resources import Tenant, Unit
from chalicelib.database.transaction import Isolation
from chalicelib.pages.model.addresses import Kind, Place
from chalicelib.pages.model.files import MOST_ADDRESSES
from chalicelib.tenants.for_others import read_site
from chalicelib.tenants.model.site import Site
from chalicelib.terms.for_others import read_catalogue, read_units
from chalicelib.terms.model.terms import CatalogueEntry, CatalogueFilter

if TYPE_CHECKING:
    from chalicelib.database.transaction import Transaction
    from chalicelib.http.context import Context

MOST_OFFERS = 60
"""Resources that the first content of a home page names."""


@dataclass(frozen=True, slots=True)
class PageFacts:
    """A site, and what it offers: on a home page the first ones in the tenant's order, otherwise the one it is about.

    `more`: there are further ones. `is_archived`: what the page is about was offered once.
    """

    site: Site
    tenant: Tenant
    now: datetime
    entries: Sequence[CatalogueEntry] = ()
    units: Sequence[Unit] = ()
    more: bool = False
    is_archived: bool = False


def read_page(context: Context, place: Place) -> PageFacts:
    """Return what a page shows; nothing is offered where it is about no resource that there is.

    Raises `NotFoundError` and `TenantSuspendedError`.
    """

    def work(transaction: Transaction) -> PageFacts:
        site = read_site(transaction)
        tenant, now = transaction.tenant, transaction.now
        if place.kind is Kind.HOME:
            found = read_catalogue(transaction, CatalogueFilter(), MOST_OFFERS + 1)
            return PageFacts(site, tenant, now, found[:MOST_OFFERS], more=len(found) > MOST_OFFERS)
        if not place.resource:
            return PageFacts(site, tenant, now)
        found = read_catalogue(transaction, CatalogueFilter(named=place.resource), 1)
        if not found:
            archived = read_catalogue(transaction, CatalogueFilter(named=place.resource, archived=True), 1)
            return PageFacts(site, tenant, now, is_archived=bool(archived))
        return PageFacts(site, tenant, now, found, read_units(transaction, found[0].resource.id))

    return context.run(work, isolation=Isolation.SNAPSHOT)


def read_sitemap(context: Context) -> PageFacts:
    """Return a site with everything that it offers, as much as a sitemap lists. Raises as `read_page`."""

    def work(transaction: Transaction) -> PageFacts:
        site = read_site(transaction)
        entries = read_catalogue(transaction, CatalogueFilter(), MOST_ADDRESSES)
        return PageFacts(site, transaction.tenant, transaction.now, entries)

    return context.run(work, isolation=Isolation.SNAPSHOT)
