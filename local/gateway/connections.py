"""The WebSocket connections of one worker: who may come in, which function hears of what, and who can be reached."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from websockets.datastructures import Headers
from websockets.http11 import Request
from websockets.server import ServerProtocol

from local.gateway.answers import problem
from local.gateway.events import MalformedQueryError
from local.gateway.pool import DeadlineError, FunctionError, FunctionPool, PoolFullError
from local.gateway.socket_events import (
    CONNECT,
    DISCONNECT,
    MESSAGE,
    PATH,
    client_of,
    connect_event,
    disconnect_event,
    message_event,
)
from local.gateway.websocket import CLOSED_NORMALLY, HandshakeRefusedError, WebSocket

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalice.app import Chalice
    from uvicorn.server import ServerState

    from local.gateway.access_log import AccessLog
    from local.gateway.events import Event, LambdaContext
    from local.gateway.settings import SocketSettings
    from local.gateway.socket_events import Client, Handshake

    Function = Callable[[Event, LambdaContext], object]

STUCK_CALLS = 10_000
"""Calls that may wait behind functions that run on after their deadline; before that, calls wait for a free thread."""

_FAILED = "Internal server error"
_FORBIDDEN = "Forbidden"

logger = logging.getLogger("berth.gateway")


class ConnectionOutcome(NamedTuple):
    """How a request for one connection went: an HTTP status, and what a GET asked for."""

    status: int
    body: bytes = b""


GONE = ConnectionOutcome(410)


def websocket_functions(app: Chalice) -> dict[str, Function]:
    """The app's WebSocket handlers by route key; empty where it declares none."""
    declared = cast("Mapping[str, Any]", app.websocket_handlers)
    return {route: app.handler_map[handler.name] for route, handler in declared.items()}


