from __future__ import annotations

import base64
import json
import re
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from local.gateway.socket_events import connection_id, worker_of
from tests.eventually import eventually
from tests.gateway.sample import serve_sample
from tests.gateway.sockets import HANDSHAKE, SETTINGS, open_socket
from tests.gateway.wire import Wire, request

if TYPE_CHECKING:
    from local.gateway.serve import Gateway
    from tests.gateway.sample import WaitingRoom
    from tests.gateway.sockets import Events

SAMPLES = Path(__file__).parent / "events"


def sample(name: str, gateway: Gateway) -> dict[str, Any]:
    port = gateway.address.rpartition(":")[2]
    return json.loads((SAMPLES / name).read_text().replace("<port>", port))


def without_passing_facts(event: dict[str, Any]) -> dict[str, Any]:
    """Check what differs with every event, then put the placeholders of the samples there."""
    context = event["requestContext"]
    assert context["requestId"] == context["extendedRequestId"]
    for name in ("requestId", "connectionId", "messageId"):
        assert re.fullmatch(r"[\w-]{15}=", context.get(name, context["requestId"]))
    assert abs(time.time() * 1000 - context["requestTimeEpoch"]) < 60_000
    seconds = datetime.strptime(context["requestTime"], "%d/%b/%Y:%H:%M:%S %z").timestamp()
    assert seconds == context["requestTimeEpoch"] // 1000
    assert context["connectedAt"] <= context["requestTimeEpoch"]
    stable = {
        "requestId": "<request id>",
        "extendedRequestId": "<request id>",
        "requestTime": "<request time>",
        "requestTimeEpoch": "<request time>",
        "connectedAt": "<connected at>",
        "connectionId": "<connection id>",
    }
    if "messageId" in context:
        stable["messageId"] = "<message id>"
    return {**event, "requestContext": {**context, **stable}}


def refusal_of(gateway: Gateway, **query: str) -> tuple[int, str]:
    """Status and problem code of a refused handshake."""
    with pytest.raises(InvalidStatus) as caught:
        open_socket(gateway, **query)
    response = caught.value.response
    assert response.headers["content-type"] == "application/problem+json"
    assert response.body is not None
    page = json.loads(response.body)
    assert page["status"] == response.status_code
    return response.status_code, page["code"]


def test_events_are_the_whole_ones_of_api_gateway(socket_gateway: Gateway, socket_events: Events) -> None:
    address = socket_gateway.address.replace("http", "ws", 1)
    query = "name=recorded&topic=a&topic=b+%C3%A9"
    with connect(
        f"{address}/ws?{query}", compression=None, user_agent_header="sample/1.0", proxy=None, legacy=True
    ) as opened:
        opened.send('{"action": "Grüße"}')
        (event,) = socket_events.named("recorded")
        identity = event["requestContext"]["connectionId"]
        message = socket_events.await_event(identity, "MESSAGE")
        opened.protocol.send_close()  # the library's own close() always gives a status
        opened.socket.sendall(b"".join(opened.protocol.data_to_send()))
        farewell = socket_events.await_event(identity, "DISCONNECT")
    event["headers"]["sec-websocket-key"] = "<key>"
    event["multiValueHeaders"]["sec-websocket-key"] = ["<key>"]
    for found, name in ((event, "connect"), (message, "message"), (farewell, "disconnect")):
        assert without_passing_facts(found) == sample(f"websocket_{name}.json", socket_gateway)


def test_binary_message_is_base64(socket_gateway: Gateway, socket_events: Events) -> None:
    with socket_events.open(socket_gateway) as (opened, identity):
        opened.send(b"\x00\xff")
        event = socket_events.await_event(identity, "MESSAGE")
    assert (event["isBase64Encoded"], base64.b64decode(event["body"])) == (True, b"\x00\xff")


def test_message_in_fragments_is_one_message(socket_gateway: Gateway, socket_events: Events) -> None:
    with socket_events.open(socket_gateway) as (opened, identity):
        opened.send(["one ", "mess", "age"])
        assert socket_events.await_event(identity, "MESSAGE")["body"] == "one message"


