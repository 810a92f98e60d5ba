from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta
from itertools import repeat
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.eventually import eventually
from tests.gateway.sample import serve_sample
from tests.gateway.wire import Received, Wire, request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.gateway.serve import Gateway
    from tests.gateway.sample import WaitingRoom

MIB = 1024 * 1024
BINARY = "Content-Type: application/octet-stream"


@pytest.fixture(scope="module")
def hasty(waiting_room: WaitingRoom) -> Iterator[Gateway]:
    """0.3 s for every step."""
    short = timedelta(seconds=0.3)
    environment = waiting_room.environment
    with serve_sample(workers=1, threads=2, queue_limit=2, deadline=short, environment=environment) as running:
        running.wait_until_ready()
        yield running


def refused(received: Received | None, status: int, code: str) -> None:
    assert received is not None
    assert received.headers["content-type"] == "application/problem+json"
    page = json.loads(received.body)
    assert (received.status, page["status"], page["code"]) == (status, status, code)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def test_body_of_one_mebibyte_is_taken(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/octet-stream", "Accept": "*/*"}
    assert len(client.post("/api/v1/mirror", content=b"x" * MIB, headers=headers).content) == MIB


def test_chunked_body_is_taken(client: httpx.Client) -> None:
    event = client.post("/api/v1/event", content=iter([b'{"a":', b"1}"]), headers={"Content-Type": "text/plain"}).json()
    assert event["body"] == '{"a":1}'
    assert "transfer-encoding" not in event["headers"]


def test_client_that_sends_a_larger_body_still_reads_the_refusal(gateway: Gateway) -> None:
    body = b"x" * (8 * MIB)
    with Wire(gateway.address) as wire:
        wire.send(request("POST", "/api/v1/event", BINARY, f"Content-Length: {len(body)}", body=body))
        received = wire.receive()
        refused(received, 413, "body_too_large")
        assert received is not None
        assert received.headers["connection"] == "close"
        assert wire.receive() is None


def test_client_that_asks_before_sending_is_refused_without_sending(gateway: Gateway) -> None:
    with Wire(gateway.address) as wire:
        wire.send(request("POST", "/api/v1/event", f"Content-Length: {MIB + 1}", "Expect: 100-continue"))
        refused(wire.receive(), 413, "body_too_large")


def test_client_that_asks_before_sending_is_told_to_go_on(gateway: Gateway) -> None:
    with Wire(gateway.address) as wire:
        wire.send(request("POST", "/api/v1/event", "Content-Length: 2", "Expect: 100-continue"))
        interim = wire.receive()
        assert interim is not None
        assert interim.status == 100
        wire.send(b"{}")
        final = wire.receive()
    assert final is not None
    assert (final.status, json.loads(final.body)["body"]) == (200, "{}")


def test_chunked_body_is_refused_as_soon_as_it_is_too_large(gateway: Gateway) -> None:
    with Wire(gateway.address) as wire:
        wire.send(request("POST", "/api/v1/event", BINARY, "Transfer-Encoding: chunked"))
        for _ in range(17):
            wire.send(chunk(b"x" * (MIB // 16)))
        refused(wire.receive(), 413, "body_too_large")
        wire.send(chunk(b"y" * MIB) + chunk(b""))
        assert wire.receive() is None


@pytest.mark.parametrize(
    ("framing", "body"),
    [("Content-Length: 3", b"abc"), ("Transfer-Encoding: chunked", chunk(b"abc") + chunk(b""))],
)
def test_body_is_not_lost_to_another_protocol(gateway: Gateway, framing: str, body: bytes) -> None:
    with Wire(gateway.address) as wire:
        wire.send(request("POST", "/api/v1/event", "Upgrade: h2c", "Connection: Upgrade", framing, body=body))
        (received,) = wire.all()
    refused(received, 400, "upgrade_with_body")


def test_wish_for_another_protocol_is_ignored_without_a_body(gateway: Gateway) -> None:
    with Wire(gateway.address) as wire:
        for _ in range(2):
            wire.send(request("GET", "/api/v1/things/a", "Upgrade: h2c", "Connection: Upgrade"))
            received = wire.receive()
            assert received is not None
            assert received.body == b'{"thing":"a"}'


def test_unread_body_of_a_refused_path_does_not_become_a_request(gateway: Gateway) -> None:
    inner = request("GET", "/api/v1/health")
    with Wire(gateway.address) as wire:
        wire.send(request("POST", "/api/v1/nothing", f"Content-Length: {len(inner)}", body=inner))
        wire.send(request("GET", "/api/v1/things/next", "Connection: close"))
        first, second = wire.all()
    refused(first, 404, "not_found")
    assert (second.status, second.body) == (200, b'{"thing":"next"}')


def test_body_that_comes_too_slowly_is_refused(hasty: Gateway) -> None:
    with Wire(hasty.address) as wire:
        wire.send(request("POST", "/api/v1/event", "Content-Length: 100", body=b"x"))
        refused(wire.receive(), 408, "request_timeout")


def test_head_that_comes_too_slowly_is_refused(hasty: Gateway) -> None:
    with Wire(hasty.address) as wire:
        wire.send(request("GET", "/nothing") + b"GET /api/v1/he")
        first, second = wire.all()
    assert first.status == 404
    refused(second, 408, "request_timeout")


def test_later_head_that_comes_too_slowly_is_refused(hasty: Gateway) -> None:
    with Wire(hasty.address) as wire:
        wire.send(request("GET", "/nothing"))
        first = wire.receive()
        wire.send(b"GET /api")
        (second,) = wire.all()
    refused(first, 404, "not_found")
    refused(second, 408, "request_timeout")


def test_connection_that_asks_nothing_is_closed(hasty: Gateway) -> None:
    with Wire(hasty.address) as wire:
        assert wire.receive() is None


def test_endless_head_is_refused(gateway: Gateway) -> None:
    with Wire(gateway.address) as wire:
        wire.send(b"GET / HTTP/1.1\r\nX-Long: ")
        wire.send(b"x" * 11_000)
        refused(wire.receive(), 431, "head_too_large")


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",  # a TLS hello
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
        request("POST", "/api/v1/event", "Content-Length: 1", "Content-Length: 2"),
        request("POST", "/api/v1/event", "Content-Length: 1", "Transfer-Encoding: chunked"),
        request("POST", "/api/v1/event", "Transfer-Encoding: chunked", body=b"zz\r\n"),
    ],
)
def test_what_is_not_http_is_refused_and_the_connection_closed(gateway: Gateway, garbage: bytes) -> None:
    with Wire(gateway.address) as wire:
        wire.send(garbage)
        (received,) = wire.all()
    refused(received, 400, "malformed_request")


@pytest.mark.parametrize("good", [1, 3])
@pytest.mark.parametrize(
    "garbage", [b"\x00nonsense", request("POST", "/", "Transfer-Encoding: chunked", body=b"z\r\n")]
)
def test_requests_before_pipelined_garbage_get_their_own_answers_first(
    gateway: Gateway, good: int, garbage: bytes
) -> None:
    with Wire(gateway.address) as wire:
        wire.send(b"".join(request("GET", f"/api/v1/sleep/0.0{number}") for number in range(good)) + garbage)
        *answers, last = wire.all()
    assert [answer.body for answer in answers] == [f'{{"slept":"0.0{number}"}}'.encode() for number in range(good)]
    refused(last, 400, "malformed_request")


def test_nothing_is_answered_after_garbage(gateway: Gateway, waiting_room: WaitingRoom) -> None:
    with Wire(gateway.address) as wire:
        wire.send(request("GET", "/api/v1/wait/garbage") + b"\0nonsense")
        waiting_room.await_arrival("garbage")
        wire.send(request("GET", "/api/v1/health"))
        waiting_room.let_go("garbage")
        first, second = wire.all()
    assert (first.status, first.body) == (200, b'{"waited":"garbage"}')
    refused(second, 400, "malformed_request")


def test_function_that_is_too_slow_is_given_up(hasty: Gateway, waiting_room: WaitingRoom) -> None:
    response = httpx.get(f"{hasty.address}/api/v1/wait/too-slow")
    waiting_room.let_go("too-slow")
    assert (response.status_code, response.json()["code"]) == (504, "deadline_exceeded")
    assert response.headers["content-type"] == "application/problem+json"


def test_requests_beyond_the_queue_are_sent_away_at_once(waiting_room: WaitingRoom) -> None:
    environment = waiting_room.environment
    with (
        serve_sample(workers=1, threads=2, queue_limit=3, environment=environment) as gateway,
        ThreadPoolExecutor(12) as threads,
    ):
        gateway.wait_until_ready()
        url = f"{gateway.address}/api/v1/wait/queued"
        answers = as_completed(threads.submit(httpx.get, url) for _ in range(12))
        refusals = [next(answers).result() for _ in range(7)]
        waiting_room.let_go("queued")
        served = [answer.result() for answer in answers]
    assert {response.status_code for response in refusals} == {503}
    assert {(response.json()["code"], response.headers["retry-after"]) for response in refusals} == {
        ("overloaded", "1")
    }
    assert [response.status_code for response in served] == [200] * 5


def test_gateway_is_free_again_after_it_was_overloaded(hasty: Gateway, waiting_room: WaitingRoom) -> None:
    urls = repeat(f"{hasty.address}/api/v1/wait/overload", 12)
    with ThreadPoolExecutor(12) as threads:
        assert {response.status_code for response in threads.map(httpx.get, urls)} == {503, 504}
    waiting_room.let_go("overload")
    eventually(lambda: httpx.get(f"{hasty.address}/api/v1/health").status_code == 200)


@pytest.mark.parametrize("headers", [11, 60])
def test_head_that_arrives_whole_is_measured_too(gateway: Gateway, headers: int) -> None:
    """70 KB in one piece passed, since only heads in several pieces were counted."""
    many = [f"X-{number}: {'x' * 1000}" for number in range(headers)]
    with Wire(gateway.address) as wire:
        wire.send(request("GET", "/api/v1/health", *many))
        refused(wire.receive(), 431, "head_too_large")


def test_head_of_nearly_ten_kibibytes_is_taken(gateway: Gateway) -> None:
    with Wire(gateway.address) as wire:
        wire.send(request("GET", "/api/v1/things/a", f"X-Long: {'x' * 10_000}"))
        received = wire.receive()
    assert received is not None
    assert received.status == 200


@pytest.mark.parametrize("hosts", [[], ["Host: a", "Host: b"]])
def test_request_names_exactly_one_host(gateway: Gateway, hosts: list[str]) -> None:
    head = "\r\n".join(["GET /api/v1/things/a HTTP/1.1", *hosts, "", ""]).encode()
    with Wire(gateway.address) as wire:
        wire.send(head)
        refused(wire.receive(), 400, "malformed_request")


def test_trailer_does_not_become_a_header(gateway: Gateway) -> None:
    trailer = b"0\r\nAuthorization: Bearer believed\r\n\r\n"
    with Wire(gateway.address) as wire:
        framing = ("Content-Type: text/plain", "Transfer-Encoding: chunked", "Trailer: Authorization")
        wire.send(request("POST", "/api/v1/event", *framing, body=chunk(b"abc") + trailer))
        received = wire.receive()
    assert received is not None
    assert "authorization" not in json.loads(received.body)["headers"]
