"""How workers reach each other's connections: a Unix socket each, in a directory that only their user can enter.

One exchange per connection: method, id and body, ended by the end of the stream; then status and body, ended likewise.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from local.gateway.connections import GONE, ConnectionOutcome

if TYPE_CHECKING:
    from pathlib import Path

    from local.gateway.connections import Connections

PATIENCE_SECONDS = 5.0
"""How long another worker may take; it only has to put bytes into a buffer."""

BUSY = ConnectionOutcome(503)

logger = logging.getLogger("berth.gateway")


class Peers:
    """This worker's socket, and the way to those of the others."""

    def __init__(self, meeting: Path, worker: str, connections: Connections) -> None:
        """`meeting`: the directory of the sockets; `worker`: this one's name, which its connections' ids begin with."""
        self._meeting = meeting
        self._worker = worker
        self.connections = connections
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Be reachable. Raises OSError."""
        self._server = await asyncio.start_unix_server(self._serve, self._meeting / self._worker)

    def stop(self) -> None:
        """Be gone for the others."""
        if self._server is not None:
            self._server.close()
        (self._meeting / self._worker).unlink(missing_ok=True)

    async def perform(self, worker: str, method: str, connection_id: str, body: bytes) -> ConnectionOutcome:
        """Do it here or have the other worker do it; one that has died has no connections any more."""
        if worker == self._worker:
            return self.connections.perform(method, connection_id, body)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                reader, writer = await asyncio.open_unix_connection(self._meeting / worker)
                with contextlib.closing(writer):
                    writer.write(f"{method} {connection_id}\n".encode() + body)
                    writer.write_eof()
                    status, _, answer = (await reader.read()).partition(b"\n")
        except TimeoutError:
            logger.warning("Worker %s does not answer the others.", worker)
            return BUSY
        except (FileNotFoundError, ConnectionError):
            return GONE
        except OSError as failure:  # too many are open, or too many wait: the other one may be well
            logger.warning("Worker %s cannot be reached: %s", worker, failure)
            return BUSY
        return ConnectionOutcome(int(status), answer) if status else GONE  # it died in the middle

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError):
            head, _, body = (await reader.read()).partition(b"\n")
            method, _, connection_id = head.decode("ascii").partition(" ")
            outcome = self.connections.perform(method, connection_id, body)
            writer.write(b"%d\n" % outcome.status + outcome.body)
            await writer.drain()
