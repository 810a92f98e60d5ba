"""The management endpoint, by unmodified boto3 and by requests that boto3 would not send."""

from __future__ import annotations

import http.client
import json
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from websockets.exceptions import ConnectionClosed

from local.gateway.socket_events import connection_id, worker_of
from tests.eventually import eventually
from tests.gateway.sockets import ACCESS_KEY, REGION, SECRET_KEY, management, refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from websockets.sync.client import ClientConnection

    from local.gateway.serve import Gateway
    from tests.gateway.sockets import Events

GONE = (410, "GoneException")


@pytest.fixture
def both(socket_gateway: Gateway, socket_events: Events) -> Iterator[dict[str, tuple[ClientConnection, str]]]:
    """A connection of each of the two workers, with its id."""
    with ExitStack() as stack:
        found: dict[str, tuple[ClientConnection, str]] = {}
        while len(found) < 2:
            opened, identity = stack.enter_context(socket_events.open(socket_gateway))
            found[worker_of(identity) or ""] = opened, identity
        yield found


def signed(
    gateway: Gateway,
    method: str,
    identity: str,
    body: bytes = b"",
    *,
    service: str = "execute-api",
    access_key: str = ACCESS_KEY,
    at: datetime | None = None,
) -> AWSRequest:
    """A request as boto3 signs it; `at` is the time of its clock."""
    url = f"{gateway.address}/ws/@connections/{quote(identity)}"
    wanted = AWSRequest(method, url, data=body, headers={"Host": url.split("/")[2]})
    signer = SigV4Auth(Credentials(access_key, SECRET_KEY), service, REGION)
    signer.add_auth(wanted)
    if at is not None:
        # add_auth reads the clock itself; this signs again, with another one.
        del wanted.headers["Authorization"]
        del wanted.headers["X-Amz-Date"]
        wanted.headers["X-Amz-Date"] = wanted.context["timestamp"] = at.strftime("%Y%m%dT%H%M%SZ")
        text = signer.string_to_sign(wanted, signer.canonical_request(wanted))
        scope = f"Credential={signer.scope(wanted)}, SignedHeaders=host;x-amz-date"
        wanted.headers["Authorization"] = f"AWS4-HMAC-SHA256 {scope}, Signature={signer.signature(text, wanted)}"
    return wanted


def send(wanted: AWSRequest) -> httpx.Response:
    assert wanted.method is not None
    assert wanted.url is not None
    return httpx.request(wanted.method, wanted.url, content=wanted.data, headers=dict(wanted.headers.items()))


def kind_of(response: httpx.Response) -> tuple[int, str]:
    assert response.json()["message"]
    return response.status_code, response.headers["x-amzn-errortype"]


def test_post_delivers_text_and_binary(socket_gateway: Gateway, socket_events: Events) -> None:
    client = management(socket_gateway)
    with socket_events.open(socket_gateway) as (opened, identity):
        for sent, received in (
            (b"Gr\xc3\xbc\xc3\x9fe", "Grüße"),
            (b"\xff\x00", b"\xff\x00"),
            (b"x" * 131_072, "x" * 131_072),
        ):
            answer = client.post_to_connection(ConnectionId=identity, Data=sent)
            assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
            assert opened.recv(10) == received


def test_post_of_more_than_128_kilobytes_is_refused(socket_gateway: Gateway, socket_events: Events) -> None:
    client = management(socket_gateway)
    with socket_events.open(socket_gateway) as (opened, identity):
        for size in (131_073, 1_100_000):
            assert refused(lambda size=size: client.post_to_connection(ConnectionId=identity, Data=b"x" * size)) == (
                413,
                "PayloadTooLargeException",
            )
        client.post_to_connection(ConnectionId=identity, Data=b"small")
        assert opened.recv(10) == "small"


