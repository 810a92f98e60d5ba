"""uvicorn's HTTP/1.1 protocol, bounded: what happens before there is a request that the application could answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from local.gateway.answers import problem, serialized
from local.gateway.heads import HEAD_LIMIT, head_size
from local.gateway.socket_events import PATH, Handshake

if TYPE_CHECKING:
    import asyncio

    from local.gateway.connections import Connections


class BoundedHttpProtocol(HttpToolsProtocol):
    """Adds to uvicorn: limits of size and time for request heads, problem pages, and order among pipelined requests.

    uvicorn alone waits forever for a head, collects it without bound, and answers garbage that follows a good request
    before the request itself, so that the client takes the refusal for its answer.
    """

    head_seconds: ClassVar[float]
    """Time in which a request's line and headers must arrive, counted from the connection or from their first byte."""

    sockets: ClassVar[Connections | None] = None
    """What takes over connections that ask for WebSocket; None where the functions have no handlers for it."""

    _upgrades = False
    _tail = b""
    _refusal: tuple[int, str, str] | None = None
    _seen_request = False
    _in_head = False
    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock of the first head."""
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(self.head_seconds, self._head_too_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Note that a head has begun."""
        self._in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header. What follows the body is a trailer, and never becomes a header (RFC 9110, section 6.5.1)."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Note that the head is complete, and whether it leads to a WebSocket."""
        self._in_head = False
        self._upgrades = self._wants_websocket()
        super().on_headers_complete()
        self._seen_request = self._seen_request or not self._upgrades

    def data_received(self, data: bytes) -> None:
        """Parse; most heads arrive whole, so the clock and the count are for those that don't."""
        if self._refusal is not None:
            return
        self._tail = (self._tail + data[-4:])[-4:]
        super().data_received(data)
        if not self._in_head:
            self._head_bytes = 0
            self._stop_clock()
            return
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_LIMIT:
            self._refuse(431, "head_too_large", f"The request line and headers exceed {HEAD_LIMIT} bytes.")
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(self.head_seconds, self._head_too_slow)

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over; nothing may follow the head before it is answered (RFC 6455, section 4.1)."""
        if self._tail != b"\r\n\r\n":
            self._refuse(400, "malformed_request", "Data followed the handshake before its answer.")
            return
        assert self.sockets is not None  # noqa: S101 - _wants_websocket
        self.connections.discard(self)
        query = self.url.partition(b"?")[2]
        source_ip = self.client[0] if self.client else ""
        handshake = Handshake(query, self.headers, source_ip)
        self.transport.set_protocol(self.sockets.take(self.transport, self.server_state, handshake))
        del self.parser  # the two hold each other

    def _should_upgrade(self) -> bool:
        return self._upgrades

    def _wants_websocket(self) -> bool:
        """Whether this head is of a WebSocket handshake at its place; any other wish is an ordinary request's."""
        parser = self.parser
        return (
            self.sockets is not None
            and parser is not None
            and parser.should_upgrade()
            and self._get_upgrade() == b"websocket"
            and self.url.partition(b"?")[0].removesuffix(b"/") == PATH.encode()
            and parser.get_method() == b"GET"
            and parser.get_http_version() == "1.1"
            and not any(name in {b"content-length", b"transfer-encoding"} for name, _ in self.headers)
            and head_size(self.url, self.headers) <= HEAD_LIMIT
            # An earlier request of this connection may still be waiting for its answer.
            and (not self._seen_request or self.cycle.response_complete)
        )

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP."""
        del msg
        self._refuse(400, "malformed_request", "This is not a valid HTTP/1.1 request.")

    def on_response_complete(self) -> None:
        """Go on with the next pipelined request; after the last good one comes the refusal."""
        if self._refusal is not None and not self.pipeline:
            self._write_refusal(*self._refusal)
        else:
            super().on_response_complete()

    def _refuse(self, status: int, code: str, detail: str) -> None:
        """Answer and close, but let complete requests that came before have their answers first."""
        self._refusal = status, code, detail
        if self.pipeline:  # so an earlier request is being answered
            if self.cycle.more_body:
                self.pipeline.popleft()  # the broken one itself
        elif not self._seen_request or self.cycle.response_complete or self.cycle.more_body:
            self._write_refusal(status, code, detail)

    def _write_refusal(self, status: int, code: str, detail: str) -> None:
        answered_early = self._seen_request and self.cycle.response_started and not self.cycle.response_complete
        if not answered_early and not self.transport.is_closing():
            self.transport.write(serialized(problem(status, code, detail), self.server_state.default_headers))
        self.transport.close()

    def _head_too_slow(self) -> None:
        self._head_timer = None
        if not self._in_head:  # nothing was asked at all
            self.transport.close()
        else:
            detail = f"The request line and headers did not arrive within {self.head_seconds:g} s."
            self._refuse(408, "request_timeout", detail)

    def _stop_clock(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