def test_ping_is_answered_and_pong_ignored(socket_gateway: Gateway, socket_events: Events) -> None:
    with socket_events.open(socket_gateway) as (opened, identity):
        opened.pong("unasked")
        assert opened.ping("here?").wait(10)
    assert socket_events.bodies(identity) == []


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ({"answer": '{"statusCode": 403}'}, (403, "connection_refused")),
        ({"answer": '{"statusCode": 401}'}, (401, "connection_refused")),
        ({"answer": '{"statusCode": "no"}'}, (502, "function_failed")),
        ({"fail": "yes"}, (502, "function_failed")),
    ],
)
def test_connect_function_refuses_the_handshake(
    socket_gateway: Gateway, socket_events: Events, query: dict[str, str], refusal: tuple[int, str]
) -> None:
    name = uuid4().hex
    assert refusal_of(socket_gateway, name=name, **query) == refusal
    (event,) = socket_events.named(name)
    with socket_events.open(socket_gateway) as (_, other):
        pass
    socket_events.await_event(other, "DISCONNECT")
    assert len(socket_events.of(event["requestContext"]["connectionId"])) == 1  # nobody says goodbye


def test_query_that_is_not_utf8_is_refused(socket_gateway: Gateway) -> None:
    with Wire(socket_gateway.address) as wire:
        wire.send(request("GET", "/ws?q=%ff", *HANDSHAKE))
        (received,) = wire.all()
    assert (received.status, json.loads(received.body)["code"]) == (400, "malformed_query")


def test_subprotocol_is_the_one_that_the_function_chooses(socket_gateway: Gateway) -> None:
    answer = json.dumps({"headers": {"Sec-WebSocket-Protocol": "two"}})
    address = httpx.URL(socket_gateway.address).copy_with(scheme="ws", path="/ws", params={"answer": answer})
    with connect(
        str(address), subprotocols=[Subprotocol("one"), Subprotocol("two")], proxy=None, legacy=True
    ) as opened:
        assert opened.response is not None
        assert opened.response.headers["Sec-WebSocket-Protocol"] == "two"


def test_messages_of_one_connection_are_worked_on_one_at_a_time_in_order(
    socket_gateway: Gateway, socket_events: Events, waiting_room: WaitingRoom
) -> None:
    name = uuid4().hex
    wanted = [f"wait {name}", *(f"message {number}" for number in range(100))]
    with socket_events.open(socket_gateway) as (opened, identity):
        opened.send(wanted[0])
        waiting_room.await_arrival(name)
        for body in wanted[1:]:
            opened.send(body)
        with socket_events.open(socket_gateway) as (_, other):
            pass
        socket_events.await_event(other, "DISCONNECT")  # others are served meanwhile
        assert socket_events.bodies(identity) == wanted[:1]
        waiting_room.let_go(name)
    socket_events.await_event(identity, "DISCONNECT")
    assert socket_events.bodies(identity) == wanted
    assert socket_events.of(identity)[-1]["requestContext"]["eventType"] == "DISCONNECT"


def test_what_the_function_returns_is_not_sent_but_what_it_posts_is(
    socket_gateway: Gateway, socket_events: Events
) -> None:
    with socket_events.open(socket_gateway) as (opened, _):
        opened.send("hello")
        opened.send("echo Grüße")
        assert opened.recv(10) == "Grüße"


def test_client_hears_of_a_message_that_failed_and_the_connection_goes_on(
    socket_gateway: Gateway, socket_events: Events
) -> None:
    with socket_events.open(socket_gateway) as (opened, identity):
        opened.send("fail")
        complaint = json.loads(opened.recv(10))
        event = socket_events.await_event(identity, "MESSAGE")
        assert complaint == {
            "message": "Internal server error",
            "connectionId": identity,
            "requestId": event["requestContext"]["requestId"],
        }
        opened.send("echo still here")
        assert opened.recv(10) == "still here"


def test_functions_that_wait_keep_no_thread_from_http(socket_events: Events, waiting_room: WaitingRoom) -> None:
    environment = {**waiting_room.environment, **socket_events.environment}
    sockets = replace(SETTINGS, threads=1)
    with serve_sample(workers=1, threads=1, environment=environment, sockets=sockets) as gateway:
        gateway.wait_until_ready()
        name = uuid4().hex
        with socket_events.open(gateway) as (opened, _):
            opened.send(f"wait {name}")
            waiting_room.await_arrival(name)
            assert httpx.get(f"{gateway.address}/api/v1/health").status_code == 200
            waiting_room.let_go(name)


