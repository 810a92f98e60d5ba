from __future__ import annotations

import asyncio
import errno
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.gateway import peers
from local.gateway.access_log import AccessLog
from local.gateway.connections import GONE, Connections, Outcome
from local.gateway.peers import BUSY, Peers
from tests.gateway.sockets import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def answer_slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0.2)
    writer.close()


async def die(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"200\n" + await reader.read())
    writer.close()


async def asked(meeting: Path, serve: Serve) -> Outcome:
    """What a worker makes of another one that serves like this."""
    connections = Connections({}, SETTINGS, "000001", 1, 1.0, 1.0, pytest.fail, AccessLog(Path("/dev/null")))
    async with await asyncio.start_unix_server(serve, meeting / "000002"):
        outcome = await Peers(meeting, "000001", connections).perform("000002", "POST", "id", b"body")
        await asyncio.sleep(0.3)  # until the slow one is done, too
        return outcome


@pytest.mark.parametrize(
    ("serve", "outcome"), [(answer, Outcome(200, b"POST id\nbody")), (answer_slowly, BUSY), (die, GONE)]
)
def test_another_worker_answers_or_is_busy_or_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, serve: Serve, outcome: Outcome
) -> None:
    monkeypatch.setattr(peers, "PATIENCE_SECONDS", 0.1)
    assert asyncio.run(asked(tmp_path, serve)) == outcome


@pytest.mark.parametrize("failure", [errno.EMFILE, errno.EAGAIN, errno.ENOBUFS], ids=errno.errorcode.get)
def test_a_worker_that_cannot_be_reached_for_now_is_not_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: int
) -> None:
    async def refused(path: Path) -> None:
        raise OSError(failure, path)

    async def asked_once() -> Outcome:
        connections = Connections({}, SETTINGS, "000001", 1, 1.0, 1.0, pytest.fail, AccessLog(Path("/dev/null")))
        return await Peers(tmp_path, "000001", connections).perform("000002", "GET", "id", b"")

    monkeypatch.setattr(asyncio, "open_unix_connection", refused)
    assert asyncio.run(asked_once()) == BUSY


def test_worker_that_left_its_socket_behind_is_gone(tmp_path: Path) -> None:
    async def asked_twice() -> list[Outcome]:
        connections = Connections({}, SETTINGS, "000001", 1, 1.0, 1.0, pytest.fail, AccessLog(Path("/dev/null")))
        mine = Peers(tmp_path, "000001", connections)
        (tmp_path / "000002").touch()  # a file, which refuses connections as a dead socket does
        return [await mine.perform(worker, "GET", "id", b"") for worker in ("000002", "000003")]

    assert asyncio.run(asked_twice()) == [GONE, GONE]
