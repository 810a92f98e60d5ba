"""A message of any shape up to a frame's limit costs little, is answered shortly, and ends nothing."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.api.doors.knocks import BODIES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.realtime.client import LiveTenant
    from tests.realtime.conftest import Live

FRAME = 32 * 1024
MOST_SECONDS = 1.0
MOST_CHARACTERS = 32 * 1024
"""What API Gateway takes in a frame."""
SENDABLE = [name for name in BODIES if name not in {"empty", "its limit and one"}]
"""API Gateway gives empty frames to nobody and closes at longer ones, which test_websocket_limits looks at."""


def processor_seconds(processes: Iterable[int]) -> float:
    """What these processes have had of the processor, as proc(5) tells it."""
    ticks = 0
    for process in processes:
        after_name = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(after_name[11]) + int(after_name[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def test_no_message_is_expensive(live: Live, tenant: LiveTenant) -> None:
    client = tenant.person().connect()
    for name in SENDABLE:
        before = processor_seconds(live.gateway.process_ids)
        client.socket.send(BODIES[name](FRAME).decode())
        answer = client.socket.recv(timeout=15)
        spent = processor_seconds(live.gateway.process_ids) - before
        assert '"type":"error"' in str(answer).replace(" ", ""), (name, answer)
        assert spent < MOST_SECONDS, name
        assert len(answer) <= MOST_CHARACTERS, name
    assert client.ask("ping")["type"] == "pong"


def test_control_a_busy_process_is_seen() -> None:
    before, until = processor_seconds([os.getpid()]), time.process_time() + MOST_SECONDS * 1.1
    while time.process_time() < until:
        pass
    assert processor_seconds([os.getpid()]) - before >= MOST_SECONDS
