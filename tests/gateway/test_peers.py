from __future__ import annotations

import asyncio
import errno
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.gateway import peers
from local.gateway.access_log import AccessLog
from local.gateway.connections import GONE, ConnectionOutcome, Connections
from local.gateway.peers import BUSY, Peers
from tests.gateway.sockets import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter, asyncio.Event], Awaitable[None]]


async def answer_too_late(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, given_up: asyncio.Event) -> None:
    await given_up.wait()
    writer.close()


async def die(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _given_up: asyncio.Event) -> None:
    writer.transport.abort()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _given_up: asyncio.Event) -> None:
    writer.write(b"200\n" + await reader.read())
    writer.close()


async def asked(meeting: Path, serve: Serve) -> ConnectionOutcome:
    """What a worker makes of another one that serves like this."""
    connections = Connections({}, SETTINGS, "000001", 1, 1.0, 1.0, pytest.fail, AccessLog(Path("/dev/null")))
    given_up, served = asyncio.Event(), asyncio.Event()

    async def serve_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await serve(reader, writer, given_up)
        served.set()

    async with await asyncio.start_unix_server(serve_once, meeting / "000002"):
        outcome = await Peers(meeting, "000001", connections).perform("000002", "POST", "id", b"body")
        given_up.set()
        await served.wait()
        return outcome


@pytest.mark.parametrize(
    ("serve", "patience", "outcome"),
    [(answer, 60, ConnectionOutcome(200, b"POST id\nbody")), (answer_too_late, 0.1, BUSY), (die, 60, GONE)],
)
def test_another_worker_answers_or_is_busy_or_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, serve: Serve, patience: float, outcome: ConnectionOutcome
) -> None:
    monkeypatch.setattr(peers, "PATIENCE_SECONDS", patience)
    assert asyncio.run(asked(tmp_path, serve)) == outcome


@pytest.mark.parametrize("failure", [errno.EMFILE, errno.EAGAIN, errno.ENOBUFS], ids=errno.errorcode.get)
def test_a_worker_that_cannot_be_reached_for_now_is_not_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: int
) -> None:
    async def refused(path: Path) -> None:
        raise OSError(failure, path)

    async def asked_once() -> ConnectionOutcome:
        connections = Connections({}, SETTINGS, "000001", 1, 1.0, 1.0, pytest.fail, AccessLog(Path("/dev/null")))
        return await Peers(tmp_path, "000001", connections).perform("000002", "GET", "id", b"")

    monkeypatch.setattr(asyncio, "open_unix_connection", refused)
    assert asyncio.run(asked_once()) == BUSY


def test_worker_that_left_its_socket_behind_is_gone(tmp_path: Path) -> None:
    async def asked_twice() -> list[ConnectionOutcome]:
        connections = Connections({}, SETTINGS, "000001", 1, 1.0, 1.0, pytest.fail, AccessLog(Path("/dev/null")))
        mine = Peers(tmp_path, "000001", connections)
        (tmp_path / "000002").touch()  # a file, which refuses connections as a dead socket does
        return [await mine.perform(worker, "GET", "id", b"") for worker in ("000002", "000003")]

    assert asyncio.run(asked_twice()) == [GONE, GONE]
