"""uvicorn's HTTP/1.1 protocol, bounded: what happens before there is a request that the application could answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from local.gateway.answers import PROBLEM_TYPE, problem_body

if TYPE_CHECKING:
    import asyncio

HEAD_LIMIT = 64 * 1024
"""Bytes of request line and headers that may arrive before they are complete (API Gateway allows 10,240 of headers)."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """Adds to uvicorn: limits of size and time for request heads, problem pages, and order among pipelined requests.

    uvicorn alone waits forever for a head, collects it without bound, and answers garbage that follows a good request
    before the request itself, so that the client takes the refusal for its answer.
    """

    head_seconds: ClassVar[float]
    """Time in which a request's line and headers must arrive, counted from the connection or from their first byte."""

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

    def on_headers_complete(self) -> None:
        """Note that the head is complete."""
        self._in_head = False
        super().on_headers_complete()
        self._seen_request = True

    def data_received(self, data: bytes) -> None:
        """Parse; most heads arrive whole, so the clock and the count are for those that don't."""
        if self._refusal is not None:
            return
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
            body = problem_body(status, code, detail)
            lines = [STATUS_LINE[status]]
            lines += [name + b": " + value + b"\r\n" for name, value in self.server_state.default_headers]
            lines += [b"content-type: ", PROBLEM_TYPE, b"\r\ncontent-length: ", str(len(body)).encode()]
            lines += [b"\r\nconnection: close\r\n\r\n", body]
            self.transport.write(b"".join(lines))
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
