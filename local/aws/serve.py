"""The one door to them: a port of their own, in a thread of the process that keeps the demo running.

Who comes without a signature of this run's key gets nothing, and neither does a page of another site, whatever it
signed: any program of this machine and any page in a browser on it can reach the port. What a browser uploads by a
policy that was signed for it is the one exception.
"""

from __future__ import annotations

import json
import secrets
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from botocore.credentials import Credentials
from werkzeug.exceptions import HTTPException
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from local.aws.buckets import Buckets
from local.aws.mail import SEND, Mailbox, MalformedEmailError
from local.aws.objects import Objects
from local.aws.queue import Queues
from local.aws.signatures import SignatureError, check_signature, service_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from pathlib import Path

    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BUCKET = "berth-images"
ACCESS_KEY = "berth"
IDLE_SECONDS = 30
STOP_SECONDS = 0.05
"""How soon the server notices that it is to stop."""
CLOSED = "/moto-api"
"""Where moto takes orders of everybody, also to forget all that it holds."""


class Services:
    """The WSGI application. Which service a request is for follows from what it was signed for."""

    def __init__(self, emails: Path, objects: Objects, credentials: Credentials) -> None:
        self._mailbox = Mailbox(emails)
        self._buckets = Buckets(objects, credentials)
        self._queues = Queues()
        self._credentials = credentials

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request as the service does."""
        try:
            with _Request(environ) as request:
                answer = self._answer(request)
        except HTTPException as refusal:  # a body that is too long
            answer = _refused(refusal.code or 400, "RequestTooLargeException", refusal.description or "")
        return answer(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path.startswith(CLOSED):
            return _refused(404, "ResourceNotFoundException", f"There is nothing at {CLOSED}.")
        if self._buckets.of_browser(request):
            return self._buckets.answer(request)
        headers = {name.lower(): value for name, value in request.headers.items()}
        if "origin" in headers:
            return _refused(403, "AccessDeniedException", "Pages of other sites have no business here.")
        url = request.host_url.rstrip("/") + request.environ["RAW_URI"]
        try:
            service = service_of(headers)
            check_signature(self._credentials, service, request.method, url, headers, request.get_data())
        except SignatureError as error:
            return _refused(403, "SignatureDoesNotMatch", str(error))
        match service, request.method, request.path:
            case "s3", _, _:
                return self._buckets.answer(request)
            case "ses", "POST", path if path == SEND:
                return self._send_email(request.get_data())
            case "sqs", "POST", _:
                return self._queues.answer(request)
            case _:
                message = f"There is nothing of {service} at {request.path}."
                return _refused(404, "ResourceNotFoundException", message)

    def _send_email(self, body: bytes) -> Response:
        try:
            message = json.dumps({"MessageId": self._mailbox.accept(body)})
            return Response(message, content_type="application/json")
        except MalformedEmailError as error:
            return _refused(400, "BadRequestException", f"Not an email: {error}")


class _Request(Request):
    max_content_length = 32 * 1024 * 1024


class _Handler(WSGIRequestHandler):
    """Says nothing of requests; what fails in answering them is said by the server."""

    timeout = IDLE_SECONDS  # of a client that neither sends nor reads; an answer may take longer

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002, ANN401 - as werkzeug has it
        """Say nothing."""


def _refused(status: int, kind: str, message: str) -> Response:
    """As boto3 understands it of JSON services; of S3 it looks at the status."""
    text = json.dumps({"message": message})
    return Response(text, status, {"x-amzn-errortype": kind}, content_type="application/json")


@contextmanager
def serve_aws(directory: Path) -> Generator[dict[str, str]]:
    """Serve until the end of the block; return the environment variables that lead the functions here.

    Emails are kept in `emails` and objects in `objects` below the directory. A poll of a queue that waits at the end
    holds nothing up: its thread ends with the process.
    """
    secret_key = secrets.token_hex(32)
    services = Services(directory / "emails", Objects(directory / "objects"), Credentials(ACCESS_KEY, secret_key))
    server = make_server("127.0.0.1", 0, services, threaded=True, request_handler=_Handler)
    address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=[STOP_SECONDS], name="aws", daemon=True)
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
        server.shutdown()
        thread.join()
