"""What goes back to the client: an `Answer`, and the problem pages that the gateway itself gives (RFC 9457)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PROBLEM_TYPE = b"application/problem+json"
_FOR_PAGES = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Allow, Retry-After, X-Amzn-RequestId"),
)


@dataclass(slots=True)
class GatewayAnswer:
    """One HTTP response; header names are lowercase, Content-Length is added when it is sent.

    `closes`: part of the request is still unread, so the connection can't carry another one. It is closed after the
    answer, but only once the client had a chance to read it (see `asgi.send_and_drain`).
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    closes: bool = False


def problem_body(status: int, code: str, detail: str) -> bytes:
    """Problem details as JSON: `code` is stable, `detail` says what happened and what to do."""
    page = {"type": "about:blank", "title": _phrase(status), "status": status, "code": code, "detail": detail}
    return json.dumps(page, ensure_ascii=False, separators=(",", ":")).encode()


def problem(
    status: int, code: str, detail: str, *, headers: Mapping[bytes, bytes] | None = None, closes: bool = False
) -> GatewayAnswer:
    """The gateway's own refusal. It holds nothing of a tenant, so any page may read it."""
    lines = [(b"content-type", PROBLEM_TYPE), (b"x-content-type-options", b"nosniff"), *_FOR_PAGES]
    lines.extend((headers or {}).items())
    return GatewayAnswer(status, lines, problem_body(status, code, detail), closes)


def serialized(answer: GatewayAnswer, default_headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Write an answer out for a connection that ends with it, past uvicorn's own writing."""
    headers = [
        *default_headers,
        *answer.headers,
        (b"content-length", str(len(answer.body)).encode()),
        (b"connection", b"close"),
    ]
    lines = [name + b": " + value + b"\r\n" for name, value in headers]
    return b"".join([STATUS_LINE[answer.status], *lines, b"\r\n", answer.body])


def _phrase(status: int) -> str:
    """The reason phrase, "" where the status is nobody's but a function's."""
    return STATUS_LINE[status].decode().split(" ", 2)[2].rstrip()
