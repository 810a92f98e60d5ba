"""The emails that were sent, read as a mail program would."""

from __future__ import annotations

import email
import re
from dataclasses import dataclass
from email.policy import default
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Inbox:
    """Emails in a directory."""

    directory: Path

    def to(self, address: str) -> list[str]:
        """The texts of the emails to an address, the oldest first."""
        found = [email.message_from_bytes(path.read_bytes(), policy=default) for path in sorted(self._paths())]
        return [str(message.get_content()) for message in found if message["To"] == address]

    def token_to(self, address: str) -> str:
        """The token in the link of the newest email to an address."""
        match = re.search(r"https?://\S+#(\S+)", self.to(address)[-1])
        assert match is not None
        return match[1]

    def _paths(self) -> list[Path]:
        return list(self.directory.glob("*.eml"))
