"""The head of a request, request line and headers, as far as the gateway itself judges it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.gateway.answers import GatewayAnswer, problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HEAD_LIMIT = 10_240
"""Bytes of request line and headers together: API Gateway's quota."""
LINE = len(b": \r\n")


def head_size(target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Return how many bytes the request's target and its headers have."""
    return len(target) + sum(len(name) + len(value) + LINE for name, value in headers)


def refusal_of(scope: Mapping[str, Any]) -> GatewayAnswer | None:
    """Return why a head is refused, None where it is not: too large, or not exactly one Host (RFC 9112, 3.2)."""
    target = scope["raw_path"] + b"?" + scope["query_string"]
    if head_size(target, scope["headers"]) > HEAD_LIMIT:
        detail = f"The request line and headers exceed {HEAD_LIMIT} bytes."
        return problem(431, "head_too_large", detail, closes=True)
    hosts = sum(name == b"host" for name, _ in scope["headers"])
    if hosts != 1 and (hosts or scope["http_version"] != "1.0"):
        return problem(400, "malformed_request", f"A request has one Host header; this one has {hosts}.", closes=True)
    return None
