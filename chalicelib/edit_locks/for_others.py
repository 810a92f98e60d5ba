"""Edit locks as connections know them."""

from __future__ import annotations

from chalicelib.edit_locks.storage.edit_locks import has_resource, orphan_locks

__all__ = ["has_resource", "orphan_locks"]
