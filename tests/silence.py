"""A peer that takes connections and never answers."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


@dataclass
class Silent:
    """`asked`: how many connections have come to `address`, which is HOST:PORT."""

    address: str
    asked: int = 0


@contextmanager
def silent() -> Generator[Silent]:
    """Listen until the block ends."""
    with socket.create_server(("127.0.0.1", 0), backlog=200) as server:
        peer = Silent(f"127.0.0.1:{server.getsockname()[1]}")
        kept: list[socket.socket] = []

        def take() -> None:
            with suppress(OSError):
                while True:
                    kept.append(server.accept()[0])
                    peer.asked += 1

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        try:
            yield peer
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            for one in kept:
                one.close()
