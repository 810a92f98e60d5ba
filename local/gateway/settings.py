"""What a worker process is told by the one that starts it, as one JSON argument. The functions never see it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

READY = b"ready\n"
"""What a worker writes to its parent when it accepts connections; a sentence instead says why it cannot."""


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Settings of one worker.

    `listener` and `parent` are inherited descriptors: the listening socket, and a socket whose other end only the
    starting process holds. `project` is the directory of app.py; `access_log` a path, or "" for standard error.
    """

    listener: int
    parent: int
    project: str
    threads: int
    queue_limit: int
    deadline_seconds: float
    stop_seconds: float
    access_log: str
    images: str

    def to_json(self) -> str:
        """Write as the worker's argument."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> WorkerSettings:
        """Read the worker's argument."""
        return cls(**json.loads(text))