def test_get_tells_who_and_since_when(socket_gateway: Gateway, socket_events: Events) -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    with socket_events.open(socket_gateway) as (opened, identity):
        facts = management(socket_gateway).get_connection(ConnectionId=identity)
        assert facts["Identity"]["SourceIp"] == "127.0.0.1"
        assert "websockets" in facts["Identity"]["UserAgent"]
        assert before <= facts["ConnectedAt"] <= facts["LastActiveAt"] <= datetime.now(UTC)

        def later_after_a_ping() -> bool:
            assert opened.ping().wait(10)
            now = management(socket_gateway).get_connection(ConnectionId=identity)
            return now["LastActiveAt"] > facts["LastActiveAt"]

        eventually(later_after_a_ping, "another millisecond")


def test_delete_closes_and_the_connection_is_gone(socket_gateway: Gateway, socket_events: Events) -> None:
    client = management(socket_gateway)
    with socket_events.open(socket_gateway) as (opened, identity):
        assert client.delete_connection(ConnectionId=identity)["ResponseMetadata"]["HTTPStatusCode"] == 204
        assert refused(lambda: client.delete_connection(ConnectionId=identity)) == GONE
        with pytest.raises(ConnectionClosed) as caught:
            opened.recv(10)
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1000
        context = socket_events.await_event(identity, "DISCONNECT")["requestContext"]
    assert (context["disconnectStatusCode"], context["disconnectReason"]) == (1000, "Connection Closed Normally")


def test_connection_that_its_client_closed_is_gone(socket_gateway: Gateway, socket_events: Events) -> None:
    with socket_events.open(socket_gateway) as (_, identity):
        pass
    client = management(socket_gateway)
    assert refused(lambda: client.post_to_connection(ConnectionId=identity, Data=b"late")) == GONE
    assert refused(lambda: client.get_connection(ConnectionId=identity)) == GONE


@pytest.mark.parametrize("identity", ["L0SM9cOFvHcCIhw=", "nonsense", "../../secrets", "é", " "])
def test_what_never_was_is_gone(socket_gateway: Gateway, identity: str) -> None:
    client = management(socket_gateway)
    assert refused(lambda: client.post_to_connection(ConnectionId=identity, Data=b"x")) == GONE


def test_id_of_this_worker_that_never_was_is_gone(
    socket_gateway: Gateway, both: dict[str, tuple[ClientConnection, str]]
) -> None:
    client = management(socket_gateway)
    for worker in both:
        unknown = connection_id(worker)
        assert refused(lambda unknown=unknown: client.get_connection(ConnectionId=unknown)) == GONE


def test_requests_reach_connections_of_both_workers_through_either(
    socket_gateway: Gateway, both: dict[str, tuple[ClientConnection, str]]
) -> None:
    with ExitStack() as stack:
        asked: dict[int, http.client.HTTPConnection] = {}
        while len(asked) < 2:  # a connection of HTTP stays with its worker, too
            connection = http.client.HTTPConnection(socket_gateway.address.removeprefix("http://"))
            stack.callback(connection.close)
            connection.request("GET", "/api/v1/health")
            asked.setdefault(json.loads(connection.getresponse().read())["process"], connection)
        for connection, (opened, identity), body in product(asked.values(), both.values(), (b"x" * 131_072, b"\xff")):
            wanted = signed(socket_gateway, "POST", identity, body)
            connection.request("POST", f"/ws/@connections/{quote(identity)}", body, dict(wanted.headers.items()))
            response = connection.getresponse()
            assert (response.status, response.read()) == (200, b"")
            received = opened.recv(10)
            assert (received.encode() if isinstance(received, str) else received) == body
    for method, status in (("GET", 200), ("DELETE", 204), ("DELETE", 410)):
        for _, identity in both.values():
            assert send(signed(socket_gateway, method, identity)).status_code == status


def test_unsigned_requests_are_forbidden(socket_gateway: Gateway, socket_events: Events) -> None:
    with socket_events.open(socket_gateway) as (opened, identity):
        url = f"{socket_gateway.address}/ws/@connections/{quote(identity)}"
        for method in ("POST", "GET", "DELETE"):
            assert kind_of(httpx.request(method, url)) == (403, "ForbiddenException")
        assert opened.ping().wait(10)


