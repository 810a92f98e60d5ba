from __future__ import annotations

import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.eventually import eventually
from tests.gateway.sample import serve_sample
from tests.gateway.sockets import HANDSHAKE, SETTINGS, Events, management, open_socket, refused
from tests.gateway.wire import Wire, request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from websockets.sync.client import ClientConnection

    from local.gateway.serve import Gateway
    from tests.gateway.sample import WaitingRoom

KIB = 1024


@pytest.fixture(scope="module")
def strict(socket_events: Events) -> Iterator[Gateway]:
    """One worker whose connections live 4 s, idle 0.5 s."""
    sockets = replace(SETTINGS, idle_seconds=0.5, life_seconds=4)
    with serve_sample(workers=1, environment=socket_events.environment, sockets=sockets) as running:
        running.wait_until_ready()
        yield running


def closing_code(opened: ClientConnection) -> int:
    """Read until the server closes; the code of its close frame."""
    with pytest.raises(ConnectionClosed) as caught:
        read_all(opened)
    assert caught.value.rcvd is not None
    return caught.value.rcvd.code


def read_all(opened: ClientConnection) -> None:
    while True:
        opened.recv(30)


def seconds_open(events: Events, identity: str) -> float:
    """How long the server kept a connection."""
    context = events.await_event(identity, "DISCONNECT")["requestContext"]
    return (context["requestTimeEpoch"] - context["connectedAt"]) / 1000


def disconnected(events: Events, identity: str) -> tuple[int, str]:
    context = events.await_event(identity, "DISCONNECT")["requestContext"]
    return context["disconnectStatusCode"], context["disconnectReason"]


def test_frame_of_32_and_message_of_128_kilobytes_are_taken(socket_gateway: Gateway, socket_events: Events) -> None:
    with socket_events.open(socket_gateway) as (opened, identity):
        opened.send("a" * 32 * KIB)
        opened.send(["b" * 32 * KIB] * 4)
        opened.send("echo done")
        assert opened.recv(10) == "done"
    assert [len(body) for body in socket_events.bodies(identity)] == [32 * KIB, 128 * KIB, len("echo done")]


@pytest.mark.parametrize(
    "fragments", [["x" * (32 * KIB + 1)], ["x" * 32 * KIB] * 4 + ["x"], ["x" * 1024 * KIB]], ids=len
)
def test_larger_frame_or_message_closes_with_1009(
    socket_gateway: Gateway, socket_events: Events, fragments: list[str]
) -> None:
    with socket_events.open(socket_gateway) as (opened, identity):
        sending = threading.Thread(target=try_to_send, args=(opened, fragments))
        sending.start()
        assert closing_code(opened) == 1009
        sending.join()
        assert disconnected(socket_events, identity)[0] == 1009
    assert socket_events.bodies(identity) == []


def test_client_that_sends_on_still_reads_why_it_is_closed(socket_gateway: Gateway) -> None:
    size = 8 * KIB * KIB
    with Wire(socket_gateway.address) as wire:
        wire.send(request("GET", "/ws", *HANDSHAKE))
        assert wire.receive() is not None
        wire.send(b"\x82\xff" + size.to_bytes(8, "big") + b"\0" * (4 + size))
        first, _, *code = wire.rest()[:4]
    assert (first, int.from_bytes(bytes(code), "big")) == (0x88, 1009)  # a close frame and its code


def try_to_send(opened: ClientConnection, fragments: list[str]) -> None:
    with suppress(ConnectionClosed):
        opened.send(fragments)


def test_idle_connection_is_closed_with_1001(strict: Gateway, socket_events: Events) -> None:
    with socket_events.open(strict) as (opened, identity):
        assert closing_code(opened) == 1001
    assert disconnected(socket_events, identity) == (1001, "Going away")
    assert 0.5 <= seconds_open(socket_events, identity) < 4


