"""Which tenant a slug names, and whose pages may call for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.database import statements

if TYPE_CHECKING:
    from uuid import UUID

    from chalicelib.database.transaction import Transaction


SQL = statements.beside(__file__)


def find_tenant(transaction: Transaction, slug: str) -> UUID | None:
    """Enter a tenant, suspended or not; return its id, or None where there is none with that slug."""
    row = transaction.row(SQL["find_tenant"], {"slug": slug})
    return None if row is None else row.id


def read_origins(transaction: Transaction, slug: str) -> frozenset[str]:
    """Return whose pages may read a tenant's answers, suspended or not; none where there is none with that slug."""
    row = transaction.row(SQL["read_origins"], {"slug": slug})
    if row is None:
        return frozenset()
    return frozenset([*row.origins, *filter(None, [row.own_origin])])


def find_host(transaction: Transaction, host: str) -> str | None:
    """Return the slug of the tenant that has proven a domain, suspended or not; None if no tenant has."""
    row = transaction.row(SQL["find_host"], {"host": host})
    return None if row is None else row.slug
