"""The gateway's ASGI application: one request from its head to its line in the access log.

Plain ASGI without a framework: this path carries every request of the demo, the tests and the benchmark.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

import uuid_utils

from local.gateway.answers import GatewayAnswer, problem
from local.gateway.events import STAGE, Call, MalformedQueryError, api_gateway_event, header_maps
from local.gateway.heads import refusal_of
from local.gateway.page_requests import compress
from local.gateway.pool import DeadlineError, FunctionError, PoolFullError, TenantBusyError
from local.gateway.results import MalformedResultError, to_answer
from local.gateway.routes import BODY_LIMIT, MalformedPathError
from local.gateway.site import refused_method

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from chalice.app import Chalice

    from local.gateway.access_log import AccessLog
    from local.gateway.management import Management
    from local.gateway.page_requests import PageRequests
    from local.gateway.pool import FunctionPool
    from local.gateway.routes import Match, Resource, Routes
    from local.gateway.site import PublicSite

    Scope = MutableMapping[str, Any]
    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

DRAIN_LIMIT = 64 * BODY_LIMIT
DRAIN_SECONDS = 5.0
"""How much, and for how long, the gateway reads on after it refused a body."""

_PREFIX = f"/{STAGE}"

_BODILESS = frozenset({204, 304})  # RFC 9110, sections 15.3.5 and 15.4.5

logger = logging.getLogger("berth.gateway")


class ClientGoneError(Exception):
    """The connection broke before the request was complete."""


class RefusedError(Exception):
    """The gateway answers by itself; `answer` is what it says."""

    def __init__(self, answer: GatewayAnswer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class GatewayApplication:
    """Every HTTP request that arrives on the port; `protocol.py` has taken the handshakes of WebSockets out."""

    def __init__(
        self,
        app: Chalice,
        routes: Routes,
        pool: FunctionPool,
        site: PublicSite,
        pages: PageRequests,
        access_log: AccessLog,
        body_seconds: float,
        management: Management | None = None,
    ) -> None:
        """`body_seconds`: how long a body may take to arrive; `management`: None without WebSockets."""
        self._binary_types = app.api.binary_types
        self._routes = routes
        self._pool = pool
        self._site = site
        self._pages = pages
        self._access_log = access_log
        self._body_seconds = body_seconds
        self.management = management

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection scope."""
        if scope["type"] != "http":
            message = f"The gateway does not serve {scope['type']} scopes."
            raise NotImplementedError(message)
        started = time.perf_counter()
        at = time.time()
        request_id = str(uuid_utils.uuid4())
        try:
            answer = await self._answer(scope, receive, request_id, at)
        except ClientGoneError:
            return
        except asyncio.CancelledError:  # uvicorn's, when the time for a graceful stop is over
            detail = "The server stopped before the function answered. What was done is unknown: look first."
            answer = problem(504, "stopped", detail)
        except Exception:
            logger.exception("Request %s: the gateway itself failed", request_id)
            detail = f"The gateway failed. The reason has been logged under {request_id}."
            answer = problem(500, "gateway_failed", detail)
        answer.headers.append((b"x-amzn-requestid", request_id.encode()))
        sent = await (send_and_drain(answer, receive, send) if answer.closes else send_answer(answer, scope, send))
        self._access_log.write(
            at=at,
            request_id=request_id,
            method=scope["method"],
            path=scope["raw_path"].decode("ascii"),
            status=answer.status,
            seconds=time.perf_counter() - started,
            sent=sent,
            source_ip=_source_ip(scope),
        )

    async def _answer(self, scope: Scope, receive: Receive, request_id: str, at: float) -> GatewayAnswer:
        refusal = refusal_of(scope)
        if refusal is not None:
            return refusal
        raw_path: str = scope["raw_path"].decode("ascii")
        headers, multiple = header_maps(scope["headers"])
        if self.management is not None and self.management.owns(raw_path):
            return await self._manage(self.management, scope, receive, headers)
        query: bytes = scope["query_string"]
        page = self._pages.of(raw_path, headers.get("host", ""), query)
        if page is not None and scope["method"] in {"GET", "HEAD"}:
            path, query = page.path, page.query
        elif raw_path != _PREFIX and not raw_path.startswith(f"{_PREFIX}/"):
            if page is not None:
                return refused_method(raw_path, scope["method"])
            return self._site.answer(scope["method"], raw_path, headers)
        else:
            path = raw_path.removeprefix(_PREFIX) or "/"
        try:
            match, method = self._route(scope["method"], path)
            body = await self._read_body(scope, receive, match.resource.body_limit(method))
        except RefusedError as refused:
            return refused.answer
        call = Call(
            request_id=request_id,
            received_at=at,
            match=match,
            method=method,
            path=path,
            query=query,
            headers=headers,
            multi_value_headers=multiple,
            body=body,
            source_ip=_source_ip(scope),
            http_version=scope["http_version"],
        )
        tenant = page.tenant if page else (match.parameters or {}).get("tenant", "")
        answer = await self._invoke(call, tenant)
        return compress(answer, headers.get("accept-encoding", "")) if page else answer

    async def _manage(
        self, management: Management, scope: Scope, receive: Receive, headers: dict[str, str]
    ) -> GatewayAnswer:
        try:
            body = await self._read_body(scope, receive)
        except RefusedError as refused:
            return management.named(refused.answer)
        query = scope["query_string"].decode("latin-1")
        return await management.answer(scope["method"], scope["raw_path"].decode("ascii"), query, headers, body)

    def _route(self, method: str, path: str) -> tuple[Match, str]:
        """The resource of a path and its declared method. Raises `RefusedError`."""
        try:
            match = self._routes.find(path)
        except MalformedPathError as error:
            raise RefusedError(problem(400, "malformed_path", str(error))) from None
        if match is None:
            detail = f"There is no {_PREFIX}{path}. All paths are listed in {_PREFIX}/v1/openapi.json."
            raise RefusedError(problem(404, "not_found", detail))
        declared = match.resource.served_method(method)
        if declared is None:
            raise RefusedError(_undeclared_method(method, path, match.resource))
        return match, declared

    async def _invoke(self, call: Call, tenant: str) -> GatewayAnswer:
        try:
            event = api_gateway_event(call, self._binary_types)
            return to_answer(await self._pool.call(event, call.request_id, tenant))
        except MalformedQueryError as error:
            return problem(400, "malformed_query", str(error))
        except PoolFullError:
            detail = "Too many requests are waiting. Nothing was done; send it again in a moment."
            return problem(503, "overloaded", detail, headers={b"retry-after": b"1"})
        except TenantBusyError:
            detail = "Too many requests to this tenant are waiting. Nothing was done; send it again in a moment."
            return problem(429, "tenant_busy", detail, headers={b"retry-after": b"1"})
        except DeadlineError:
            detail = "The request took too long. What it did is unknown: look before you repeat it."
            return problem(504, "deadline_exceeded", detail)
        except FunctionError as error:
            logger.exception("Request %s: the function raised an exception", call.request_id, exc_info=error.__cause__)
        except MalformedResultError as error:
            logger.warning("Request %s: the function's result is malformed: %s", call.request_id, error)
        detail = f"The function failed. The reason has been logged under {call.request_id}."
        return problem(502, "function_failed", detail)

    async def _read_body(self, scope: Scope, receive: Receive, limit: int = BODY_LIMIT) -> bytes:
        """Collect the body. Raises `RefusedError` (too large, too slow) and `ClientGoneError`."""
        declared = b""
        chunked = upgrades = False
        for name, value in scope["headers"]:
            if name == b"content-length":
                declared = value
            elif name == b"transfer-encoding":
                chunked = True
            elif name == b"upgrade":
                upgrades = True
        if not chunked and declared in {b"", b"0"}:
            return b""
        if upgrades:  # uvicorn's parser takes such a body for the first bytes of the other protocol
            detail = "A request with a body cannot ask for another protocol here; send it without the Upgrade header."
            raise RefusedError(problem(400, "upgrade_with_body", detail, headers={b"connection": b"close"}))
        if declared and int(declared) > limit:
            raise RefusedError(_too_large(limit))
        try:
            async with asyncio.timeout(self._body_seconds):
                return await whole_body(receive, limit)
        except TimeoutError:
            detail = f"The body did not arrive within {self._body_seconds:g} s."
            raise RefusedError(problem(408, "request_timeout", detail, closes=True)) from None


