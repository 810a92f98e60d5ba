"""Lambda events as API Gateway's WebSocket APIs make them, and the ids that they carry.

Source: "Integration requests in WebSocket APIs" in the API Gateway developer guide, and recorded events. Differences as
in `events.py`: header names in lower case, and `apiId` is fixed.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local.gateway.events import API_ID, add_forwarding, common_log_time, header_maps, query_map

if TYPE_CHECKING:
    from local.gateway.events import Event

STAGE = "ws"
PATH = f"/{STAGE}"
CONNECT, MESSAGE, DISCONNECT = "$connect", "$default", "$disconnect"

_NAME_BYTES, _SECRET_BYTES = 3, 8


@dataclass(frozen=True, slots=True)
class Handshake:
    """The request that asks for a WebSocket: its query, still percent-encoded, and its headers in lower case."""

    query: bytes
    headers: Sequence[tuple[bytes, bytes]]
    source_ip: str


@dataclass(frozen=True, slots=True)
class Client:
    """What every event of a connection says about it; `connected_at` is in seconds since 1970."""

    connection_id: str
    connected_at: float
    host: str
    identity: dict[str, str]


def connection_id(worker: str) -> str:
    """Make the id of a connection of this worker (six hexadecimal digits); 64 bits of it cannot be guessed."""
    return base64.urlsafe_b64encode(bytes.fromhex(worker) + secrets.token_bytes(_SECRET_BYTES)).decode("ascii")


def worker_of(connection: str) -> str | None:
    """Say which worker a connection belongs to; None where the text is no id."""
    try:
        decoded = base64.b64decode(connection, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded[:_NAME_BYTES].hex() if len(decoded) == _NAME_BYTES + _SECRET_BYTES else None


def request_id() -> str:
    """Make an id of one event."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_NAME_BYTES + _SECRET_BYTES)).decode("ascii")


def client_of(handshake: Handshake, worker: str, at: float) -> Client:
    """Describe a new connection."""
    headers = dict(handshake.headers)
    identity = {"sourceIp": handshake.source_ip}
    agent = headers.get(b"user-agent")
    if agent is not None:
        identity = {"userAgent": agent.decode("latin-1"), **identity}
    return Client(connection_id(worker), at, headers.get(b"host", b"").decode("latin-1"), identity)


def connect_event(client: Client, handshake: Handshake) -> Event:
    """Event of a handshake. Raises `MalformedQueryError`."""
    headers, multiple = header_maps(handshake.headers)
    add_forwarding(headers, multiple, handshake.source_ip)
    query = query_map(handshake.query) if handshake.query else None
    parameters: Event = {}
    if query:
        parameters["queryStringParameters"] = {name: values[-1] for name, values in query.items()}
        parameters["multiValueQueryStringParameters"] = query
    return {
        "headers": headers,
        "multiValueHeaders": multiple,
        **parameters,
        "requestContext": _context(client, CONNECT, "CONNECT"),
        "isBase64Encoded": False,
    }


def message_event(client: Client, body: str | bytes) -> Event:
    """Event of a message; what came as bytes, in binary frames, is base64."""
    text = body if isinstance(body, str) else base64.b64encode(body).decode("ascii")
    return {
        "requestContext": {**_context(client, MESSAGE, "MESSAGE"), "messageId": request_id()},
        "body": text,
        "isBase64Encoded": isinstance(body, bytes),
    }


def disconnect_event(client: Client, code: int, reason: str) -> Event:
    """Event of a connection's end; `code` is the close code (RFC 6455, section 7.4)."""
    headers = {"host": client.host, "x-api-key": "", "x-forwarded-for": "", "x-restapi": ""}
    context = _context(client, DISCONNECT, "DISCONNECT")
    return {
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "requestContext": {**context, "disconnectStatusCode": code, "disconnectReason": reason},
        "isBase64Encoded": False,
    }


def _context(client: Client, route: str, kind: str) -> dict[str, Any]:
    now = time.time()
    event_id = request_id()
    return {
        "routeKey": route,
        "eventType": kind,
        "extendedRequestId": event_id,
        "requestTime": common_log_time(int(now)),
        "messageDirection": "IN",
        "stage": STAGE,
        "connectedAt": int(client.connected_at * 1000),
        "requestTimeEpoch": int(now * 1000),
        "identity": {**client.identity},
        "requestId": event_id,
        "domainName": client.host.rpartition(":")[0] or client.host,
        "connectionId": client.connection_id,
        "apiId": API_ID,
    }
