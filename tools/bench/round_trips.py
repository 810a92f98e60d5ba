"""Counts round trips: a proxy between the functions and Postgres that notices whose turn it is to speak.

Postgres answers a pipeline only when the client flushes it, so every time that the client speaks after the server did
begins one more round trip.
"""

from __future__ import annotations

import selectors
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator


class Turns:
    """How many round trips went through the proxy since it was last asked."""

    def __init__(self) -> None:
        self._count = 0

    def begin(self) -> None:
        """The client speaks after the server did."""
        self._count += 1

    def take(self) -> int:
        """Return the count and begin again."""
        taken, self._count = self._count, 0
        return taken


@contextmanager
def counting_proxy(host: str, port: int) -> Generator[tuple[int, Turns]]:
    """Listen on a port of its own, pass everything on to `host`:`port`, and count."""
    turns = Turns()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, (host, port), turns), daemon=True).start()
        yield listener.getsockname()[1], turns


def _accept(listener: socket.socket, server: tuple[str, int], turns: Turns) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:  # the listener was closed: the measurement is over
            return
        threading.Thread(target=_pass_on, args=(client, socket.create_connection(server), turns), daemon=True).start()


def _pass_on(client: socket.socket, server: socket.socket, turns: Turns) -> None:
    servers_turn = True
    with client, server, selectors.DefaultSelector() as selector:
        selector.register(client, selectors.EVENT_READ, server)
        selector.register(server, selectors.EVENT_READ, client)
        while True:
            for key, _ in selector.select():
                source, target = key.fileobj, key.data
                assert isinstance(source, socket.socket)  # noqa: S101 - registered above
                data = source.recv(65536)
                if not data:
                    return
                if source is client and servers_turn:
                    turns.begin()
                servers_turn = source is server
                target.sendall(data)
