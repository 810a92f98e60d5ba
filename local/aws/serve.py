"""Serves them on a port of their own, in a thread of the process that keeps the demo running."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn

from local.aws.buckets import Buckets
from local.aws.mail import SEND, Letterbox, MalformedLetterError
from local.aws.objects import MOST_BYTES, Objects

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, MutableMapping
    from pathlib import Path

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    SendMessage = Callable[[Message], Awaitable[None]]

BUCKET = "berth-images"
ACCESS_KEY = "berth"


class Services:
    """The ASGI application: letters by their one path, everything else is an object of a bucket."""

    def __init__(self, letters: Path, objects: Objects) -> None:
        self._letterbox = Letterbox(letters)
        self._buckets = Buckets(objects)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: SendMessage) -> None:
        """Answer one request as SES or S3 does."""
        if scope["type"] != "http":
            message = f"No {scope['type']} here."
            raise NotImplementedError(message)
        body = await _body(receive)
        if (scope["method"], scope["path"]) == ("POST", SEND):
            status, headers, answer = await asyncio.to_thread(self._send_letter, body)
        else:
            status, headers, answer = await asyncio.to_thread(self._buckets.answer, scope, body)
        headers = {"content-length": str(len(answer)), **headers}
        encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer})

    def _send_letter(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        headers = {"content-type": "application/json"}
        try:
            return 200, headers, json.dumps({"MessageId": self._letterbox.accept(body)}).encode()
        except MalformedLetterError as error:
            answer = json.dumps({"message": f"Not a letter: {error}"}).encode()
            return 400, {**headers, "x-amzn-errortype": "BadRequestException"}, answer


async def _body(receive: Receive) -> bytes:
    """The request's body; of one that is too long, enough to see that it is."""
    body = b""
    more = True
    while more and len(body) <= MOST_BYTES:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


@contextmanager
def serve_aws(directory: Path) -> Generator[dict[str, str]]:
    """Serve until the end of the block; return the environment variables that lead the functions here.

    Letters are kept in `letters` and objects in `objects` below the directory.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    secret_key = secrets.token_hex(16)  # nobody else on this machine can write to the bucket
    services = Services(directory / "letters", Objects(directory / "objects", ACCESS_KEY, secret_key))
    config = uvicorn.Config(services, lifespan="off", interface="asgi3", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="aws", daemon=True)
    thread.start()
    try:
        yield {
            "AWS_ENDPOINT_URL_SESV2": address,
            "AWS_ENDPOINT_URL_S3": address,
            "BERTH_IMAGES_BUCKET": BUCKET,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": secret_key,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
