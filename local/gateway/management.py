"""The management endpoint of API Gateway's WebSocket APIs, `/ws/@connections/{id}`, as boto3 speaks to it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote

from botocore.credentials import Credentials

from local.aws.signatures import SignatureError, check_signature
from local.gateway.answers import GatewayAnswer, problem
from local.gateway.connections import GONE
from local.gateway.socket_events import PATH, worker_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.gateway.peers import Peers
    from local.gateway.settings import SocketSettings

SERVICE = "execute-api"
METHODS = ("POST", "GET", "DELETE")
TOO_LARGE = "PayloadTooLargeException"
_KIND = b"x-amzn-errortype"


class Management:
    """Answers requests below the WebSocket path that are no handshakes."""

    def __init__(self, settings: SocketSettings, peers: Peers) -> None:
        self._credentials = Credentials(settings.access_key, settings.secret_key)
        self._message_limit = settings.message_limit
        self.peers = peers

    @staticmethod
    def owns(raw_path: str) -> bool:
        """Whether a path belongs here."""
        return raw_path == PATH or raw_path.startswith(f"{PATH}/")

    @staticmethod
    def named(refusal: GatewayAnswer) -> GatewayAnswer:
        """The gateway's own refusal of a body, under the name that boto3 knows."""
        if refusal.status == 413:
            refusal.headers.append((_KIND, TOO_LARGE.encode()))
        return refusal

    async def answer(
        self, method: str, raw_path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> GatewayAnswer:
        """Answer a request; `raw_path` is percent-encoded, the headers' names are in lower case."""
        if raw_path.rstrip("/") == PATH:
            detail = f"{PATH} speaks WebSocket only."
            more = {b"upgrade": b"websocket", b"connection": b"close"}
            return problem(426, "upgrade_required", detail, headers=more)
        place, _, connection_id = unquote(raw_path).removeprefix(f"{PATH}/").partition("/")
        if place != "@connections":
            return problem(404, "not_found", f"There is nothing at {raw_path} but {PATH}/@connections/ID.")
        url = f"http://{headers.get('host', '')}{raw_path}" + (f"?{query}" if query else "")
        try:
            check_signature(self._credentials, SERVICE, method, url, headers, body)
        except SignatureError as error:
            return _refusal(403, "ForbiddenException", str(error))
        if method not in METHODS:
            detail = f"A connection answers {', '.join(METHODS)}, not {method}."
            return problem(405, "method_not_allowed", detail, headers={b"allow": ", ".join(METHODS).encode()})
        if len(body) > self._message_limit:
            return _refusal(413, TOO_LARGE, f"A message may have {self._message_limit} bytes.")
        worker = worker_of(connection_id)
        outcome = GONE if worker is None else await self.peers.perform(worker, method, connection_id, body)
        if outcome == GONE:
            return _refusal(410, "GoneException", "The connection is gone, or there never was one of this id.")
        if outcome.status >= 500:
            return _refusal(outcome.status, "ServiceUnavailableException", "Its worker does not answer. Try again.")
        return GatewayAnswer(
            outcome.status, [(b"content-type", b"application/json")] if outcome.body else [], outcome.body
        )


def _refusal(status: int, kind: str, message: str) -> GatewayAnswer:
    headers = [(b"content-type", b"application/json"), (_KIND, kind.encode())]
    return GatewayAnswer(status, headers, json.dumps({"message": message}).encode())
