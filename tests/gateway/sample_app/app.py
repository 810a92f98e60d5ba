from __future__ import annotations

import json
import os
import signal
import sys
import time
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import boto3
from chalice.app import Chalice, CORSConfig, Request, Response, WebsocketEvent

if TYPE_CHECKING:
    from collections.abc import Callable


class Sample(Chalice):
    """Answers /v1/result with exactly what the request says, past Chalice's own checks."""

    def __call__(self, event: dict[str, Any], context: object) -> dict[str, Any]:
        if event["resource"] == "/v1/result":
            return chosen_result(json.loads(event["body"]))
        return super().__call__(event, context)


app = Sample(app_name="sample")
current: ContextVar[Request] = ContextVar("current")

ANY_TYPE = ["application/json", "application/octet-stream", "image/png", "text/plain"]


@app.middleware("http")
def remember_request(event: Request, get_response: Callable[[Request], Response]) -> Response:
    current.set(event)
    return get_response(event)


def event_and_context() -> tuple[dict[str, Any], Any]:
    request = current.get()
    return request.to_original_event(), request.lambda_context


@app.route("/")
def root() -> dict[str, str]:
    return {"at": "root"}


@app.route("/v1/health")
def health() -> dict[str, Any]:
    return {"process": os.getpid()}


@app.route("/v1/environment")
def environment() -> dict[str, str]:
    return dict(os.environ)


@app.route("/v1/event", methods=["GET", "POST"], content_types=ANY_TYPE)
def whole_event() -> dict[str, Any]:
    return event_and_context()[0]


@app.route("/v1/things/{thing}/parts/{part}", methods=["GET", "DELETE"])
def two_parameters(thing: str, part: str) -> dict[str, str]:
    return {"thing": thing, "part": part}


@app.route("/v1/things/special")
def fixed_beside_parameter() -> dict[str, str]:
    return {"thing": "the special one"}


@app.route("/v1/things/{thing}", cors=CORSConfig(allow_origin="https://example.org", max_age=60))
def one_parameter(thing: str) -> dict[str, str]:
    return {"thing": thing}


@app.route("/v1/context")
def lambda_context() -> dict[str, Any]:
    event, context = event_and_context()
    before = context.get_remaining_time_in_millis()
    while context.get_remaining_time_in_millis() == before:
        pass  # until the next millisecond
    return {
        "aws_request_id": context.aws_request_id,
        "same_as_event": context.aws_request_id == event["requestContext"]["requestId"],
        "function_name": context.function_name,
        "function_version": context.function_version,
        "remaining": [before, context.get_remaining_time_in_millis()],
    }


@app.route("/v1/mirror", methods=["POST"], content_types=ANY_TYPE)
def mirror() -> Response:
    body = current.get().raw_body
    return Response(body, headers={"Content-Type": "application/octet-stream"})


@app.route("/v1/cookies")
def cookies() -> Response:
    return Response("", headers={"Set-Cookie": ["one=1; Path=/", "two=2; Path=/"], "X-Single": "yes"}, status_code=204)


@app.route("/v1/result", methods=["POST"])
def chosen_result(wanted: dict[str, Any] | str) -> dict[str, Any]:
    if wanted == "exit":
        sys.exit(3)
    return cast("dict[str, Any]", wanted)


@app.route("/v1/wait/{name}")
def wait(name: str) -> dict[str, str]:
    """Show that the request has arrived, and answer when the test says so."""
    room = Path(os.environ["WAITING_ROOM"])
    (room / f"{name}.arrived").touch()
    while not (room / f"{name}.go").exists():
        time.sleep(0.01)
    return {"waited": name}


@app.route("/v1/sleep/{seconds}")
def sleep(seconds: str) -> dict[str, str]:
    time.sleep(float(seconds))
    return {"slept": seconds}


def socket_event(event: WebsocketEvent) -> dict[str, Any]:
    """Write the event down for the test, in one piece."""
    whole = event.to_dict()
    with Path(os.environ["SOCKET_EVENTS"]).open("a") as file:
        file.write(json.dumps(whole) + "\n")
    return whole


@app.on_ws_connect()
def connect(event: WebsocketEvent) -> dict[str, Any]:
    asked = socket_event(event).get("queryStringParameters", {})
    if "wait" in asked:
        wait(asked["wait"])
    if "fail" in asked:
        message = "a bug"
        raise ValueError(message)
    if "sleep" in asked:
        time.sleep(float(asked["sleep"]))
    if "answer" in asked:
        return json.loads(asked["answer"])
    return {}


@app.on_ws_message()
def message(event: WebsocketEvent) -> dict[str, Any]:
    """Do what the message says, such as `wait NAME`; what is returned here is never sent."""
    socket_event(event)
    verb, _, rest = event.body.partition(" ")
    if verb == "wait":
        wait(rest)
    if verb == "fail":
        raise ValueError(rest)
    if verb == "echo":
        management = boto3.client("apigatewaymanagementapi")  # pyright: ignore[reportUnknownMemberType] - one of many
        management.post_to_connection(ConnectionId=event.connection_id, Data=rest)
    return {"statusCode": 200, "body": "never sent"}


@app.on_ws_disconnect()
def disconnect(event: WebsocketEvent) -> None:
    socket_event(event)


@app.route("/v1/crash")
def crash() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@app.route("/v1/fails")
def fails() -> None:
    message = "a bug"
    raise ValueError(message)


@app.route("/v1/speaks")
def speaks() -> dict[str, str]:
    sys.stderr.write("the function spoke\n")
    return {}
