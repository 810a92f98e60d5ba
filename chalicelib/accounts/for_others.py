"""People as other use cases name them."""

from __future__ import annotations

from chalicelib.accounts.storage.members import addresses_of_owners, names_of

__all__ = ["addresses_of_owners", "names_of"]
