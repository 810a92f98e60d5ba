"""Amazon SES v2, as far as emails are sent through it: each becomes a file that any mail program opens."""

from __future__ import annotations

import json
from base64 import b64decode
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from chalicelib.core.text import shown_line
from local.private_files import write_file

if TYPE_CHECKING:
    from pathlib import Path

SEND = "/v2/email/outbound-emails"
"""Where boto3 posts an email (SendEmail of the SES API v2)."""


class MalformedEmailError(ValueError):
    """Not what SES accepts; says why."""


class Mailbox:
    """Keeps emails as `.eml` files in a directory, named by time so that the newest is the last."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def accept(self, body: bytes) -> str:
        """Keep an email that SES would send and return its message id. Raises `MalformedEmailError`."""
        message_id = uuid4().hex
        try:
            message = _message(cast("dict[str, Any]", json.loads(body)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise MalformedEmailError(str(error)) from error
        now = datetime.now(UTC)
        message["Date"], message["Message-ID"] = now, f"<{message_id}@berth.localhost>"
        path = self._directory / f"{now:%Y%m%dT%H%M%S.%f}-{message_id[:8]}.eml"
        write_file(path, message.as_bytes(policy=SMTP))
        return message_id


def _message(request: dict[str, Any]) -> EmailMessage:
    message = EmailMessage()
    simple = request["Content"]["Simple"]
    message["From"] = request["FromEmailAddress"]
    message["To"] = ", ".join(request["Destination"]["ToAddresses"])
    # The library decodes encoded words in what it is given (RFC 2047), and a header may hide in one.
    message["Subject"] = shown_line(simple["Subject"]["Data"])
    message.set_content(simple["Body"]["Text"]["Data"])
    for attached in simple.get("Attachments", ()):
        maintype, _, subtype = attached["ContentType"].partition("/")
        content = b64decode(attached["RawContent"], validate=True)
        message.add_attachment(content, maintype=maintype, subtype=subtype, filename=attached["FileName"])
    return message
