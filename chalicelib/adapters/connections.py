"""WebSocket connections as API Gateway keeps them: `@connections`, through which texts are sent and sockets closed.

Amazon API Gateway's management API, or whatever speaks it, at AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI: boto3 cannot
know by itself which API's connections are meant.
"""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING, Literal, TypeVar

from chalicelib.telemetry.definitions import WEBSOCKET_SENDS
from chalicelib.telemetry.metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from types_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient

CONNECT_SECONDS, READ_SECONDS = 1, 1.5
"""So short that in a batch's eight seconds some that do not answer can be sent to, and closed then."""
TRIES = 2
"""The second where there is time for it: an idle connection to the gateway that was dropped fails at once."""
AT_ONCE = 16
"""Of what is sent or closed together."""
MOST_CONNECTIONS = 5 * AT_ONCE + 2
"""To the gateway: five deliveries are made side by side; and one that closes, or answers."""
PATIENCE_SECONDS = 8
"""For all that is sent or closed together where nothing else is said: what would not end by then is left."""
logger = logging.getLogger("berth.connections")

T = TypeVar("T")
Outcome = Literal["taken", "gone", "failed", "left"]


class Connections:
    """The connections of one WebSocket API."""

    def __init__(self, key: tuple[str, str] | None = None) -> None:
        """`key`: access key and secret; None: those that the environment has for all of AWS."""
        self._access_key, self._secret_key = key or (None, None)

    @property
    def call_seconds(self) -> float:
        """What one message, or one end, may take."""
        return CONNECT_SECONDS + READ_SECONDS

    def send(self, messages: Sequence[tuple[str, str]], until: float | None = None) -> dict[str, Outcome]:
        """Send texts, each to a connection, some at once; return what became of them, by connection.

        `until`: an instant of `time.monotonic`; nothing is begun that may last beyond it. None: `PATIENCE_SECONDS`.
        """
        client = self._client

        def send(message: tuple[str, str]) -> None:
            client.post_to_connection(ConnectionId=message[0], Data=message[1].encode())

        outcomes = self._each(send, messages, until)
        for outcome in outcomes:
            METRICS.count(WEBSOCKET_SENDS, outcome)
        return {connection_id: outcome for (connection_id, _), outcome in zip(messages, outcomes, strict=True)}

    def close_all(self, connection_ids: Sequence[str], until: float | None = None) -> dict[str, Outcome]:
        """End connections, some at once; return what became of that, by connection. `until` as in `send`."""
        client = self._client

        def close(connection_id: str) -> None:
            client.delete_connection(ConnectionId=connection_id)

        return dict(zip(connection_ids, self._each(close, connection_ids, until), strict=True))

    def close(self, connection_id: str) -> None:
        """End a connection. One that is gone already, or a gateway that does not answer, is nobody's problem."""
        with suppress(Exception):
            self.close_all([connection_id])

    def is_gone(self, connection_id: str) -> bool:
        """Tell whether the gateway knows that a connection has ended; where it does not answer, it is not known."""
        try:
            self._client.get_connection(ConnectionId=connection_id)
        except self._client.exceptions.GoneException:
            return True
        except Exception as error:  # whatever it is: better to wait than to take somebody's lock
            logger.warning("A connection cannot be looked at: %s", error)
        return False

    def _each(self, call: Callable[[T], None], items: Sequence[T], until: float | None) -> list[Outcome]:
        if not items:
            return []
        one = partial(self._try, call, time.monotonic() + PATIENCE_SECONDS if until is None else until)
        if len(items) == 1:
            return [one(items[0])]
        # Threads of its own: what others send does not wait for a gateway that keeps these.
        with ThreadPoolExecutor(min(AT_ONCE, len(items)), thread_name_prefix="messages") as pool:
            return list(pool.map(one, items))

    def _try(self, call: Callable[[T], None], until: float, item: T) -> Outcome:
        outcome: Outcome = "left"
        for _ in range(TRIES):
            if time.monotonic() + self.call_seconds > until:
                break
            try:
                call(item)
            except self._client.exceptions.GoneException:
                return "gone"
            except Exception as error:  # whatever it is: others are told all the same
                logger.warning("The gateway did not take a message or an end: %s", error)
                outcome = "failed"
            else:
                return "taken"
        return outcome

    @cached_property
    def _client(self) -> ApiGatewayManagementApiClient:
        import boto3  # takes longer to import than most requests to answer
        from botocore.config import Config

        limits = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": 1},  # so that it is known how long a call takes at most; `_try` tries again
            max_pool_connections=MOST_CONNECTIONS,
        )
        # A session of its own: the module's default one keeps the credentials that it saw first.
        session = boto3.Session(self._access_key, self._secret_key)
        return session.client("apigatewaymanagementapi", config=limits)  # pyright: ignore[reportUnknownMemberType] - one overload of many
