"""Emails to people, through Amazon SES v2 or whatever speaks its API at AWS_ENDPOINT_URL_SESV2."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.core.errors import UnavailableError
from chalicelib.core.text import shown_line

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client
    from types_boto3_sesv2.type_defs import AttachmentTypeDef, ContentTypeDef, MessageTypeDef

CONNECT_SECONDS, READ_SECONDS = 2, 3
TRIES = 2
"""The second where there is time for it: an idle connection that was dropped on the way fails at once."""
PATIENCE_SECONDS = 8
"""For an email that a request waits for."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that comes with an email."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Email:
    """A plain-text email to one address."""

    to: str
    subject: str
    text: str
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Mailing:
    """How emails with links leave: the address that the links begin with, and what sends an email."""

    public_url: str
    send: Callable[[Email], None]


class Mailer:
    """Sends as one address."""

    def __init__(self, sender: str) -> None:
        self._sender = sender

    @property
    def address(self) -> str:
        """The address alone, without a name."""
        return parseaddr(self._sender)[1]

    def send(self, email: Email) -> None:
        """Hand an email over, within `PATIENCE_SECONDS`. Raises `UnavailableError`."""
        self.send_until(email, time.monotonic() + PATIENCE_SECONDS)

    def send_until(self, email: Email, until: float) -> bool:
        """Hand an email over before an instant of `time.monotonic`; False where there is no time to begin.

        Raises `UnavailableError`.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        client = self._client  # making it takes its time
        content = _content(email)
        failure: Exception | None = None
        for _ in range(TRIES):
            if time.monotonic() + CONNECT_SECONDS + READ_SECONDS > until:
                break
            try:
                client.send_email(
                    FromEmailAddress=self._sender,
                    Destination={"ToAddresses": [email.to]},
                    Content={"Simple": content},
                )
            except (BotoCoreError, ClientError) as error:
                failure = error
            else:
                return True
        if failure is None:
            return False
        message = "The email could not be sent at the moment. Please try again in a minute."
        raise UnavailableError(message, retry_after=60) from failure

    @cached_property
    def _client(self) -> SESV2Client:
        import boto3  # takes longer to import than most requests to answer
        from botocore.config import Config

        # It tries once, so that it is known how long it takes at most; `send_until` tries again.
        limits = Config(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS, retries={"total_max_attempts": 1})
        return boto3.Session().client("sesv2", config=limits)  # pyright: ignore[reportUnknownMemberType] - one overload of many


def _content(email: Email) -> MessageTypeDef:
    content: MessageTypeDef = {"Subject": _part(shown_line(email.subject)), "Body": {"Text": _part(email.text)}}
    if email.attachment is None:
        return content
    attached: AttachmentTypeDef = {
        "FileName": email.attachment.name,
        "ContentType": email.attachment.media_type,
        "ContentDisposition": "ATTACHMENT",
        "ContentTransferEncoding": "BASE64",
        "RawContent": email.attachment.content,
    }
    return {**content, "Attachments": [attached]}


def _part(text: str) -> ContentTypeDef:
    return {"Data": text, "Charset": "UTF-8"}
