"""WebSocket connections as API Gateway keeps them: `@connections`, through which texts are sent and sockets closed.

Amazon API Gateway's management API, or whatever speaks it, at AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI: boto3 cannot
know by itself which API's connections are meant.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from types_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

TIMEOUT_SECONDS = 2
AT_ONCE = 16
PATIENCE_SECONDS = 10
"""For all that is sent or closed together: what was not begun by then is left."""
logger = logging.getLogger("berth.connections")


Outcome = Literal["taken", "gone", "failed", "left"]


class Connections:
    """The connections of one WebSocket API."""

    def __init__(self, key: tuple[str, str] | None = None) -> None:
        """`key`: access key and secret; None: those that the environment has for all of AWS."""
        self._access_key, self._secret_key = key or (None, None)

    def send(self, messages: Sequence[tuple[str, str]]) -> dict[str, Outcome]:
        """Send texts, each to a connection, some at once; return what became of them, by connection."""
        if len(messages) == 1:
            return {messages[0][0]: self._send(messages[0])}
        until = time.monotonic() + PATIENCE_SECONDS

        def send(message: tuple[str, str]) -> Outcome:
            return self._send(message) if time.monotonic() < until else "left"

        outcomes = self._pool.map(send, messages)
        return {connection_id: outcome for (connection_id, _), outcome in zip(messages, outcomes, strict=True)}

    def close_all(self, connection_ids: Sequence[str]) -> None:
        """End connections, some at once, as far as there is time for it."""
        until = time.monotonic() + PATIENCE_SECONDS

        def close(connection_id: str) -> None:
            if time.monotonic() < until:
                self.close(connection_id)

        list(self._pool.map(close, connection_ids))

    def close(self, connection_id: str) -> None:
        """End a connection. One that is gone already, or a gateway that does not answer, is nobody's problem."""
        with suppress(Exception):
            self._client.delete_connection(ConnectionId=connection_id)

    def is_gone(self, connection_id: str) -> bool:
        """Tell whether the gateway knows that a connection has ended; where it does not answer, it is not known."""
        try:
            self._client.get_connection(ConnectionId=connection_id)
        except self._client.exceptions.GoneException:
            return True
        except Exception as error:  # whatever it is: better to wait than to take somebody's lock
            logger.warning("A connection cannot be looked at: %s", error)
        return False

    def _send(self, message: tuple[str, str]) -> Outcome:
        connection_id, text = message
        try:
            self._client.post_to_connection(ConnectionId=connection_id, Data=text.encode())
        except self._client.exceptions.GoneException:
            return "gone"
        except Exception as error:  # whatever it is: others are told all the same
            logger.warning("A message was not taken: %s", error)
            return "failed"
        return "taken"

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="messages")

    @cached_property
    def _client(self) -> ApiGatewayManagementApiClient:
        import boto3  # takes longer to import than most requests to answer
        from botocore.config import Config

        limits = Config(
            connect_timeout=TIMEOUT_SECONDS,
            read_timeout=TIMEOUT_SECONDS,
            retries={"total_max_attempts": 2},
            max_pool_connections=AT_ONCE + 2,  # and one that closes, or answers
        )
        # A session of its own: the module's default one keeps the credentials that it saw first.
        session = boto3.Session(self._access_key, self._secret_key)
        return session.client("apigatewaymanagementapi", config=limits)  # pyright: ignore[reportUnknownMemberType] - one overload of many
