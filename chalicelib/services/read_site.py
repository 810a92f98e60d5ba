"""Read what a tenant tells the public about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.storage import resources

if TYPE_CHECKING:
    from chalicelib.storage.resources import Site
    from chalicelib.storage.transaction import Database


def read_site(database: Database, tenant: str) -> Site:
    """Return the tenant's public information. Raises `NotFoundError`."""
    return database.run(tenant, resources.read_site)
