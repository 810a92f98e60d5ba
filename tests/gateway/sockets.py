"""Clients of the gateway's WebSockets: the `websockets` library's, boto3, and what the functions were called with."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode
from uuid import uuid4

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from websockets.sync.client import ClientConnection, connect

from local.gateway.settings import SocketSettings
from tests.eventually import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from types_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient


class Addressed(Protocol):
    """A gateway, as far as its clients know it."""

    address: str


ACCESS_KEY, SECRET_KEY = "berth", "of this test alone"
REGION = "us-east-1"
FUNCTIONS = {"AWS_DEFAULT_REGION": REGION, "AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}


HANDSHAKE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
)
SETTINGS = SocketSettings(ACCESS_KEY, SECRET_KEY)


def management(gateway: Addressed, secret_key: str = SECRET_KEY) -> ApiGatewayManagementApiClient:
    return boto3.client(  # pyright: ignore[reportUnknownMemberType] - one overload of many
        "apigatewaymanagementapi",
        region_name=REGION,
        endpoint_url=f"{gateway.address}/ws",
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=secret_key,
        config=Config(retries={"total_max_attempts": 1}),
    )


def open_socket(gateway: Addressed, **query: str) -> ClientConnection:
    address = f"{gateway.address.replace('http', 'ws', 1)}/ws?{urlencode(query)}"
    return connect(address, compression=None, ping_interval=None, close_timeout=2, proxy=None, legacy=True)


class Events:
    """What the sample's WebSocket functions were called with, in the order of the calls."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environment = {**FUNCTIONS, "SOCKET_EVENTS": str(path)}

    def of(self, connection_id: str) -> list[dict[str, Any]]:
        return [event for event in self._all() if event["requestContext"]["connectionId"] == connection_id]

    def named(self, name: str) -> list[dict[str, Any]]:
        """Events of the handshakes that were sent with this name."""
        return [event for event in self._all() if event.get("queryStringParameters", {}).get("name") == name]

    @contextmanager
    def open(self, gateway: Addressed) -> Generator[tuple[ClientConnection, str]]:
        """Open a connection; it, and its id."""
        name = uuid4().hex
        with open_socket(gateway, name=name) as opened:
            (event,) = self.named(name)
            yield opened, event["requestContext"]["connectionId"]

    def await_event(self, connection_id: str, kind: str) -> dict[str, Any]:
        """The one event of this kind, as soon as it is there."""
        found: list[dict[str, Any]] = []

        def is_there() -> bool:
            found[:] = [event for event in self.of(connection_id) if event["requestContext"]["eventType"] == kind]
            return bool(found)

        eventually(is_there)
        (event,) = found
        return event

    def bodies(self, connection_id: str) -> list[str]:
        return [event["body"] for event in self.of(connection_id) if "body" in event]

    def _all(self) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        return [json.loads(line) for line in self.path.read_text().splitlines(keepends=True) if line.endswith("\n")]


def refused(call: Callable[[], object]) -> tuple[int, str]:
    """HTTP status and code of what boto3 raises."""
    try:
        call()
    except ClientError as error:
        response: dict[str, Any] = {**error.response}
        return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]
    message = "This was not refused."
    raise AssertionError(message)
