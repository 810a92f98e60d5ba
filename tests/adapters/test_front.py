"""The one door to what AWS does on this machine: who has no signature of this run's key gets nothing."""

from __future__ import annotations

import json
import socket
from threading import Event
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from moto.sqs.models import SQSBackend

from local.aws.mail import SEND
from local.aws.queue import serve_queue
from local.aws.serve import BUCKET, serve_aws

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

EMAIL = {
    "FromEmailAddress": "berth@example.org",
    "Destination": {"ToAddresses": ["ada@example.org"]},
    "Content": {"Simple": {"Subject": {"Data": "Hello"}, "Body": {"Text": {"Data": "text"}}}},
}
RECEIVE = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.ReceiveMessage"}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Generator[dict[str, str]]:
    with serve_aws(tmp_path_factory.mktemp("aws")) as served, serve_queue(served) as queue:
        yield served | queue


def sign(aws: dict[str, str], service: str, path: str, body: str, **headers: str) -> dict[str, str]:
    """The headers of a request that our own functions would send."""
    credentials = Credentials(aws["AWS_ACCESS_KEY_ID"], aws["AWS_SECRET_ACCESS_KEY"])
    request = AWSRequest("POST", aws["AWS_ENDPOINT_URL_SQS"] + path, headers, body.encode())
    SigV4Auth(credentials, service, "us-east-1").add_auth(request)
    return {name: str(value) for name, value in request.headers.items()}


def post(aws: dict[str, str], path: str, body: str, headers: dict[str, str]) -> httpx.Response:
    return httpx.post(aws["AWS_ENDPOINT_URL_SQS"] + path, content=body, headers=headers)


def queue_client(aws: dict[str, str], **changed: str) -> Any:  # noqa: ANN401 - boto3's clients have no type here
    given = {
        "aws_access_key_id": aws["AWS_ACCESS_KEY_ID"],
        "aws_secret_access_key": aws["AWS_SECRET_ACCESS_KEY"],
        "region_name": "us-east-1",
        **changed,
    }
    return boto3.Session(**given).client("sqs", endpoint_url=aws["AWS_ENDPOINT_URL_SQS"])  # type: ignore[call-overload]  # pyright: ignore


@pytest.mark.parametrize("service", ["ses", "sqs"])
def test_nobody_without_a_signature_sends_emails_or_reads_the_queue(aws: dict[str, str], service: str) -> None:
    path, body, headers = {
        "ses": (SEND, json.dumps(EMAIL), {"content-type": "application/json"}),
        "sqs": ("/", json.dumps({"QueueUrl": aws["BERTH_QUEUE_URL"]}), RECEIVE),
    }[service]
    signed = sign(aws, service, path, body, **headers)
    assert post(aws, path, body, signed).status_code == 200
    other = sign({**aws, "AWS_SECRET_ACCESS_KEY": "guessed"}, service, path, body, **headers)
    elsewhere = sign(aws, "s3" if service == "ses" else "ses", path, body, **headers)
    for refused in (headers, other, {**signed, "x-amz-date": "20200101T000000Z"}):
        assert post(aws, path, body, refused).status_code == 403
    assert post(aws, path, body, elsewhere).status_code in {403, 404, 405}
    assert post(aws, path, body + " ", signed).status_code == 403


def test_no_page_of_another_site_gets_in_whatever_it_signed(aws: dict[str, str]) -> None:
    body = json.dumps(EMAIL)
    signed = sign(aws, "ses", SEND, body)
    assert post(aws, SEND, body, {**signed, "Origin": "https://evil.example"}).status_code == 403
    preflight = httpx.options(aws["AWS_ENDPOINT_URL_SQS"] + SEND, headers={"Origin": "https://evil.example"})
    assert preflight.status_code == 403
    assert "access-control-allow-origin" not in preflight.headers


@pytest.mark.parametrize("path", ["/moto-api/reset", "/moto-api/", "/moto-api"])
def test_moto_takes_no_orders(aws: dict[str, str], path: str) -> None:
    for headers in ({}, sign(aws, "sqs", path, ""), sign(aws, "moto_api", path, "")):
        assert post(aws, path, "", headers).status_code == 404
    queue_client(aws).send_message(QueueUrl=aws["BERTH_QUEUE_URL"], MessageBody="x")


@pytest.mark.parametrize("client_waits", [True, False])
def test_a_poll_that_waits_neither_holds_up_the_end_nor_says_a_word_at_it(
    client_waits: bool,  # noqa: FBT001 - a parameter of the test
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    polling, served_no_more, answered = Event(), Event(), Event()
    ended_first: list[bool] = []

    def wait(*_: object, **__: object) -> list[object]:
        polling.set()
        ended_first.append(served_no_more.wait(60))
        answered.set()
        return []

    monkeypatch.setattr(SQSBackend, "receive_message", wait)
    with serve_aws(tmp_path) as served, serve_queue(served) as queue:
        aws = served | queue
        body = json.dumps({"QueueUrl": aws["BERTH_QUEUE_URL"], "WaitTimeSeconds": 20})
        request = httpx.Request("POST", aws["AWS_ENDPOINT_URL_SQS"], content=body)
        headers = sign(aws, "sqs", "/", body, **RECEIVE) | {"Host": request.url.netloc.decode()}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        client = socket.create_connection((request.url.host, request.url.port or 0))
        client.sendall(f"POST / HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        assert polling.wait(60)
        if not client_waits:
            client.close()
    served_no_more.set()
    assert answered.wait(60)
    if client_waits:
        with client, client.makefile("rb") as stream:
            assert stream.readline().startswith(b"HTTP/1.1 200 ")
    assert ended_first == [True]
    assert caplog.messages == []


@pytest.mark.parametrize(
    "sent", [b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\n", b""]
)
def test_what_is_no_request_leaves_no_trace_in_the_terminal(
    aws: dict[str, str], sent: bytes, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    address = httpx.URL(aws["AWS_ENDPOINT_URL_SQS"])
    with socket.create_connection((address.host, address.port or 0)) as client, client.makefile("rb") as stream:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        assert b"Traceback" not in stream.read()
    assert (*capfd.readouterr(), caplog.messages) == ("", "", [])


def test_a_body_that_is_too_long_is_refused_before_it_is_read(aws: dict[str, str]) -> None:
    address = httpx.URL(aws["AWS_ENDPOINT_URL_S3"])
    head = (
        f"POST /{BUCKET} HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: {2**25 + 1}\r\n"
    )
    with socket.create_connection((address.host, address.port or 0)) as client, client.makefile("rb") as stream:
        client.sendall(f"{head}\r\n".encode())
        assert stream.readline().startswith(b"HTTP/1.1 413 ")


def test_a_queue_that_is_missing_is_made_again(aws: dict[str, str]) -> None:
    client = queue_client(aws)
    client.delete_queue(QueueUrl=aws["BERTH_QUEUE_URL"])
    client.send_message(QueueUrl=aws["BERTH_QUEUE_URL"], MessageBody="look")
    received = client.receive_message(QueueUrl=aws["BERTH_QUEUE_URL"], WaitTimeSeconds=5)
    assert [message["Body"] for message in received["Messages"]] == ["look"]


def test_a_queue_that_is_not_ours_is_not_made(aws: dict[str, str]) -> None:
    with pytest.raises(ClientError, match="does not exist"):
        queue_client(aws).send_message(QueueUrl=f"{aws['AWS_ENDPOINT_URL_SQS']}/123456789012/other", MessageBody="x")
