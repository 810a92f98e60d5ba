"""What a worker process is told by the one that starts it, as one line of JSON through the socket between them.

Not as an argument: those of every process can be read by every user of the machine. The functions never see it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket

READY = b"ready\n"
"""What a worker writes to its parent when it accepts connections; a sentence instead says why it cannot."""


@dataclass(frozen=True, slots=True)
class SocketSettings:
    """The WebSocket side. Sizes are bytes; the limits are API Gateway's quotas where it has them.

    `access_key` and `secret_key` must have signed what arrives at `/ws/@connections`. `threads` run the functions, a
    total over all workers. `most_connections` is per worker. `inbox_limit` counts the messages of one connection that
    wait for the function; then its socket is not read. `unsent_limit` is what may wait for a slow reader.
    """

    access_key: str
    secret_key: str
    threads: int = 8
    most_connections: int = 5_000
    frame_limit: int = 32 * 1024
    message_limit: int = 128 * 1024
    inbox_limit: int = 16
    unsent_limit: int = 256 * 1024
    idle_seconds: float = 10 * 60
    life_seconds: float = 2 * 60 * 60


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """Settings of one worker.

    `public_url` is where the deployment is found: under other hosts, sites of tenants begin at `/`.
    `listener` and `parent` are inherited descriptors: the listening socket, and a socket whose other end only the
    starting process holds. `project` is the directory of app.py; `access_log` a path, or "" for standard error.
    A function that still runs `stuck_seconds` after its deadline has the worker replaced.
    `name` (six hexadecimal digits) is of this process alone: the ids of its connections and its socket in `meeting`,
    the directory where workers reach each other, are made of it. `sockets` None is a gateway without WebSockets,
    `socket_threads` those of this worker. Of the threads and of the unfinished requests of this worker, one
    tenant has at most `tenant_threads` and `tenant_limit`; None: half of the threads, an eighth of the requests or 64.
    """

    listener: int
    parent: int
    project: str
    threads: int
    queue_limit: int
    deadline_seconds: float
    stuck_seconds: float
    stop_seconds: float
    access_log: str
    images: str
    web: str = ""
    public_url: str = ""
    name: str = ""
    meeting: str = ""
    socket_threads: int = 0
    sockets: SocketSettings | None = None
    tenant_threads: int | None = None
    tenant_limit: int | None = None

    @property
    def tenant_share(self) -> tuple[int, int]:
        """How many threads, and how many unfinished requests, one tenant has at most."""
        threads = max(1, self.threads // 2) if self.tenant_threads is None else self.tenant_threads
        unfinished = max(64, (self.threads + self.queue_limit) // 8) if self.tenant_limit is None else self.tenant_limit
        return threads, unfinished

    def send(self, channel: socket.socket) -> None:
        """Tell the worker at the other end."""
        channel.sendall(json.dumps(asdict(self)).encode() + b"\n")

    @classmethod
    def received(cls, channel: socket.socket) -> WorkerSettings:
        """Hear it. Raises `EOFError` when the starting process is gone."""
        line = b""
        while not line.endswith(b"\n"):
            data = channel.recv(65536)
            if not data:
                raise EOFError
            line += data
        fields: dict[str, Any] = json.loads(line)
        sockets = fields.pop("sockets")
        return cls(**fields, sockets=sockets and SocketSettings(**sockets))
