"""One email address, written in all the ways that mean the same mailbox."""

from __future__ import annotations

import unicodedata
from uuid import uuid4


def spellings() -> list[str]:
    """A new address, first as it is kept, then in capitals, decomposed, with its domain in Unicode, and with spaces."""
    local = f"zoë-{uuid4().hex}"
    kept = f"{local}@xn--mller-kva.example"
    unicode = f"{local}@müller.example"
    return [kept, kept.upper(), unicode, unicode.upper(), unicodedata.normalize("NFD", unicode), f" {unicode} "]
