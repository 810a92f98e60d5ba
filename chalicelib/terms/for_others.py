"""How resources and their terms are read: by admission, listings, and whoever keeps the catalogue."""

from __future__ import annotations

from chalicelib.terms.storage.terms import (
    ask_versions,
    read_catalogue,
    read_kept_terms,
    read_resource,
    read_terms,
    read_units,
)

__all__ = ["ask_versions", "read_catalogue", "read_kept_terms", "read_resource", "read_terms", "read_units"]
