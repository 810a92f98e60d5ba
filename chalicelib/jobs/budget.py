"""How long a scheduled function may go on: it works in batches, and what is left waits for its next run."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

BATCH_SECONDS = 8.0
"""What a batch may take that is begun when the budget is all but spent: a function of 29 seconds has a budget of 20."""


@dataclass(frozen=True, slots=True)
class Budget:
    """So many seconds from now. A batch that was begun is finished."""

    seconds: float
    _began: float = field(default_factory=time.monotonic)

    @property
    def ends_at(self) -> float:
        """When it ends, by `time.monotonic`."""
        return self._began + self.seconds

    @property
    def spent(self) -> bool:
        """Whether no further batch should be begun."""
        return self.left <= 0

    @property
    def left(self) -> float:
        """Seconds that are left of it, 0 at least."""
        return max(0.0, self._began + self.seconds - time.monotonic())