def test_signatures_that_are_not_for_this_request_are_forbidden(socket_gateway: Gateway, socket_events: Events) -> None:
    with socket_events.open(socket_gateway) as (opened, identity):
        wrong_secret = management(socket_gateway, "another")
        assert refused(lambda: wrong_secret.get_connection(ConnectionId=identity)) == (403, "ForbiddenException")
        other_body = signed(socket_gateway, "POST", identity, b"signed")
        other_body.data = b"forged"
        other_method = signed(socket_gateway, "GET", identity)
        other_method.method = "DELETE"
        other_id = signed(socket_gateway, "GET", "L0SM9cOFvHcCIhw=")
        other_id.url = signed(socket_gateway, "GET", identity).url
        declared = signed(socket_gateway, "POST", identity, b"")
        declared.data = b"forged"
        declared.headers["X-Amz-Content-SHA256"] = "UNSIGNED-PAYLOAD"
        host_unsigned = signed(socket_gateway, "GET", identity)
        host_unsigned.headers.replace_header(
            "Authorization", host_unsigned.headers["Authorization"].replace("host;", "")
        )
        now = datetime.now(UTC)
        forged = [
            other_body,
            other_method,
            other_id,
            declared,
            host_unsigned,
            signed(socket_gateway, "GET", identity, service="s3"),
            signed(socket_gateway, "GET", identity, access_key="somebody"),
            signed(socket_gateway, "GET", identity, at=now - timedelta(minutes=6)),
            signed(socket_gateway, "GET", identity, at=now + timedelta(minutes=6)),
        ]
        assert [kind_of(send(request)) for request in forged] == [(403, "ForbiddenException")] * len(forged)
        # The control: what was only signed a little earlier is taken.
        assert send(signed(socket_gateway, "GET", identity, at=now - timedelta(minutes=4))).status_code == 200
        assert opened.ping().wait(10)


@pytest.mark.parametrize(
    "authorization",
    ["AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=berth", "AWS4-HMAC-SHA256 ,=,;", "Bearer x"],
)
def test_junk_for_a_signature_is_forbidden(socket_gateway: Gateway, authorization: str) -> None:
    url = f"{socket_gateway.address}/ws/@connections/x"
    headers = {"Authorization": authorization, "X-Amz-Date": "yesterday"}
    assert kind_of(httpx.get(url, headers=headers)) == (403, "ForbiddenException")


def test_path_may_be_encoded_or_not(socket_gateway: Gateway, socket_events: Events) -> None:
    with socket_events.open(socket_gateway) as (_, identity):
        for place in ("@connections", "%40connections"):
            for name in (identity, quote(identity), identity.replace("=", "%3d")):
                url = f"{socket_gateway.address}/ws/{place}/{name}"
                wanted = AWSRequest("GET", url, headers={"Host": url.split("/")[2]})
                SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "execute-api", REGION).add_auth(wanted)
                connection = http.client.HTTPConnection(url.split("/")[2])
                connection.request(
                    "GET", url.removeprefix(socket_gateway.address), headers=dict(wanted.headers.items())
                )
                assert connection.getresponse().status == 200
                connection.close()


def test_other_methods_and_places_are_refused(socket_gateway: Gateway) -> None:
    response = send(signed(socket_gateway, "PUT", "L0SM9cOFvHcCIhw="))
    assert (response.status_code, response.headers["allow"]) == (405, "POST, GET, DELETE")
    assert httpx.get(f"{socket_gateway.address}/ws/nothing").status_code == 404


def test_requests_have_a_line_in_the_access_log(
    socket_gateway: Gateway, socket_events: Events, access_log: Path
) -> None:
    with socket_events.open(socket_gateway) as (_, identity):
        answer = management(socket_gateway).post_to_connection(ConnectionId=identity, Data=b"x")
    request_id = answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]
    found: list[dict[str, object]] = []
    while not found:  # the line is written after the response was sent
        lines = access_log.read_text().splitlines(keepends=True)
        found = [json.loads(line) for line in lines if line.endswith("\n") and request_id in line]
    (line,) = found
    assert (line["method"], line["path"]) == ("POST", f"/ws/@connections/{quote(identity)}")
    assert line["status"] == 200
