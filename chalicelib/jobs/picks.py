"""Which of what is due a batch takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Pick:
    """Which of what is due: so many, none that rests after it failed, and only these where some are given.

    `later`: tenants whose turn it is not.
    """

    limit: int
    resting: Sequence[str] = ()
    only: Sequence[str] | None = None
    later: Sequence[UUID] = ()

    @property
    def parameters(self) -> dict[str, object]:
        """As statements want it."""
        only = None if self.only is None else list(self.only)
        return {"limit": self.limit, "resting": list(self.resting), "only": only, "later": list(self.later)}
