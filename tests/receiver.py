"""An https server on a loopback address, in the place of someone else's: it counts who connects."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Generator

MOST_SECONDS = 30


@dataclass(frozen=True)
class Received:
    """A request as it arrived; names of headers in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What is answered: `pieces` of the body one by one, each after a `pause`."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    pieces: tuple[bytes, ...] = ()
    pause: float = 0


class Receiver:
    """What was received, and what is answered to it: `answer` gets each request."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.port = 0
        self.connections = 0
        self.received: list[Received] = []
        self.answer: Callable[[Received], Reply] = lambda _: Reply()
        self.over = threading.Event()
        """Set at the end: who answers late waits for it rather than for the time."""


@contextmanager
def running_receiver(context: ssl.SSLContext, address: str = "127.0.0.1", port: int = 0) -> Generator[Receiver]:
    """A server that answers until the end of the block."""
    receiver = Receiver(address)

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

        def get_request(self) -> tuple[ssl.SSLSocket, tuple[str, int]]:
            accepted, whose = super().get_request()
            receiver.connections += 1
            accepted.settimeout(MOST_SECONDS)
            secured = context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
            return secured, whose

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing: most tests are about clients that go."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Received(self.command, self.path, headers, body)
            receiver.received.append(request)
            reply = receiver.answer(request)
            with suppress(OSError):  # the client has gone
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                for piece in reply.pieces:
                    if reply.pause and receiver.over.wait(reply.pause):
                        return
                    self.wfile.write(piece)

        do_GET = do_POST = answer  # noqa: N815 - names of http.server

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is called
            """Say nothing."""

    server = Server((address, port), Handler)
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, name="receiver")
    thread.start()
    try:
        yield receiver
    finally:
        receiver.over.set()
        server.shutdown()
        server.server_close()
        thread.join()