def test_connection_in_use_is_closed_at_the_end_of_its_life(strict: Gateway, socket_events: Events) -> None:
    with socket_events.open(strict) as (opened, identity):
        stop = threading.Event()
        keeping = threading.Thread(target=keep_busy, args=(opened, stop))
        keeping.start()
        assert closing_code(opened) == 1001
        stop.set()
        keeping.join()
    assert disconnected(socket_events, identity) == (1001, "Going away")
    assert seconds_open(socket_events, identity) >= 4


def keep_busy(opened: ClientConnection, stop: threading.Event) -> None:
    with suppress(ConnectionClosed):
        while not stop.wait(0.1):
            opened.ping()


def test_post_keeps_a_connection_from_being_idle(strict: Gateway, socket_events: Events) -> None:
    client = management(strict)
    with socket_events.open(strict) as (opened, identity):
        started = time.monotonic()
        while time.monotonic() - started < 1:  # twice as long as it may be idle; `idle … closed` is the control
            client.post_to_connection(ConnectionId=identity, Data=b"x")
            assert opened.recv(10) == "x"
            time.sleep(0.1)
        client.get_connection(ConnectionId=identity)


def test_connection_beyond_the_cap_is_sent_away_until_another_has_ended(socket_events: Events) -> None:
    sockets = replace(SETTINGS, most_connections=3)  # they may be idle for as long as a busy machine needs
    with (
        serve_sample(workers=1, environment=socket_events.environment, sockets=sockets) as gateway,
        ExitStack() as stack,
    ):
        gateway.wait_until_ready()
        opened = [stack.enter_context(socket_events.open(gateway))[0] for _ in range(3)]
        with pytest.raises(InvalidStatus) as caught:
            open_socket(gateway)
        assert (caught.value.response.status_code, caught.value.response.headers["retry-after"]) == (503, "5")
        opened[0].close()
        eventually(lambda: can_open(gateway))


def can_open(gateway: Gateway) -> bool:
    try:
        with open_socket(gateway):
            return True
    except InvalidStatus:
        return False


def test_socket_is_not_read_while_too_many_messages_wait(tmp_path: Path, waiting_room: WaitingRoom) -> None:
    events = Events(tmp_path / "events.jsonl")
    environment = {**waiting_room.environment, **events.environment}
    sockets = replace(SETTINGS, inbox_limit=2)
    with serve_sample(workers=1, environment=environment, sockets=sockets) as gateway:
        gateway.wait_until_ready()
        name = uuid4().hex
        frame = b"\x82\xfe\x7f\xff\0\0\0\0" + b"\0" * 0x7FFF  # masked with zeros
        with events.open(gateway) as (opened, identity), events.open(gateway) as (other, _):
            opened.send(f"wait {name}")
            waiting_room.await_arrival(name)
            sent = fill(opened.socket, frame)
            assert 2 * len(frame) < sent < 64 * KIB * KIB
            assert len(events.bodies(identity)) == 1
            # Others, and HTTP, don't notice.
            assert other.ping().wait(10)
            assert httpx.get(f"{gateway.address}/api/v1/health").status_code == 200
            waiting_room.let_go(name)
            opened.socket.settimeout(None)
            opened.socket.sendall(frame[sent % len(frame) :])
            opened.send("echo all of them")
            assert opened.recv(30) == "all of them"
        assert len(events.bodies(identity)) == 1 + sent // len(frame) + 1 + 1


def fill(raw: socket.socket, frame: bytes) -> int:
    """Send frames until the other side takes no more for a second; how many bytes went out."""
    raw.settimeout(1)
    sent = 0
    with suppress(TimeoutError):
        while sent < 64 * KIB * KIB:
            sent += raw.send(frame[sent % len(frame) :])
    return sent


