from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.gateway.wire import Received, Wire, request

if TYPE_CHECKING:
    import httpx

    from local.gateway.serve import Gateway

SAMPLES = Path(__file__).parents[1] / "events"


def sample(name: str, gateway: Gateway) -> dict[str, Any]:
    port = gateway.address.rpartition(":")[2]
    return json.loads((SAMPLES / name).read_text().replace("<port>", port))


def ask(gateway: Gateway, data: bytes) -> Received:
    with Wire(gateway.address) as wire:
        wire.send(data)
        received = wire.receive()
        assert received is not None
        return received


def without_passing_facts(event: dict[str, Any], request_id: str) -> dict[str, Any]:
    """Check what differs with every request, then put the placeholders of the samples there."""
    context = event["requestContext"]
    assert context["requestId"] == context["extendedRequestId"] == request_id
    seconds = datetime.strptime(context["requestTime"], "%d/%b/%Y:%H:%M:%S %z").timestamp()
    assert int(context["requestTimeEpoch"] / 1000) == seconds
    assert abs(time.time() - seconds) < 60
    stable = {
        "requestId": "<request id>",
        "extendedRequestId": "<request id>",
        "requestTime": "<request time>",
        "requestTimeEpoch": "<request time>",
    }
    return {**event, "requestContext": {**context, **stable}}


def test_event_of_a_get_is_the_whole_one_of_api_gateway(gateway: Gateway) -> None:
    port = gateway.address.rpartition(":")[2]
    data = request(
        "GET",
        "/api/v1/event?kind=cabin&&kind=tour&q=a+b%2B%C3%A9%26%3D&empty",
        "Accept: application/json",
        "User-Agent: sample/1.0",
        "X-Colour: red",
        "x-colour: blue",
        "X-Forwarded-For: 203.0.113.9",
        "Connection: keep-alive",
        "TE: trailers",
    ).replace(b"Host: test", f"Host: 127.0.0.1:{port}".encode())
    received = ask(gateway, data)
    event = without_passing_facts(json.loads(received.body), received.headers["x-amzn-requestid"])
    assert event == sample("api_gateway_rest_get.json", gateway)


def test_event_of_a_post_keeps_the_path_encoded_and_the_body_as_text(gateway: Gateway) -> None:
    port = gateway.address.rpartition(":")[2]
    body = '{"name": "Zoë"}'.encode()
    headers = ("Content-Type: application/json; charset=utf-8", f"Content-Length: {len(body)}")
    data = request("POST", "/api/v1/%65vent", *headers, body=body)
    received = ask(gateway, data.replace(b"Host: test", f"Host: 127.0.0.1:{port}".encode()))
    event = without_passing_facts(json.loads(received.body), received.headers["x-amzn-requestid"])
    assert event == sample("api_gateway_rest_post.json", gateway)


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("image/png", b"\x89PNG\r\n\x1a\n"),
        ("IMAGE/PNG; q=1", b"only letters"),
        ("text/plain", b"\xff\xfe not UTF-8"),
    ],
)
def test_binary_body_is_base64_in_the_event(client: httpx.Client, media_type: str, body: bytes) -> None:
    event = client.post("/api/v1/event", content=body, headers={"Content-Type": media_type}).json()
    assert (event["isBase64Encoded"], base64.b64decode(event["body"])) == (True, body)


def test_path_parameters_are_decoded_one_by_one(client: httpx.Client) -> None:
    assert client.get("/api/v1/things/a%2Fb/parts/caf%C3%A9").json() == {"thing": "a/b", "part": "café"}


def test_context_counts_down_to_the_deadline(client: httpx.Client) -> None:
    response = client.get("/api/v1/context")
    context = response.json()
    assert context["aws_request_id"] == response.headers["x-amzn-requestid"]
    assert context["same_as_event"]
    assert (context["function_name"], context["function_version"]) == ("berth-embedded", "$LATEST")
    first, second = context["remaining"]
    assert 29_000 >= first > second > 0


def test_request_time_is_utc(client: httpx.Client) -> None:
    context = client.get("/api/v1/event").json()["requestContext"]
    stated = datetime.strptime(context["requestTime"], "%d/%b/%Y:%H:%M:%S %z")
    assert stated == datetime.fromtimestamp(context["requestTimeEpoch"] // 1000, UTC)
