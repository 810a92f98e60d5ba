"""The emails that were sent, read as a mail program would."""

from __future__ import annotations

import email
import re
from dataclasses import dataclass
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import EmailMessage


@dataclass(frozen=True, slots=True)
class Inbox:
    """Emails in a directory."""

    directory: Path

    def to(self, address: str) -> list[str]:
        """The texts of the emails to an address, the oldest first."""
        found = [email.message_from_bytes(path.read_bytes(), policy=default) for path in sorted(self._paths())]
        return [text_of(message) for message in found if message["To"] == address]

    def token_to(self, address: str) -> str:
        """The token in the link of the newest email to an address."""
        match = re.search(r"https?://\S+#(\S+)", self.to(address)[-1])
        assert match is not None
        return match[1]

    def calendars_to(self, address: str) -> list[bytes | None]:
        """The calendar that came with each email to an address, the oldest first; None where none did."""
        found = [email.message_from_bytes(path.read_bytes(), policy=default) for path in sorted(self._paths())]
        return [calendar_of(message) for message in found if message["To"] == address]

    def _paths(self) -> list[Path]:
        return list(self.directory.glob("*.eml"))


def text_of(message: EmailMessage) -> str:
    """The text of an email, whatever is attached to it."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def calendar_of(message: EmailMessage) -> bytes | None:
    """The calendar that is attached to an email."""
    attached = [part for part in message.iter_attachments() if part.get_content_type() == "text/calendar"]
    return None if not attached else attached[0].get_payload(decode=True)  # pyright: ignore[reportReturnType] - decoded
