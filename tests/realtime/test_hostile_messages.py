"""A message of any shape up to a frame's limit costs little, is answered shortly, and ends nothing."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import ConnectionClosed

from chalicelib.access.model.people import Role
from tests.api.limits.hostile_requests import (
    BODIES,
    INVALID,
    MOST_VALUES,
    REFUSED,
    unknown_long_members,
    unknown_members,
)
from tests.realtime.client import Client, assert_described

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.realtime.client import LiveTenant, Message
    from tests.realtime.conftest import Live

FRAME = 32 * 1024
MESSAGE = 128 * 1024
"""Bytes that API Gateway takes in a frame, and in all frames of a message; an answer may have as many as those."""
MOST_SECONDS = 1.0
MOST_VIOLATIONS = 50
SENDABLE = [name for name in BODIES if name not in {"empty", "its limit and one"}]
"""API Gateway gives empty frames to nobody and closes at longer ones."""
PING = b'{"action":"ping",'
"""What unknown members are read with: without an action, nothing is known about them."""
ASKED_OF_ALL = {
    "unknown members": PING + unknown_members(FRAME - len(PING)).removeprefix(b"{"),
    "unknown long members": PING + unknown_long_members(FRAME - len(PING)).removeprefix(b"{"),
}
TOO_BIG = 1009
"""The code with which a connection ends then (RFC 6455, section 7.4.1)."""
CALLERS = ["visitor", "guest", "viewer", "agent", "manager", "owner"]


def processor_seconds(processes: Iterable[int]) -> float:
    """What these processes have had of the processor, as proc(5) tells it."""
    ticks = 0
    for process in processes:
        after_name = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(after_name[11]) + int(after_name[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@pytest.fixture(params=CALLERS)
def client(request: pytest.FixtureRequest, tenant: LiveTenant) -> Client:
    """A connection of each kind of caller."""
    match request.param:
        case "visitor":
            opened = Client(tenant.as_visitor())
        case "guest":
            made = tenant.user().reserve("room", "2030-05-01T10:00:00Z", "2030-05-01T11:00:00Z").json()
            opened = Client(tenant.as_guest(made["manage_token"]))
        case role:
            return tenant.user(Role(role)).connect()
    tenant.clients.append(opened)
    return opened


def answered(live: Live, client: Client, name: str, message: Iterable[str] | str) -> Message:
    """Send something, see that answering it costs little, and return the refusal."""
    before = processor_seconds(live.gateway.process_ids)
    client.socket.send(message)
    text = client.socket.recv(timeout=15)
    spent = processor_seconds(live.gateway.process_ids) - before
    answer: Message = json.loads(text)
    assert_described(answer)
    assert answer["type"] == "error", (name, answer)
    assert spent < MOST_SECONDS, name
    assert len(str(text).encode()) <= MESSAGE, name
    return answer["data"]


def test_no_message_is_expensive_or_taken(live: Live, client: Client) -> None:
    for name in SENDABLE:
        body = ASKED_OF_ALL.get(name) or BODIES[name](FRAME)
        refusal = answered(live, client, name, body.decode())
        assert refusal["code"] == REFUSED.get(name, INVALID)[1], (name, refusal)
        violations = len(refusal.get("violations", ()))
        assert violations <= MOST_VIOLATIONS
        assert violations == MOST_VIOLATIONS or name != "unknown members"
    assert client.ask("ping")["type"] == "pong"


def test_a_message_of_too_many_values_is_refused(live: Live, client: Client) -> None:
    text = BODIES["longest array"](MESSAGE).decode()
    frames = [text[start : start + FRAME] for start in range(0, len(text), FRAME)]
    assert text.count(",") > MOST_VALUES
    refusal = answered(live, client, "longest array", frames)
    assert (refusal["code"], "values" in refusal["detail"]) == ("malformed", True)
    assert client.ask("ping")["type"] == "pong"


@pytest.mark.parametrize("frames", [[" " * FRAME + " "], [" " * FRAME] * (MESSAGE // FRAME) + [" "]], ids=len)
def test_a_frame_or_message_that_is_too_large_ends_the_connection(client: Client, frames: list[str]) -> None:
    with suppress(ConnectionClosed):
        client.socket.send(frames)
    assert client.ended() == TOO_BIG


def test_control_a_busy_process_is_seen() -> None:
    before, until = processor_seconds([os.getpid()]), time.process_time() + MOST_SECONDS * 1.1
    while time.process_time() < until:
        pass
    assert processor_seconds([os.getpid()]) - before >= MOST_SECONDS
