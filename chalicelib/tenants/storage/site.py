"""What tenants tell the public about themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.database import statements
from chalicelib.tenants.model.site import Site

if TYPE_CHECKING:
    from chalicelib.database.transaction import Transaction


SQL = statements.beside(__file__)


def read_site(transaction: Transaction) -> Site:
    """Return the tenant's public information."""
    row = transaction.row(SQL["read_site"], {})
    return Site(**row._asdict())
