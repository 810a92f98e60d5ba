"""Serves them on a port of their own, in a thread of the process that keeps the demo running."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn

from local.aws.mail import SEND, Letterbox, MalformedLetterError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, MutableMapping
    from pathlib import Path

    Message = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    SendMessage = Callable[[Message], Awaitable[None]]

LETTER_LIMIT = 256 * 1024


class Services:
    """The ASGI application."""

    def __init__(self, letters: Path) -> None:
        self._letterbox = Letterbox(letters)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: SendMessage) -> None:
        """Answer one request in SES's REST-JSON protocol."""
        if scope["type"] != "http":
            message = f"No {scope['type']} here."
            raise NotImplementedError(message)
        status, answer = 404, {"message": f"Berth uses no {scope['method']} {scope['path']} of AWS."}
        if (scope["method"], scope["path"]) == ("POST", SEND):
            status, answer = await self._send_letter(receive)
        body = json.dumps(answer).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        if status != 200:
            headers.append((b"x-amzn-errortype", b"BadRequestException"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _send_letter(self, receive: Receive) -> tuple[int, dict[str, str]]:
        body = b""
        more = True
        while more and len(body) <= LETTER_LIMIT:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        try:
            return 200, {"MessageId": await asyncio.to_thread(self._letterbox.accept, body)}
        except MalformedLetterError as error:
            return 400, {"message": f"Not a letter: {error}"}


@contextmanager
def serve_aws(letters: Path) -> Generator[dict[str, str]]:
    """Serve until the end of the block; return the environment variables that lead the functions here."""
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    config = uvicorn.Config(Services(letters), lifespan="off", interface="asgi3", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="aws", daemon=True)
    thread.start()
    try:
        yield {
            "AWS_ENDPOINT_URL_SESV2": address,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "berth",
            "AWS_SECRET_ACCESS_KEY": "berth",  # nothing checks it, but boto3 signs
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