def test_reader_that_is_too_slow_is_given_up(socket_gateway: Gateway, socket_events: Events) -> None:
    client = management(socket_gateway)
    with socket_events.open(socket_gateway) as (slow, identity), socket_events.open(socket_gateway) as (quick, other):
        slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * KIB)
        posted = 0
        longest = 0.0

        def post() -> None:
            nonlocal posted
            while posted < 400:
                client.post_to_connection(ConnectionId=identity, Data=b"x" * 128 * KIB)
                posted += 1
                started = time.monotonic()
                client.post_to_connection(ConnectionId=other, Data=b"quick")
                assert quick.recv(10) == "quick"
                nonlocal longest
                longest = max(longest, time.monotonic() - started)

        # The library reads 16 messages ahead; then nobody reads.
        assert refused(post) == (410, "GoneException")
        assert 3 <= posted < 400
        assert longest < 2
        assert disconnected(socket_events, identity) == (1006, "The client does not read what it is sent")


def test_idle_connections_cost_little_memory_and_are_all_told_of_a_stop(tmp_path: Path) -> None:
    events = Events(tmp_path / "events.jsonl")
    with (
        serve_sample(
            workers=1, environment=events.environment, sockets=SETTINGS, access_log=tmp_path / "log"
        ) as gateway,
        ExitStack() as stack,
    ):
        gateway.wait_until_ready()
        (process,) = gateway.process_ids
        open_wires(gateway, 50, stack)  # what is loaded with the first ones
        before = resident_kib(process)
        open_wires(gateway, 300, stack)
        assert (resident_kib(process) - before) / 300 < 40
        gateway.stop()
    kinds = [json.loads(line)["requestContext"]["eventType"] for line in events.path.read_text().splitlines()]
    assert (kinds.count("CONNECT"), kinds.count("DISCONNECT")) == (350, 350)


def open_wires(gateway: Gateway, count: int, stack: ExitStack) -> None:
    for _ in range(count):
        wire = stack.enter_context(Wire(gateway.address))
        wire.send(request("GET", "/ws", *HANDSHAKE))
        received = wire.receive()
        assert received is not None
        assert received.status == 101


def resident_kib(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    (line,) = [line for line in lines if line.startswith("VmRSS:")]
    return int(line.split()[1])


def test_client_that_does_not_answer_the_close_frame_is_cut_off(socket_gateway: Gateway, socket_events: Events) -> None:
    name = uuid4().hex
    with Wire(socket_gateway.address) as wire:
        wire.send(request("GET", f"/ws?name={name}", *HANDSHAKE))
        received = wire.receive()
        assert received is not None
        assert received.status == 101
        (event,) = socket_events.named(name)
        identity = event["requestContext"]["connectionId"]
        management(socket_gateway).delete_connection(ConnectionId=identity)
        assert disconnected(socket_events, identity) == (1000, "Connection Closed Normally")


def test_handshakes_that_find_no_free_thread_are_sent_away(socket_events: Events, waiting_room: WaitingRoom) -> None:
    name = uuid4().hex
    environment = {**waiting_room.environment, **socket_events.environment}
    short, one = timedelta(seconds=0.5), replace(SETTINGS, threads=1)
    with (
        serve_sample(workers=1, deadline=short, environment=environment, sockets=one) as gateway,
        ThreadPoolExecutor(5) as threads,
    ):
        gateway.wait_until_ready()
        statuses = list(threads.map(status_of, repeat(gateway, 5), repeat(name)))
        waiting_room.let_go(name)
        assert set(statuses) == {503, 504}
        eventually(lambda: can_open(gateway))


def status_of(gateway: Gateway, waits_for: str) -> int:
    with pytest.raises(InvalidStatus) as caught:
        open_socket(gateway, wait=waits_for)
    return caught.value.response.status_code


def test_handshake_whose_function_is_too_slow_is_given_up(socket_events: Events) -> None:
    short = timedelta(seconds=0.3)
    with serve_sample(workers=1, deadline=short, environment=socket_events.environment, sockets=SETTINGS) as gateway:
        gateway.wait_until_ready()
        with pytest.raises(InvalidStatus) as caught:
            open_socket(gateway, sleep="1")
    assert caught.value.response.status_code == 504
