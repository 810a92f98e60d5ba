"""A tenant as other use cases read it, in their transactions."""

from __future__ import annotations

from chalicelib.tenants.storage.site import read_site
from chalicelib.tenants.storage.tenants import check_tenant, insert_tenant, read_settings

__all__ = ["check_tenant", "insert_tenant", "read_settings", "read_site"]
