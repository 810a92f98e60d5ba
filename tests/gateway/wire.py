"""Raw sockets, for what no HTTP client would send."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self


@dataclass(frozen=True)
class Received:
    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """One connection. Reads whole responses (with Content-Length) one after the other."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._socket = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20)
        self._unread = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def receive(self) -> Received | None:
        """The next response; None if the server closes the connection instead."""
        while b"\r\n\r\n" not in self._unread:
            if not self._read():
                return None
        head, _, rest = self._unread.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        length = int(headers.get("content-length", "0"))
        while len(rest) < length:
            before = len(self._unread)
            if not self._read():
                break
            rest += self._unread[before:]
        self._unread = rest[length:]
        return Received(int(lines[0].split(" ")[1]), headers, rest[:length])

    def all(self) -> Iterator[Received]:
        """Every response until the server closes the connection."""
        while (received := self.receive()) is not None:
            yield received

    def rest(self) -> bytes:
        """Everything until the server closes its side, of whatever protocol."""
        while self._read():
            pass
        return self._unread

    def _read(self) -> bool:
        data = self._socket.recv(65536)
        self._unread += data
        return bool(data)


def request(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: test", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body
