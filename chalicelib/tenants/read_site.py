"""Read what a tenant tells the public about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.tenants.storage import site

if TYPE_CHECKING:
    from chalicelib.http.context import Context
    from chalicelib.tenants.model.site import Site


def read_site(context: Context) -> Site:
    """Return the tenant's public information. Raises `NotFoundError`."""
    return context.run(site.read_site)
