"""How much work something is, whatever the machine is busy with: counted, not timed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


def calls_of(work: Callable[[], object], *, module: str = "") -> int:
    """Return how many Python functions are called while `work` runs, in this thread; of a module, or of all."""
    calls = 0

    def count(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call" and module in ("", frame.f_globals.get("__name__"))

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls
