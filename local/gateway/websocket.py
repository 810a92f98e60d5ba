"""One WebSocket, from its handshake to its end.

The frames are the `websockets` library's business (RFC 6455 without I/O); here are the socket, the order of the
messages, the limits and the clock. A connection that rests has no task, no queue and one timer, so that thousands of
them cost little.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections import deque
from typing import TYPE_CHECKING

from websockets.frames import Frame, Opcode
from websockets.protocol import SEND_EOF, SERVER
from websockets.protocol import Protocol as Wire

from local.gateway.answers import problem, serialized

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from uvicorn.server import ServerState

    from local.gateway.answers import GatewayAnswer
    from local.gateway.connections import Connections
    from local.gateway.socket_events import Client, Handshake

GOING_AWAY = (1001, "Going away")
CLOSED_NORMALLY = (1000, "Connection Closed Normally")
BROKEN = (1006, "Connection Closed Abnormally")
TOO_SLOW = (1006, "The client does not read what it is sent")
NO_STATUS = (1005, "Client-side close frame status not set")

CLOSE_SECONDS = 2.0
"""How long a client may take to answer a close frame, or to read what was sent before it."""

PIECE = 1024
"""Bytes that are parsed before the queue is looked at and others have their turn: a read may hold 40,000 pings."""


class HandshakeRefusedError(Exception):
    """The handshake is not accepted; `answer` says why."""

    def __init__(self, answer: GatewayAnswer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class WebSocket(asyncio.Protocol):
    """A connection that asked for WebSocket. `send`, `close` and the facts are for the management endpoint."""

    __slots__ = (
        "_active",
        "_busy",
        "_connections",
        "_ending",
        "_inbox",
        "_is_text",
        "_lost",
        "_opened",
        "_parts",
        "_paused",
        "_scheduled",
        "_server",
        "_stopping",
        "_timer",
        "_transport",
        "_unread",
        "_wire",
        "client",
    )

    def __init__(
        self, connections: Connections, server: ServerState, transport: asyncio.Transport, client: Client
    ) -> None:
        self.client = client
        self._connections = connections
        self._server = server
        self._transport = transport
        self._wire: Wire | None = None  # while the handshake is not answered
        self._ending: tuple[int, str] | None = None
        self._opened = self._active = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._unread: bytes = b""
        self._parts: list[bytes] = []
        self._inbox: deque[str | bytes] = deque()
        self._is_text = self._busy = self._lost = self._paused = self._scheduled = self._stopping = False

    @property
    def last_active_at(self) -> float:
        """When something was last received or sent, in seconds since 1970."""
        return self.client.connected_at + self._active - self._opened

    def start(self, handshake: Handshake) -> None:
        """Ask the function, then answer the handshake."""
        self._server.connections.add(self)  # type: ignore[arg-type] - uvicorn only calls shutdown
        self._run(self._answer(handshake))

    def shutdown(self) -> None:
        """End gracefully, as the worker does."""
        self._stopping = True
        if self._wire is not None:
            self.close(*GOING_AWAY)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the function, after all messages that came before."""
        del exc
        self._lost = True
        self._server.connections.discard(self)  # type: ignore[arg-type]
        self._connections.forget(self)
        if self._timer is not None:
            self._timer.cancel()
        if self._wire is not None:
            self._unread = b""
            self._work()

    def data_received(self, data: bytes) -> None:
        """Parse as far as the queue has room."""
        if self._wire is None:
            self._transport.abort()  # no frame may come before the handshake is answered (RFC 6455, section 4.1)
            return
        self._active = time.monotonic()
        self._unread += data
        self._read_on()

    def send(self, data: bytes) -> bool:
        """Send one message, as text where it is UTF-8; False if the connection ends, for instance by being too slow."""
        if self._wire is None or self._ending is not None:
            return False
        try:
            data.decode()
            self._wire.send_text(data)
        except UnicodeDecodeError:
            self._wire.send_binary(data)
        self._active = time.monotonic()
        self._flush()
        return self._ending is None

    def close(self, code: int, reason: str) -> None:
        """Start the closing handshake; what the client sends from now on is thrown away."""
        if self._wire is None or self._ending is not None:
            return
        self._wire.send_close(code, reason)
        self._end(code, reason)
        self._flush()
        self._read_on()

    async def _answer(self, handshake: Handshake) -> None:
        started = time.perf_counter()
        answer: GatewayAnswer | None = None
        try:
            accepted = await self._connections.open(self.client, handshake)
        except HandshakeRefusedError as refused:
            answer = refused.answer
            self._refuse(answer)
        except asyncio.CancelledError:  # uvicorn's, when the time for a graceful stop is over
            answer = problem(503, "stopped", "The server stopped before the handshake was answered.")
            self._refuse(answer)
        else:
            self._accept(accepted)
        self._connections.log(self.client, 101 if answer is None else answer.status, time.perf_counter() - started)

    def _refuse(self, answer: GatewayAnswer) -> None:
        if not self._transport.is_closing():
            self._transport.write(serialized(answer, self._server.default_headers))
            self._transport.close()

    def _accept(self, response: bytes) -> None:
        """The function has taken the connection: from here on it also hears of its end."""
        limits = self._connections.settings
        self._wire = Wire(SERVER, max_size=(limits.message_limit, limits.frame_limit))
        self._opened = self._active = time.monotonic()
        if self._lost:
            self._work()
        if self._transport.is_closing():  # the client has left, or its early frame was too much
            return
        # What the kernel keeps for a slow reader is bounded as well, and not by itself.
        raw: socket.socket = self._transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.unsent_limit // 2)
        self._transport.write(response)
        self._connections.enter(self)
        self._watch()
        if self._stopping:
            self.close(*GOING_AWAY)

    def _read_on(self) -> None:
        """Parse a piece of what is unread if the queue has room; read the socket only if nothing is left."""
        if self._wire is None or self._lost:
            return
        if self._unread and not self._is_full():
            piece, self._unread = self._unread[:PIECE], self._unread[PIECE:]
            self._parse(self._wire, piece)
        waiting = bool(self._unread) or self._is_full()
        if self._unread and not self._is_full() and not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._read_more)
        if waiting != self._paused and not self._transport.is_closing():
            self._paused = waiting
            (self._transport.pause_reading if waiting else self._transport.resume_reading)()

    def _read_more(self) -> None:
        self._scheduled = False
        self._read_on()

    def _is_full(self) -> bool:
        """Whether the messages that wait are enough; once the connection ends, what comes is thrown away."""
        limits = self._connections.settings
        return self._ending is None and (
            len(self._inbox) >= limits.inbox_limit or sum(map(len, self._inbox)) >= limits.message_limit
        )

    def _parse(self, wire: Wire, piece: bytes) -> None:
        wire.receive_data(piece)
        for event in wire.events_received():
            if isinstance(event, Frame):
                self._take(event)
        self._flush()
        if self._ending is None and wire.close_sent is not None:  # the library has failed the connection
            self._end(wire.close_sent.code, wire.close_sent.reason)

    def _take(self, frame: Frame) -> None:
        """Put whole messages into the queue; the library has answered pings and close frames."""
        if self._ending is not None:
            return
        if frame.opcode is Opcode.CLOSE:
            received = self._wire.close_rcvd if self._wire else None
            code, reason = (received.code, received.reason) if received else NO_STATUS
            self._end(*(NO_STATUS if code == NO_STATUS[0] else (code, reason)))
        if frame.opcode in {Opcode.PING, Opcode.PONG, Opcode.CLOSE}:
            return
        if frame.opcode is not Opcode.CONT:
            self._is_text = frame.opcode is Opcode.TEXT
        self._parts.append(bytes(frame.data))
        if not frame.fin:
            return
        body, self._parts = b"".join(self._parts), []
        try:
            self._inbox.append(body.decode() if self._is_text else body)
        except UnicodeDecodeError:
            if self._wire is not None:
                self._wire.fail(1007, "A text message is not UTF-8.")
            return
        self._work()

    def _flush(self) -> None:
        """Write what the library has to say; give up a client that does not read it."""
        if self._wire is None or self._transport.is_closing():
            return
        output = self._wire.data_to_send()
        if output:
            self._transport.write(b"".join(output))
        if output and output[-1] == SEND_EOF:
            # Half of it only: closing with unread input would make the kernel reset the connection, and the client may
            # lose the close frame. The client's end, or the timer, closes the rest.
            self._transport.write_eof()
        if self._transport.get_write_buffer_size() > self._connections.settings.unsent_limit:
            if self._ending is None:
                self._end(*TOO_SLOW)
            self._transport.abort()

    def _end(self, code: int, reason: str) -> None:
        """Note why the connection ends, and see to it that it does."""
        self._ending = code, reason
        self._connections.leave(self)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._transport.abort)

    def _watch(self) -> None:
        """Close a connection that is idle or old; otherwise look again when it could be."""
        limits = self._connections.settings
        ends_at = min(self._active + limits.idle_seconds, self._opened + limits.life_seconds)
        wait = ends_at - time.monotonic()
        if wait <= 0:
            self.close(*GOING_AWAY)
        else:
            self._timer = asyncio.get_running_loop().call_later(wait, self._watch)

    def _work(self) -> None:
        """Have the functions called, by one task at a time."""
        if not self._busy:
            self._busy = True
            self._run(self._call_functions())

    async def _call_functions(self) -> None:
        """Call the function for each message in order, and in the end for the end."""
        while self._inbox:
            refusal = await self._connections.deliver(self.client, self._inbox.popleft())
            if refusal is not None:
                self.send(refusal)
            self._read_on()
        self._busy = False
        if self._lost:
            self._busy = True  # for good: nothing comes after the end
            await self._connections.bid_farewell(self.client, *(self._ending or BROKEN))

    def _run(self, work: Coroutine[None, None, None]) -> None:
        """Run it as one of the tasks that uvicorn waits for before it stops."""
        task = asyncio.get_running_loop().create_task(work)
        self._server.tasks.add(task)
        task.add_done_callback(self._server.tasks.discard)