class Connections:
    """Takes connections over from HTTP, calls the functions, and finds a connection by its id.

    The functions have threads of their own, so that they keep none from HTTP.
    """

    def __init__(
        self,
        functions: Mapping[str, Function],
        settings: SocketSettings,
        worker: str,
        threads: int,
        deadline_seconds: float,
        stuck_seconds: float,
        on_stuck: Callable[[str], None],
        access_log: AccessLog,
    ) -> None:
        """`worker`: what ids of connections begin with; `threads`: of this worker alone; the rest: `FunctionPool`'s."""
        self.settings = settings
        self._functions = functions
        self._worker = worker
        self._deadline_seconds = deadline_seconds
        self._pool = FunctionPool(
            self._call,
            threads=threads,
            queue_limit=STUCK_CALLS,
            deadline_seconds=deadline_seconds,
            stuck_seconds=stuck_seconds,
            on_stuck=on_stuck,
        )
        self._free_threads = asyncio.Semaphore(threads)
        self._access_log = access_log
        self._taken: set[WebSocket] = set()
        self._open: dict[str, WebSocket] = {}

    def take(self, transport: asyncio.Transport, server: ServerState, handshake: Handshake) -> WebSocket:
        """Take a connection over whose first request is a handshake."""
        client = client_of(handshake, self._worker, time.time())
        taken = WebSocket(self, server, transport, client)
        self._taken.add(taken)
        taken.start(handshake)
        return taken

    async def open(self, client: Client, handshake: Handshake) -> bytes:
        """Ask the function and return the answer to the handshake. Raises `HandshakeRefusedError`."""
        protocol = ServerProtocol()
        headers = Headers([(name.decode("latin-1"), value.decode("latin-1")) for name, value in handshake.headers])
        response = protocol.accept(Request(PATH, headers))
        if response.status_code != 101:
            detail = f"This is no valid WebSocket handshake: {protocol.handshake_exc}."
            raise HandshakeRefusedError(problem(response.status_code, "malformed_handshake", detail))
        if len(self._taken) > self.settings.most_connections:
            detail = "There are too many connections. Try again in a moment."
            raise HandshakeRefusedError(problem(503, "overloaded", detail, headers={b"retry-after": b"5"}))
        chosen = await self._ask(client, handshake)
        if chosen is not None and chosen in _offered(headers):
            response.headers["Sec-WebSocket-Protocol"] = chosen
        return response.serialize()

    async def deliver(self, client: Client, body: str | bytes) -> bytes | None:
        """Call the function with a message; return what the client is to hear if that failed, as on AWS."""
        event = message_event(client, body)
        if MESSAGE not in self._functions:
            return _complaint(_FORBIDDEN, event)
        try:
            await self._invoke(event)
        except (DeadlineError, FunctionError, PoolFullError) as error:
            _report(event, error)
            return _complaint(_FAILED, event)
        return None

    async def bid_farewell(self, client: Client, code: int, reason: str) -> None:
        """Tell the function that a connection has ended."""
        event = disconnect_event(client, code, reason)
        if DISCONNECT not in self._functions:
            return
        try:
            await self._invoke(event)
        except (DeadlineError, FunctionError, PoolFullError) as error:
            _report(event, error)

    def enter(self, connection: WebSocket) -> None:
        """From now on it can be reached."""
        self._open[connection.client.connection_id] = connection

    def leave(self, connection: WebSocket) -> None:
        """From now on it is gone for everybody who asks for it. Repeatable."""
        self._open.pop(connection.client.connection_id, None)

    def forget(self, connection: WebSocket) -> None:
        """Its socket is closed."""
        self.leave(connection)
        self._taken.discard(connection)

    def log(self, client: Client, status: int, seconds: float) -> None:
        """Write a handshake's line in the access log, under the connection's id."""
        self._access_log.write(
            at=client.connected_at,
            request_id=client.connection_id,
            method="GET",
            path=PATH,
            status=status,
            seconds=seconds,
            sent=0,
            source_ip=client.identity["sourceIp"],
        )

    def perform(self, method: str, connection_id: str, body: bytes) -> ConnectionOutcome:
        """Do to a connection of this worker what POST, GET and DELETE of `@connections` mean."""
        connection = self._open.get(connection_id)
        if connection is None:
            return GONE
        if method == "POST":
            return ConnectionOutcome(200) if connection.send(body) else GONE
        if method == "DELETE":
            connection.close(*CLOSED_NORMALLY)
            return ConnectionOutcome(204)
        facts = {
            "connectedAt": _iso(connection.client.connected_at),
            "identity": connection.client.identity,
            "lastActiveAt": _iso(connection.last_active_at),
        }
        return ConnectionOutcome(200, json.dumps(facts).encode())

    async def _ask(self, client: Client, handshake: Handshake) -> str | None:
        """Call the function with the handshake; return the subprotocol that it chose, if any.

        Raises `HandshakeRefusedError`: what is not 2xx refuses with that status, a failure with 502, 503 or 504.
        """
        try:
            event = connect_event(client, handshake)
        except MalformedQueryError as error:
            raise HandshakeRefusedError(problem(400, "malformed_query", str(error))) from None
        if CONNECT not in self._functions:
            return None
        try:
            result = await self._invoke(event, self._deadline_seconds)
        except (PoolFullError, TimeoutError):
            detail = "Too many connections are being opened. Try again in a moment."
            refusal = problem(503, "overloaded", detail, headers={b"retry-after": b"1"})
            raise HandshakeRefusedError(refusal) from None
        except DeadlineError:
            detail = "The function took too long."
            raise HandshakeRefusedError(problem(504, "deadline_exceeded", detail)) from None
        except FunctionError as error:
            _report(event, error)
            detail = f"The function failed. The reason has been logged under {client.connection_id}."
            raise HandshakeRefusedError(problem(502, "function_failed", detail)) from None
        fields = cast("dict[str, Any]", result if isinstance(result, dict) else {})
        status = fields.get("statusCode")
        if not isinstance(status, int) or not 200 <= status <= 599:
            logger.warning("Connection %s: the function's statusCode is %r", client.connection_id, status)
            raise HandshakeRefusedError(problem(502, "function_failed", "The function's result is malformed."))
        if status >= 300:
            raise HandshakeRefusedError(problem(status, "connection_refused", "The connection was refused."))
        names = cast("dict[str, Any]", fields.get("headers") or {})
        return next((value for name, value in names.items() if name.lower() == "sec-websocket-protocol"), None)

    async def _invoke(self, event: Event, patience: float | None = None) -> object:
        """Wait for a free thread, at most `patience` seconds; then run the function of the event, within its deadline.

        Raises TimeoutError when patience ends, and as `FunctionPool.call`.
        """
        async with asyncio.timeout(patience):
            await self._free_threads.acquire()
        try:
            return await self._pool.call(event, event["requestContext"]["requestId"])
        finally:
            self._free_threads.release()

    def _call(self, event: Event, context: LambdaContext) -> object:
        return self._functions[event["requestContext"]["routeKey"]](event, context)


def _offered(headers: Headers) -> set[str]:
    lines = headers.get_all("Sec-WebSocket-Protocol")
    return {name.strip() for line in lines for name in line.split(",")}


def _complaint(message: str, event: Event) -> bytes:
    """What API Gateway sends to a client whose message found no function, or one that failed."""
    context = event["requestContext"]
    ids = {"connectionId": context["connectionId"], "requestId": context["requestId"]}
    return json.dumps({"message": message, **ids}).encode()


def _report(event: Event, error: Exception) -> None:
    context = event["requestContext"]
    logger.error(
        "Connection %s: the function of %s failed: %s",
        context["connectionId"],
        context["routeKey"],
        "it took too long" if isinstance(error, DeadlineError) else repr(error),
        exc_info=error.__cause__,
    )


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
