"""What `tools.smoke` tries: LocalStack, or `./dev demo`, and where each shows what it does besides answering."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import httpx

from local.localstack.emulator import Clients
from local.localstack.stack import STACK

if TYPE_CHECKING:
    from email.message import EmailMessage

PATIENCE_SECONDS = 30.0


class Evidence(Protocol):
    """Where a target shows what it does besides answering."""

    def emails_to(self, address: str) -> list[tuple[str, str]]:
        """Subjects and texts of the emails that left for an address."""
        ...

    def is_logged(self, request_id: str) -> bool:
        """Whether the log has a request, by the id in its answer."""
        ...

    def image(self, url: str) -> tuple[str, bytes]:
        """Media type and bytes of an image, by its address in the catalogue."""
        ...


class OnLocalStack:
    """Emails as the emulated SES lists them, logs in the emulated CloudWatch, images in the emulated bucket."""

    def __init__(self, address: str) -> None:
        self._address = address
        clients = Clients(address)
        self._logs, self._s3 = clients.client("logs"), clients.client("s3")
        outputs = clients.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
        self._outputs: dict[str, str] = {one["OutputKey"]: one["OutputValue"] for one in outputs}

    def emails_to(self, address: str) -> list[tuple[str, str]]:
        """Ask `/_aws/ses`."""
        listed = httpx.get(f"{self._address}/_aws/ses", timeout=PATIENCE_SECONDS).json()["messages"]
        chosen = [one for one in listed if one["Destination"]["ToAddresses"] == [address]]
        return [(one["Subject"], one["Body"]["text_part"]) for one in chosen]

    def is_logged(self, request_id: str) -> bool:
        """Look through the functions' log groups: LocalStack does not send them where the template wants them."""
        name = f"/aws/lambda/{self._outputs['APIHandlerName']}"
        found = self._logs.filter_log_events(logGroupName=name, filterPattern=f'"{request_id}"')
        return bool(found["events"])

    def image(self, url: str) -> tuple[str, bytes]:
        """Read it from the bucket: LocalStack's free edition has no CloudFront to serve `/images/`."""
        found = self._s3.get_object(Bucket=self._outputs["ImagesBucketName"], Key=url.lstrip("/"))
        return found["ContentType"], found["Body"].read()


@dataclass(frozen=True)
class OnThisMachine:
    """The files of `./dev demo`; images come from its gateway."""

    data: Path
    address: str

    def emails_to(self, address: str) -> list[tuple[str, str]]:
        """Read the files of emails."""
        messages = [message_from_bytes(file.read_bytes(), policy=default) for file in self.data.glob("emails/*.eml")]
        chosen = [one for one in messages if one["To"] == address]
        return [(str(one["Subject"]), _text_of(one)) for one in chosen]

    def is_logged(self, request_id: str) -> bool:
        """Read the access log."""
        return request_id in (self.data / "access.log").read_text(encoding="utf-8")

    def image(self, url: str) -> tuple[str, bytes]:
        """Ask for it."""
        answer = httpx.get(self.address + url)
        return answer.headers["content-type"], answer.content


@dataclass(frozen=True)
class Target:
    """What is tried: `address` is what `/api/v1` follows, the password is the demo's."""

    address: str
    password: str
    evidence: Evidence


def _text_of(message: EmailMessage) -> str:
    """The text of an email, whatever is attached to it."""
    body = message.get_body(("plain",))
    return "" if body is None else str(body.get_content())
