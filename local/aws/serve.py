"""The one door to them: a port of their own, in a thread of the process that keeps the demo running.

Who comes without a signature of this run's key gets nothing, and neither does a page of another site, whatever it
signed: any program of this machine and any page in a browser on it can reach the port. What a browser uploads by a
policy that was signed for it is the one exception.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import uvicorn
from botocore.credentials import Credentials

from local.aws.buckets import Buckets
from local.aws.mail import SEND, Letterbox, MalformedLetterError
from local.aws.objects import MOST_BYTES, Objects
from local.aws.queue import Queues
from local.aws.signatures import SignatureError, check_signature, service_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, MutableMapping
    from pathlib import Path

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    SendMessage = Callable[[Message], Awaitable[None]]
    Answer = tuple[int, dict[str, str], bytes]

BUCKET = "berth-images"
ACCESS_KEY = "berth"
STOP_SECONDS = 1
CLOSED = "/moto-api"
"""Where moto takes orders of everybody, also to forget all that it holds."""


class Services:
    """The ASGI application. Which service a request is for follows from what it was signed for."""

    def __init__(self, letters: Path, objects: Objects, credentials: Credentials) -> None:
        self._letterbox = Letterbox(letters)
        self._buckets = Buckets(objects)
        self._queues = Queues()
        self._credentials = credentials

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: SendMessage) -> None:
        """Answer one request as the service does."""
        if scope["type"] != "http":
            message = f"No {scope['type']} here."
            raise NotImplementedError(message)
        body = await _body(receive)
        status, headers, answer = await _in_thread(lambda: self._answer(scope, body))
        headers = {"content-length": str(len(answer)), **headers}
        encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer})

    def _answer(self, scope: MutableMapping[str, Any], body: bytes) -> Answer:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        path: str = scope["path"]
        if path.startswith(CLOSED):
            return _refused(404, "ResourceNotFoundException", f"There is nothing at {CLOSED}.")
        if self._buckets.of_browser(scope):
            return self._buckets.answer(scope, body)
        if "origin" in headers:
            return _refused(403, "AccessDeniedException", "Pages of other sites have no business here.")
        raw_path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        address = f"http://{headers.get('host', '')}"
        url = address + raw_path + (f"?{query}" if query else "")
        try:
            service = service_of(headers)
            check_signature(self._credentials, service, scope["method"], url, headers, body)
        except SignatureError as error:
            return _refused(403, "SignatureDoesNotMatch", str(error))
        if service == "s3":
            return self._buckets.answer(scope, body)
        if (service, scope["method"], path) == ("ses", "POST", SEND):
            return self._send_letter(body)
        if (service, scope["method"]) == ("sqs", "POST"):
            return self._queues.answer(path, headers, body, address)
        return _refused(404, "ResourceNotFoundException", f"There is nothing of {service} at {path}.")

    def _send_letter(self, body: bytes) -> Answer:
        headers = {"content-type": "application/json"}
        try:
            return 200, headers, json.dumps({"MessageId": self._letterbox.accept(body)}).encode()
        except MalformedLetterError as error:
            return _refused(400, "BadRequestException", f"Not a letter: {error}")


def _refused(status: int, kind: str, message: str) -> Answer:
    """As boto3 understands it of JSON services; of S3 it looks at the status."""
    headers = {"content-type": "application/json", "x-amzn-errortype": kind}
    return status, headers, json.dumps({"message": message}).encode()


async def _in_thread(work: Callable[[], Answer]) -> Answer:
    """Work in a thread that keeps nobody from ending: a poll of a queue waits for seconds."""
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[Answer] = loop.create_future()

    def settle(answer: Answer | None, error: Exception | None) -> None:
        if outcome.done():
            return
        if error is not None:
            outcome.set_exception(error)
        elif answer is not None:
            outcome.set_result(answer)

    def run() -> None:
        answer, failure = None, None
        try:
            answer = work()
        except Exception as error:
            failure = error
        with suppress(RuntimeError):  # the loop has ended: the answer is too late
            loop.call_soon_threadsafe(settle, answer, failure)

    threading.Thread(target=run, name="aws-request", daemon=True).start()
    return await outcome


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
    secret_key = secrets.token_hex(32)
    objects = Objects(directory / "objects", ACCESS_KEY, secret_key)
    services = Services(directory / "letters", objects, Credentials(ACCESS_KEY, secret_key))
    config = uvicorn.Config(
        services,
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
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
