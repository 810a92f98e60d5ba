"""Lambda's answers, checked as strictly as API Gateway does, and turned into HTTP."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any, cast

from local.gateway.answers import GatewayAnswer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RESPONSE_LIMIT = 6 * 1024 * 1024
"""Bytes that a function may answer with (Lambda quota: synchronous invocation payload)."""

_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FORBIDDEN_IN_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

# Framing is the gateway's business; API Gateway replaces these as well.
_OWN_HEADERS = frozenset({b"connection", b"content-length", b"date", b"keep-alive", b"server", b"transfer-encoding"})


class MalformedResultError(Exception):
    """A function's result that API Gateway would turn into a 502; the text says what is wrong with it."""


def to_answer(result: object) -> GatewayAnswer:
    """Turn a proxy integration's result into HTTP. Raises `MalformedResultError`."""
    if not isinstance(result, dict):
        message = f"the result is {type(result).__name__}, not an object"
        raise MalformedResultError(message)
    fields = cast("dict[str, Any]", result)
    status = fields.get("statusCode")
    if not isinstance(status, int) or not 200 <= status <= 599:
        message = f"statusCode is {status!r}, not a number from 200 to 599"
        raise MalformedResultError(message)
    headers = [
        (name, value)
        for name, value in _header_lines(fields.get("headers") or {}, fields.get("multiValueHeaders") or {})
        if name not in _OWN_HEADERS
    ]
    if not any(name == b"content-type" for name, _ in headers) and status not in {204, 304}:
        headers.append((b"content-type", b"application/json"))
    return GatewayAnswer(status, headers, _body(fields.get("body"), is_base64=fields.get("isBase64Encoded") is True))


def _header_lines(single: Mapping[str, Any], multiple: Mapping[str, list[Any]]) -> Iterator[tuple[bytes, bytes]]:
    """Both maps merged; a pair that is in both is sent once."""
    for name, value in single.items():
        if value not in multiple.get(name, ()):
            yield _header_line(name, value)
    for name, values in multiple.items():
        for value in values:
            yield _header_line(name, value)


def _header_line(name: str, value: object) -> tuple[bytes, bytes]:
    try:
        line = name.lower().encode("ascii"), str(value).encode("latin-1")
    except UnicodeEncodeError:
        line = b"", b""
    if not _NAME.fullmatch(line[0]) or _FORBIDDEN_IN_VALUE.search(line[1]):
        message = f"the header {name!r} has a name or value that HTTP cannot carry"
        raise MalformedResultError(message)
    return line


def _body(body: object, *, is_base64: bool) -> bytes:
    if body is None:
        return b""
    if not isinstance(body, str):
        message = f"the body is {type(body).__name__}, not text"
        raise MalformedResultError(message)
    try:
        content = base64.b64decode(body, validate=True) if is_base64 else body.encode()
    except (binascii.Error, UnicodeEncodeError):
        message = "the body is not what isBase64Encoded says, or holds lone surrogates"
        raise MalformedResultError(message) from None
    if len(body) > RESPONSE_LIMIT:
        message = f"the body has {len(body)} bytes; Lambda answers with at most {RESPONSE_LIMIT}"
        raise MalformedResultError(message)
    return content
