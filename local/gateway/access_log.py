"""One JSON line per request."""

from __future__ import annotations

import json
import os
import sys
import time
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_encode = json.JSONEncoder(separators=(",", ":")).encode


class AccessLog:
    """Appends to a file that all workers share, or to standard error."""

    def __init__(self, path: Path | None) -> None:
        """Open the log; None is standard error. Raises OSError."""
        append = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._descriptor = sys.stderr.fileno() if path is None else os.open(path, append, 0o600)
        self._failing = False

    def write(
        self,
        *,
        at: float,
        request_id: str,
        method: str,
        path: str,
        status: int,
        seconds: float,
        sent: int,
        source_ip: str,
    ) -> None:
        """Log one request; `path` comes without its query, which may hold tickets.

        One write call appends one whole line, so lines of several workers never mix.
        """
        line = {
            "at": f"{_whole_second(int(at))}.{int(at * 1000) % 1000:03d}Z",
            "request_id": request_id,
            "source_ip": source_ip,
            "method": method,
            "path": path,
            "status": status,
            "duration_ms": round(seconds * 1000, 2),
            "bytes": sent,
        }
        try:
            os.write(self._descriptor, _encode(line).encode() + b"\n")
            self._failing = False
        except OSError as error:
            # A full disk must not stop reservations; say so once, not per request.
            if not self._failing:
                sys.stderr.write(f"The access log cannot be written ({error.strerror}); requests go on without it.\n")
            self._failing = True


@lru_cache(maxsize=4)
def _whole_second(epoch_seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(epoch_seconds))