@pytest.mark.parametrize(("code", "reason"), [(1000, ""), (3001, "enough")])
def test_disconnect_tells_the_clients_code_and_reason(
    socket_gateway: Gateway, socket_events: Events, code: int, reason: str
) -> None:
    with socket_events.open(socket_gateway) as (opened, identity):
        opened.close(code, reason)
    context = socket_events.await_event(identity, "DISCONNECT")["requestContext"]
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (code, reason)


def test_disconnect_is_called_for_a_client_that_vanishes(socket_gateway: Gateway, socket_events: Events) -> None:
    with socket_events.open(socket_gateway) as (opened, identity):
        opened.socket.close()
        context = socket_events.await_event(identity, "DISCONNECT")["requestContext"]
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (1006, "Connection Closed Abnormally")


def test_client_that_leaves_during_the_handshake_is_disconnected_after_it_was_connected(
    socket_gateway: Gateway, socket_events: Events, waiting_room: WaitingRoom
) -> None:
    name = uuid4().hex
    with Wire(socket_gateway.address) as wire:
        wire.send(request("GET", f"/ws?name={name}&wait={name}", *HANDSHAKE))
        waiting_room.await_arrival(name)
    waiting_room.let_go(name)
    (event,) = socket_events.named(name)
    socket_events.await_event(event["requestContext"]["connectionId"], "DISCONNECT")


def test_frame_before_the_handshake_is_answered_ends_the_connection(
    socket_gateway: Gateway, socket_events: Events, waiting_room: WaitingRoom
) -> None:
    name = uuid4().hex
    with Wire(socket_gateway.address) as wire:
        wire.send(request("GET", f"/ws?name={name}&wait={name}", *HANDSHAKE))
        waiting_room.await_arrival(name)
        wire.send(b"\x81\x80\0\0\0\0")
        assert wire.receive() is None
    waiting_room.let_go(name)
    (event,) = socket_events.named(name)
    identity = event["requestContext"]["connectionId"]
    socket_events.await_event(identity, "DISCONNECT")
    assert socket_events.bodies(identity) == []


def test_data_behind_the_handshake_is_refused(socket_gateway: Gateway) -> None:
    with Wire(socket_gateway.address) as wire:
        wire.send(request("GET", "/ws", *HANDSHAKE, body=b"\x81\x80\0\0\0\0"))
        (received,) = wire.all()
    assert (received.status, json.loads(received.body)["code"]) == (400, "malformed_request")


@pytest.mark.parametrize(
    ("method", "headers", "status", "code"),
    [
        ("GET", (), 426, "upgrade_required"),
        ("POST", HANDSHAKE, 426, "upgrade_required"),
        ("GET", (*HANDSHAKE[:2], HANDSHAKE[3]), 400, "malformed_handshake"),
        ("GET", (*HANDSHAKE[:3], "Sec-WebSocket-Version: 12"), 400, "malformed_handshake"),
        ("GET", (*HANDSHAKE[:2], "Sec-WebSocket-Key: short", HANDSHAKE[3]), 400, "malformed_handshake"),
    ],
)
def test_what_is_no_handshake_is_refused(
    socket_gateway: Gateway, method: str, headers: tuple[str, ...], status: int, code: str
) -> None:
    with Wire(socket_gateway.address) as wire:
        wire.send(request(method, "/ws", *headers))
        (received,) = wire.all()
    assert (received.status, json.loads(received.body)["code"]) == (status, code)


def test_handshake_elsewhere_is_an_ordinary_request(socket_gateway: Gateway) -> None:
    with Wire(socket_gateway.address) as wire:
        for path, status in (("/elsewhere", 404), ("/ws/elsewhere", 404), ("/api/v1/health", 200)):
            wire.send(request("GET", path, *HANDSHAKE))
            received = wire.receive()
            assert received is not None
            assert received.status == status


