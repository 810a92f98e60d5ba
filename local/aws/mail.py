"""Amazon SES v2, as far as letters are sent through it: each becomes a file that any mail program opens."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from chalicelib.domain.text import shown_line
from local.private_files import write_file

if TYPE_CHECKING:
    from pathlib import Path

SEND = "/v2/email/outbound-emails"
"""Where boto3 posts a letter (SendEmail of the SES API v2)."""


class MalformedLetterError(ValueError):
    """Not what SES accepts; says why."""


class Letterbox:
    """Keeps letters as `.eml` files in a directory, named by time so that the newest is the last."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def accept(self, body: bytes) -> str:
        """Keep a letter that SES would send and return its message id. Raises `MalformedLetterError`."""
        message_id = uuid4().hex
        try:
            message = _message(cast("dict[str, Any]", json.loads(body)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MalformedLetterError(str(error)) from error
        now = datetime.now(UTC)
        message["Date"], message["Message-ID"] = now, f"<{message_id}@berth.localhost>"
        path = self._directory / f"{now:%Y%m%dT%H%M%S.%f}-{message_id[:8]}.eml"
        write_file(path, message.as_bytes(policy=SMTP))
        return message_id


def _message(letter: dict[str, Any]) -> EmailMessage:
    message = EmailMessage()
    simple = letter["Content"]["Simple"]
    message["From"] = letter["FromEmailAddress"]
    message["To"] = ", ".join(letter["Destination"]["ToAddresses"])
    # The library decodes encoded words in what it is given (RFC 2047), and a header may hide in one.
    message["Subject"] = shown_line(simple["Subject"]["Data"])
    message.set_content(simple["Body"]["Text"]["Data"])
    return message
