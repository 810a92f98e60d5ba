"""The WebSocket API that the free LocalStack lacks: the embedded gateway in front of the functions that are deployed.

The gateway finds the handlers here as it finds those of Berth's own app.py. Each hands API Gateway's event to the
deployed function of its route and returns what that returns: no code of Berth's answers here.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

from botocore.config import Config
from chalice.app import Chalice, WebsocketEvent

from local.localstack.emulator import Clients
from local.localstack.stack import STACK

PATIENCE_SECONDS = 60
"""For a function that has to be started first; the gateway itself gives up sooner."""

app = Chalice(app_name="berth-sockets")
app.experimental_feature_flags.update(["WEBSOCKETS"])


class FunctionFailedError(Exception):
    """The deployed function raised; the text is its error."""


@cache
def client(service: str) -> Any:  # noqa: ANN401 - one of many
    """Make a client for the LocalStack that LOCALSTACK_ADDRESS names."""
    patience = Config(read_timeout=PATIENCE_SECONDS, retries={"total_max_attempts": 1}, max_pool_connections=32)
    return Clients(os.environ["LOCALSTACK_ADDRESS"]).client(service, config=patience)


@cache
def function_name(logical_id: str) -> str:
    """The name of a function of the stack."""
    found = client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=logical_id)
    return found["StackResourceDetail"]["PhysicalResourceId"]


def invoke(logical_id: str, event: WebsocketEvent) -> Any:  # noqa: ANN401 - what the function returns
    """Run a deployed function. Raises `FunctionFailedError`."""
    payload = json.dumps(event.to_dict()).encode()
    answer = client("lambda").invoke(FunctionName=function_name(logical_id), Payload=payload)
    result = answer["Payload"].read().decode()
    if "FunctionError" in answer:
        raise FunctionFailedError(result)
    return json.loads(result)


@app.on_ws_connect()
def connect(event: WebsocketEvent) -> Any:  # noqa: ANN401 - what the function returns
    """A client comes."""
    return invoke("WebsocketConnect", event)


@app.on_ws_message()
def message(event: WebsocketEvent) -> Any:  # noqa: ANN401 - what the function returns
    """A client says something."""
    return invoke("WebsocketMessage", event)


@app.on_ws_disconnect()
def disconnect(event: WebsocketEvent) -> Any:  # noqa: ANN401 - what the function returns
    """A client is gone."""
    return invoke("WebsocketDisconnect", event)
