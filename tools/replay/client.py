"""HTTP/1.1 over connections that stay open.

As little work per request as asyncio allows, since the machine is shared with the server that answers.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from httptools import HttpResponseParser

from local.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Mapping

CHUNK = 65536
MOST_ATTEMPTS = 60
LONGEST_WAIT_SECONDS = 1.0
ANSWER_SECONDS = 60.0
"""Longer than any function may take; who says nothing for so long is gone."""


class NoAnswerError(CommandError):
    """The server could not be reached, or said to try again later, for longer than makes sense."""


@dataclass(slots=True)
class ReplayAnswer:
    """One response; filled in by the parser."""

    status: int = 0
    body: bytes = b""
    retry_after: float = 0.0
    complete: bool = False
    parser: Any = field(init=False)

    def __post_init__(self) -> None:
        self.parser = HttpResponseParser(self)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        if name.lower() == b"retry-after":
            self.retry_after = float(value)

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        self.body += body

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self.status = self.parser.get_status_code()
        self.complete = True

    def json(self) -> dict[str, Any]:
        """The body as the JSON object that it is."""
        return json.loads(self.body)


class Client:
    """POSTs JSON over up to `connections` connections at once. An async context manager."""

    def __init__(self, address: str, connections: int) -> None:
        parts = urlsplit(address)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._idle: asyncio.Queue[_Connection | None] = asyncio.Queue()
        for _ in range(connections):
            self._idle.put_nowait(None)
        self.repeated = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        while not self._idle.empty():
            connection = self._idle.get_nowait()
            if connection is not None:
                await connection.close()

    async def post(self, path: str, key: str, token: str | None, body: Mapping[str, Any] | None) -> ReplayAnswer:
        """Send one request until it is answered by more than 503: the idempotency key lets it take effect once.

        Raises `NoAnswerError`.
        """
        content = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        authorization = "" if token is None else f"Authorization: Bearer {token}\r\n"
        request = (
            f"POST {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nIdempotency-Key: {key}\r\n{authorization}"
            "If-Match: *\r\n"  # what the file says happened, whatever else did meanwhile
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        ).encode() + content
        connection = await self._idle.get()
        try:
            for _ in range(MOST_ATTEMPTS):
                wait = LONGEST_WAIT_SECONDS
                try:
                    connection = connection or await _Connection.open(self._host, self._port)
                    async with asyncio.timeout(ANSWER_SECONDS):
                        answer = await connection.exchange(request)
                    if answer.status != 503:
                        return answer
                    wait = min(answer.retry_after, LONGEST_WAIT_SECONDS)
                except OSError:
                    if connection is not None:
                        await connection.close()
                    connection = None
                self.repeated += 1
                await asyncio.sleep(wait)
        finally:
            self._idle.put_nowait(connection)
        message = f"{self._host}:{self._port} did not answer POST {path} in {MOST_ATTEMPTS} attempts."
        raise NoAnswerError(message)


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, host: str, port: int) -> _Connection:
        return cls(*await asyncio.open_connection(host, port))

    async def exchange(self, request: bytes) -> ReplayAnswer:
        """Send a request and read its response. Raises `OSError` when the connection breaks."""
        self._writer.write(request)
        answer = ReplayAnswer()
        while not answer.complete:
            received = await self._reader.read(CHUNK)
            if not received:
                message = "closed before the response was complete"
                raise ConnectionResetError(message)
            answer.parser.feed_data(received)
        return answer

    async def close(self) -> None:
        """Close it, however broken it is."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()
