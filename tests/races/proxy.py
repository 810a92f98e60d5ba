"""A way to Postgres that breaks at the worst moment: after a COMMIT, before anybody hears of it."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

COMMITTED = b"C\x00\x00\x00\x0bCOMMIT\x00"
"""CommandComplete of a COMMIT (PostgreSQL documentation, "Message Formats")."""
PATIENCE_SECONDS = 20


class Proxy:
    """Passes everything on between a port of its own and Postgres, whose address may change."""

    def __init__(self, listener: socket.socket, host: str, port: int) -> None:
        self.host, self.port = listener.getsockname()
        self.server = (host, port)
        self._listener = listener
        self._holding = threading.Event()
        self._held = threading.Event()
        self._let_go = threading.Event()

    def hold_next_commit(self) -> None:
        """Keep the answer to the next COMMIT back."""
        self._let_go.clear()
        self._held.clear()
        self._holding.set()

    def wait_until_committed(self) -> None:
        """Return when that COMMIT has taken effect."""
        assert self._held.wait(PATIENCE_SECONDS), "Nobody committed."

    def drop(self) -> None:
        """Break the connection whose answer is held."""
        self._let_go.set()

    def accept(self) -> None:
        """Serve until the listener is closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self.server)
            except ConnectionRefusedError:
                client.close()
                continue
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._pass_on, args=(source, target, server), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if source is server and COMMITTED in data and self._holding.is_set():
                    self._holding.clear()
                    self._held.set()
                    self._let_go.wait(PATIENCE_SECONDS)
                    break
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def open_proxy(host: str, port: int) -> Generator[Proxy]:
    """Listen until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = Proxy(listener, host, port)
        thread = threading.Thread(target=proxy.accept)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.drop()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
