"""From where a request comes: API Gateway says it, or CloudFront where that stands before it."""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

EDGE_HEADER, CLIENT_HEADER = "x-berth-edge", "x-berth-client"
"""The secret that CloudFront sends, and the caller's address as it saw it."""


def client_address(context: Mapping[str, Any], headers: Mapping[str, str], edge_key: str) -> str:
    """Return the caller's address: of `requestContext`, or what CloudFront says if `edge_key` is shown.

    The names of `headers` are in lower case. Behind CloudFront, API Gateway sees the address of one of its servers,
    which many callers have in common.
    """
    identity: Mapping[str, str] = context.get("identity") or {}
    seen = identity.get("sourceIp", "")
    shown = headers.get(EDGE_HEADER, "")
    if not edge_key or not hmac.compare_digest(shown.encode(), edge_key.encode()):
        return seen
    try:
        return str(ip_address(headers.get(CLIENT_HEADER, "")))
    except ValueError:
        return seen
