from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tools.replay import client
from tools.replay.client import Client, NoAnswerError, ReplayAnswer

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE = b'HTTP/1.1 201 Created\r\nContent-Length: 11\r\n\r\n{"id": "r"}'
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
CUT_SHORT = DONE[:30]
HANG_UP = b""


class Server:
    """Answers each request with the next of the given texts; after one that is incomplete it closes the connection."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self._answers = iter(answers)
        self.requests: list[bytes] = []
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            answer = DONE
            while answer not in {CUT_SHORT, HANG_UP}:
                answer = await self._next(reader)
                writer.write(answer)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    async def _next(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        self.requests.append(head + await reader.readexactly(length))
        return next(self._answers, HANG_UP)


def post(server: Server, times: int = 1, connections: int = 1) -> tuple[list[ReplayAnswer], Client]:
    async def run() -> tuple[list[ReplayAnswer], Client]:
        listening = await asyncio.start_server(server.serve, "127.0.0.1")
        host, port = listening.sockets[0].getsockname()
        async with listening, Client(f"http://{host}:{port}", connections) as sender:
            answers = [await sender.post("/reservations", f"row-{n}", "token", {"n": n}) for n in range(times)]
        return answers, sender

    return asyncio.run(run())


def test_requests_carry_their_key_token_and_body_over_one_connection() -> None:
    server = Server([DONE, DONE])
    answers, sender = post(server, times=2)
    assert [(answer.status, answer.json()) for answer in answers] == [(201, {"id": "r"})] * 2
    assert (server.connections, sender.repeated) == (1, 0)
    head, _, body = server.requests[1].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /reservations HTTP/1.1\r\n")
    assert {b"Idempotency-Key: row-1", b"Authorization: Bearer token"} <= set(head.split(b"\r\n"))
    assert body == b'{"n":1}'


def test_an_answer_that_arrives_in_pieces_is_put_together() -> None:
    class Slow(Server):
        async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._next(reader)
            for byte in DONE:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0)
            writer.close()

    [answer], _ = post(Slow([DONE]))
    assert (answer.status, answer.json()) == (201, {"id": "r"})


@pytest.mark.parametrize("trouble", [BUSY, CUT_SHORT, HANG_UP], ids=["busy", "cut short", "hangs up"])
def test_a_request_is_repeated_with_the_same_key_until_it_is_answered(
    trouble: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "LONGEST_WAIT_SECONDS", 0.01)
    server = Server([trouble, trouble, DONE])
    [answer], sender = post(server)
    assert (answer.status, sender.repeated) == (201, 2)
    assert len(server.requests) == 3
    assert len(set(server.requests)) == 1


def test_a_server_that_says_nothing_counts_as_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LONGEST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(client, "ANSWER_SECONDS", 0.05)
    [answer], sender = post(Server([b"HTTP/1.1 ", DONE]))
    assert (answer.status, sender.repeated) == (201, 1)


def test_a_server_that_never_answers_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LONGEST_WAIT_SECONDS", 0.001)
    with pytest.raises(NoAnswerError, match="60 attempts"):
        post(Server([BUSY] * 100))
