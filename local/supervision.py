"""What runs keeps running: pauses before something that ended is started again, and when to give it up."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import deque
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
WINDOW_SECONDS = 60.0
MOST_ENDS = 6
LAST_WORDS = 12
INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Restarts:
    """Of one child. It is started again soon, then later each time, and given up when it ends again and again."""

    def __init__(self) -> None:
        self._ended_at: deque[float] = deque(maxlen=MOST_ENDS)

    def ended(self) -> float | None:
        """Note an end; return the pause before the next start, None where so many ends in a minute are too many."""
        now = time.monotonic()
        self._ended_at.append(now)
        recent = sum(now - at < WINDOW_SECONDS for at in self._ended_at)
        return None if recent >= MOST_ENDS else min(FIRST_PAUSE * 2 ** (recent - 1), LONGEST_PAUSE)


class LastWords:
    """Passes on what a child says, and keeps its last lines."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._lines: deque[str] = deque(maxlen=LAST_WORDS)
        self._thread = threading.Thread(target=self._read, args=(stream,), name="last-words", daemon=True)
        self._thread.start()

    def after_its_end(self) -> str:
        """Return them, all lines that it said."""
        self._thread.join(1)  # somebody it started may hold the stream open
        return "\n".join(self._lines)

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                text = line.decode(errors="replace")
                self._lines.append(text.rstrip("\n"))
                sys.stderr.write(text)
                sys.stderr.flush()


@contextmanager
def interrupts_held() -> Generator[None]:
    """Let what would interrupt the block do so at its end: a child is not lost between its start and its name.

    Signals are handled by the main thread alone: in another one there is nothing to hold.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    before = {number: signal.getsignal(number) for number in INTERRUPTS}
    caught = [number for number, handler in before.items() if callable(handler)]
    try:
        for number in caught:
            signal.signal(number, lambda number, _: held.append(number))
        yield
    finally:
        for number in caught:
            signal.signal(number, before[number])
        for number in held:
            signal.raise_signal(number)
