"""A text file that may be replaced while it is in use, read when it has changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True, eq=False)
class TextFile:
    """Remembers what it read last, by the file's inode and time of change; None: there was none yet."""

    path: Path
    _known: tuple[tuple[int, int], str] | None = field(default=None, compare=False, repr=False)

    def read(self) -> str | None:
        """Return the text; what was read last while there is none, as when it is being replaced."""
        known = self._known
        try:
            facts = self.path.stat()
            found = facts.st_ino, facts.st_mtime_ns
            if known is None or known[0] != found:
                known = self._known = found, self.path.read_text(encoding="utf-8")
        except OSError:
            pass
        return known and known[1]
