"""People as other use cases name them."""

from __future__ import annotations

from chalicelib.accounts.storage.members import names_of

__all__ = ["names_of"]
