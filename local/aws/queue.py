"""Amazon SQS as moto plays it: the same boto3 calls, messages that become visible again, nothing kept at the end.

moto is called within this process and listens nowhere: who wants to reach it has to come through `serve`, which looks
at signatures, and gets to SQS alone.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from functools import cached_property
from secrets import token_hex
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from werkzeug.test import Client
    from werkzeug.wrappers import Request, Response

QUEUE = "berth-events"
ACCOUNT = "123456789012"
MISSING = b"QueueDoesNotExist"
SENT_ON = ("authorization", "content-type", "x-amz-date", "x-amz-target", "x-amzn-query-mode")


class Queues:
    """Answers requests for queues."""

    def __init__(self) -> None:
        self._building = Lock()

    def answer(self, request: Request) -> Response:
        """Answer a request of SQS's JSON protocol, which may take as long as it wants to wait for a message.

        A queue of ours that is missing is made again: what its messages said was only that there is something to do.
        """
        headers = {name: request.headers[name] for name in SENT_ON if name in request.headers}
        body = request.get_data()
        answer = self._ask(request, headers, body)
        if answer.status_code == 400 and MISSING in answer.get_data():
            name = _queue_of(body)
            if name.startswith(QUEUE):
                create = {**headers, "x-amz-target": "AmazonSQS.CreateQueue"}
                self._ask(request, create, json.dumps({"QueueName": name}).encode())
                return self._ask(request, headers, body)
        return answer

    def _ask(self, request: Request, headers: Mapping[str, str], body: bytes) -> Response:
        with self._building:  # one of the first two would get an application that is half made
            client = self._client
        return client.post(request.path, base_url=request.host_url, headers=headers, data=body)

    @cached_property
    def _client(self) -> Client:
        # Imported here as it takes a second.
        from moto.moto_server.werkzeug_app import create_backend_app  # pyright: ignore[reportMissingTypeStubs]
        from werkzeug.test import Client

        return Client(create_backend_app("sqs"), use_cookies=False)


@contextmanager
def serve_queue(aws: Mapping[str, str]) -> Generator[dict[str, str]]:
    """Make one queue in what `serve_aws` serves; return the environment variables that lead the functions there."""
    import boto3

    address = aws["AWS_ENDPOINT_URL_S3"]
    client = boto3.Session(
        aws_access_key_id=aws["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=aws["AWS_SECRET_ACCESS_KEY"],
        region_name=aws["AWS_DEFAULT_REGION"],
    ).client("sqs", endpoint_url=address)  # pyright: ignore[reportUnknownMemberType] - one overload of many
    # All that a process serves shares moto's queues: with one name they would take each other's messages, and so
    # would polls that were cut off, which moto goes on with.
    url = client.create_queue(QueueName=f"{QUEUE}-{token_hex(8)}")["QueueUrl"]
    yield {"AWS_ENDPOINT_URL_SQS": address, "BERTH_QUEUE_URL": url, "BERTH_NOTIFY_IN_BACKGROUND": "1"}


def _queue_of(body: bytes) -> str:
    """The name of the queue that a request is about; "" where it names none."""
    try:
        asked: Any = json.loads(body)
        return str(asked["QueueUrl"]).rpartition("/")[2]
    except (ValueError, KeyError, TypeError):
        return ""
