"""Which tenant's site an address is of: that of its path, or that which has proven its host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.adapters.hosts import site_host
from chalicelib.core.errors import NotFoundError
from chalicelib.pages.model.addresses import site_of

if TYPE_CHECKING:
    from chalicelib.access.tenant_hosts import HostsMemory
    from chalicelib.database.transaction import Database


@dataclass(frozen=True, slots=True)
class SiteAddress:
    """A site by its tenant's slug, and the path below it. `moved_to`: where the page is on this host."""

    tenant: str
    path: str
    on_own_host: bool = False
    moved_to: str | None = None


def find_site(database: Database, hosts: HostsMemory, host: str, path: str, deployment: str) -> SiteAddress:
    """Return the site of a host and a percent-encoded path; `deployment` is our own host.

    Below `/t/` every host shows the sites of all tenants, but for those that a tenant has proven: they are its own.
    Raises `NotFoundError` where an address is of no site.
    """
    below = site_of(path)
    own = site_host(host, deployment)
    owner = own and hosts.tenant_of(database, own)
    if owner is None:
        if below is None:
            message = "No tenant's site is shown under this host."
            raise NotFoundError(message)
        return SiteAddress(*below)
    if below is None:
        return SiteAddress(owner, path, on_own_host=True)
    if below[0] != owner:
        message = "Another tenant's site is shown under this host."
        raise NotFoundError(message)
    return SiteAddress(owner, below[1], on_own_host=True, moved_to=below[1])