def test_handshake_may_follow_requests_on_one_connection(socket_gateway: Gateway) -> None:
    with Wire(socket_gateway.address) as wire:
        wire.send(request("GET", "/api/v1/health"))
        assert wire.receive() is not None
        wire.send(request("GET", "/ws", *HANDSHAKE))
        received = wire.receive()
    assert received is not None
    # The sample of RFC 6455, section 1.3.
    assert (received.status, received.headers["sec-websocket-accept"]) == (101, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    assert "sec-websocket-extensions" not in received.headers


def test_handshake_behind_an_unanswered_request_is_refused(socket_gateway: Gateway) -> None:
    with Wire(socket_gateway.address) as wire:
        wire.send(request("GET", "/api/v1/sleep/0.1") + request("GET", "/ws", *HANDSHAKE))
        first, second = wire.all()
    assert (first.status, second.status) == (200, 426)


def test_without_websocket_functions_there_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("from chalice.app import Chalice\napp = Chalice(app_name='none')\n")
    with serve_sample(workers=1, project=tmp_path, sockets=SETTINGS) as gateway:
        gateway.wait_until_ready()
        assert refused_without_page(gateway) == httpx.get(f"{gateway.address}/ws/@connections/x").status_code == 404


def test_without_settings_there_is_nothing(gateway: Gateway) -> None:
    assert refused_without_page(gateway) == httpx.get(f"{gateway.address}/ws/@connections/x").status_code == 404


def refused_without_page(gateway: Gateway) -> int:
    with pytest.raises(InvalidStatus) as caught:
        open_socket(gateway)
    return caught.value.response.status_code


def test_app_with_messages_alone_takes_every_connection(tmp_path: Path) -> None:
    lines = ["from chalice.app import Chalice", "app = Chalice(app_name='half')"]
    lines += ["@app.on_ws_disconnect()", "def gone(event): raise ValueError"]
    (tmp_path / "app.py").write_text("\n".join(lines))
    with serve_sample(workers=1, project=tmp_path, sockets=SETTINGS) as gateway:
        gateway.wait_until_ready()
        with open_socket(gateway) as opened:
            opened.send("anybody?")
            assert json.loads(opened.recv(10))["message"] == "Forbidden"


def test_handshakes_have_a_line_in_the_access_log_without_their_query(
    socket_gateway: Gateway, socket_events: Events, access_log: Path
) -> None:
    with socket_events.open(socket_gateway) as (_, identity):
        pass
    refusal_of(socket_gateway, answer='{"statusCode": 403}', ticket="confidential")
    eventually(lambda: '"status":403' in access_log.read_text())
    text = access_log.read_text()
    assert "ticket" not in text
    assert "confidential" not in text
    lines = [json.loads(line) for line in text.splitlines()]
    (line,) = [line for line in lines if line["request_id"] == identity]
    wanted = {"method": "GET", "path": "/ws", "status": 101, "source_ip": "127.0.0.1"}
    assert {name: line[name] for name in wanted} == wanted


def test_ids_tell_their_worker_and_nothing_else_does() -> None:
    ids = {connection_id("00ff3a") for _ in range(100)}
    assert len(ids) == 100
    assert {worker_of(identity) for identity in ids} == {"00ff3a"}
    assert [worker_of(text) for text in ("", "x", "L0SM9cOFvHcCIhw", "../../etc/passwd", "L0SM9cOFvHcCIé=")] == [
        None
    ] * 5


def test_message_that_is_not_text_closes_with_1007(socket_gateway: Gateway, socket_events: Events) -> None:
    with socket_events.open(socket_gateway) as (opened, identity):
        opened.socket.sendall(b"\x81\x82\0\0\0\0\xff\xff")
        with pytest.raises(ConnectionClosed) as caught:
            opened.recv(10)
        context = socket_events.await_event(identity, "DISCONNECT")["requestContext"]
    assert caught.value.rcvd is not None
    assert (caught.value.rcvd.code, context["disconnectStatusCode"]) == (1007, 1007)


def test_frame_that_breaks_the_protocol_closes_with_1002(socket_gateway: Gateway, socket_events: Events) -> None:
    with socket_events.open(socket_gateway) as (opened, identity):
        opened.socket.sendall(b"\x81\x02hi")  # not masked
        with pytest.raises(ConnectionClosed) as caught:
            opened.recv(10)
        context = socket_events.await_event(identity, "DISCONNECT")["requestContext"]
    assert caught.value.rcvd is not None
    assert (caught.value.rcvd.code, context["disconnectStatusCode"]) == (1002, 1002)
