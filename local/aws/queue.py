"""Amazon SQS as moto plays it: the same boto3 calls, messages that become visible again, nothing kept at the end."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from secrets import token_hex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

QUEUE = "berth-events"


@contextmanager
def serve_queue(credentials: Mapping[str, str]) -> Generator[dict[str, str]]:
    """Serve one queue until the end of the block; return the environment variables that lead the functions there."""
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it would print a line for every request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        address = f"http://{host}:{port}"
        client = boto3.Session(
            aws_access_key_id=credentials["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=credentials["AWS_SECRET_ACCESS_KEY"],
            region_name=credentials["AWS_DEFAULT_REGION"],
        ).client("sqs", endpoint_url=address)  # pyright: ignore[reportUnknownMemberType] - one overload of many
        # All servers of a process share moto's queues: with one name they would take each other's messages, and so
        # would polls that were cut off, which moto goes on with.
        url = client.create_queue(QueueName=f"{QUEUE}-{token_hex(8)}")["QueueUrl"]
        yield {"AWS_ENDPOINT_URL_SQS": address, "BERTH_QUEUE_URL": url, "BERTH_NUDGE_IN_BACKGROUND": "1"}
    finally:
        server.stop()
