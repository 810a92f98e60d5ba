from __future__ import annotations

from functools import partial
from pathlib import Path

from local.gateway.serve import serve
from tests.eventually import eventually

SAMPLE = Path(__file__).parent / "sample_app"

serve_sample = partial(serve, "127.0.0.1", 0, environment={}, project=SAMPLE)
"""The gateway in front of sample_app; the caller waits until it is ready."""


class WaitingRoom:
    """Requests that a test holds up in /v1/wait: it sees that one has arrived, and lets it go."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.environment = {"WAITING_ROOM": str(directory)}

    def await_arrival(self, name: str) -> None:
        eventually((self._directory / f"{name}.arrived").exists)

    def let_go(self, name: str) -> None:
        (self._directory / f"{name}.go").touch()