async def whole_body(receive: Receive, limit: int) -> bytes:
    """Return the body, of at most `limit` bytes. Raises `RefusedError` and `ClientGoneError`."""
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        parts.append(message["body"])
        size += len(parts[-1])
        if size > limit:
            raise RefusedError(_too_large(limit))
        more = message["more_body"]
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large(limit: int) -> GatewayAnswer:
    detail = f"The body exceeds {limit} bytes, the most that this route takes."
    return problem(413, "body_too_large", detail, closes=True)


async def send_answer(answer: GatewayAnswer, scope: Scope, send: Send) -> int:
    """Send an answer and return how many bytes of body went out."""
    body = answer.body
    if answer.status in _BODILESS:
        body = b""
    else:
        answer.headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": body})
    return 0 if scope["method"] == "HEAD" else len(body)


async def send_and_drain(answer: GatewayAnswer, receive: Receive, send: Send) -> int:
    """Send an answer while the client is still sending its body, and read on before the connection is closed.

    Closing with unread input makes the kernel reset the connection, and the client may lose the answer
    (RFC 9112, section 9.6). So the answer goes out whole, then what still arrives is thrown away, within bounds.
    """
    length = str(len(answer.body)).encode()
    answer.headers += [(b"content-length", length), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": True})
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            drained = 0
            while drained < DRAIN_LIMIT:
                message = await receive()
                drained += len(message.get("body", b""))
                if not message.get("more_body"):
                    break
    except TimeoutError:
        pass
    await send({"type": "http.response.body", "body": b""})
    return len(answer.body)


def _undeclared_method(method: str, path: str, resource: Resource) -> GatewayAnswer:
    """CORS preflight as API Gateway answers it without the function; otherwise 405."""
    if method == "OPTIONS" and resource.preflight is not None:
        return GatewayAnswer(
            200, [(name.lower().encode(), value.encode()) for name, value in resource.preflight.items()], b""
        )
    return problem(
        405,
        "method_not_allowed",
        f"{_PREFIX}{path} answers {resource.allow}, not {method}.",
        headers={b"allow": resource.allow.encode()},
    )


def _source_ip(scope: Scope) -> str:
    client = scope["client"]
    return client[0] if client else ""
