"""Letters to people, through Amazon SES v2 or whatever speaks its API at AWS_ENDPOINT_URL_SESV2."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.domain.errors import UnavailableError
from chalicelib.domain.text import shown_line

if TYPE_CHECKING:
    from types_boto3_sesv2 import SESV2Client
    from types_boto3_sesv2.type_defs import ContentTypeDef

TIMEOUT_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Letter:
    """A plain-text letter to one address."""

    to: str
    subject: str
    text: str


class Mailer:
    """Sends as one address."""

    def __init__(self, sender: str) -> None:
        self._sender = sender

    def send(self, letter: Letter) -> None:
        """Hand a letter over. Raises `UnavailableError`."""
        from botocore.exceptions import BotoCoreError, ClientError

        subject = _part(shown_line(letter.subject))
        try:
            self._client.send_email(
                FromEmailAddress=self._sender,
                Destination={"ToAddresses": [letter.to]},
                Content={"Simple": {"Subject": subject, "Body": {"Text": _part(letter.text)}}},
            )
        except (BotoCoreError, ClientError) as error:
            message = "The letter could not be sent at the moment. Please try again in a minute."
            raise UnavailableError(message, retry_after=60) from error

    @cached_property
    def _client(self) -> SESV2Client:
        import boto3  # takes longer to import than most requests to answer
        from botocore.config import Config

        limits = Config(
            connect_timeout=TIMEOUT_SECONDS, read_timeout=TIMEOUT_SECONDS, retries={"total_max_attempts": 2}
        )
        return boto3.Session().client("sesv2", config=limits)  # pyright: ignore[reportUnknownMemberType] - one overload of many


def _part(text: str) -> ContentTypeDef:
    return {"Data": text, "Charset": "UTF-8"}
