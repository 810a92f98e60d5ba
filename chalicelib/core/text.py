"""Texts of one line: names, titles, labels, reasons. What they must not hold, and how old ones are shown."""

from __future__ import annotations

import re
import unicodedata

INVISIBLE = frozenset({"Cc", "Cf", "Zl", "Zp"})
"""General categories of Unicode: control, format, line and paragraph separators."""
JOINERS = frozenset("\u200c\u200d")
"""ZWNJ and ZWJ: names in Persian and Indic scripts and emoji are spelt with them, between two visible characters."""
ENCODED_WORD = re.compile(r"=\?(?=[^\s?]+\?[bq]\?)", re.IGNORECASE)
"""How a header that is decoded (RFC 2047, section 2) would begin to mean something else."""
LINK = re.compile(
    r"[a-z][a-z0-9+.-]{0,20}://|\bwww\d?\.|\w\.[a-z]{2,24}[/:?#]\S"
    r"|\w\.(?:com|net|org|info|biz|io|ai|app|dev|gg|ly|link|click|shop|store|online|site|website|top|xyz|ru|cn)\b",
    re.IGNORECASE,
)
"""What mail programs make a link of: schemes, www, a domain with a path, and a bare domain of the common endings.

`J.R.R. Tolkien`, `St.John` and `Dr.Smith` are none of these.
"""


def check_line(text: str) -> str:
    """Return a text that is one visible line. Raises `ValueError`."""
    plain = text.isascii() and text.isprintable()
    for index, character in enumerate("" if plain else text):
        if unicodedata.category(character) not in INVISIBLE:
            continue
        if character not in JOINERS or not _joins(text, index):
            message = f"must be one line without control or format characters, and holds U+{ord(character):04X}"
            raise ValueError(message)
    if ENCODED_WORD.search(text):
        message = "must not hold an encoded word of email headers, which begins with =?"
        raise ValueError(message)
    return text


def check_name(text: str) -> str:
    """Return the name of a person: one line in which nothing is a link. Raises `ValueError`."""
    # As mail programs read it: with the dots and letters of other widths made plain (UTS 46 maps them so as well).
    if LINK.search(unicodedata.normalize("NFKC", text).replace("\u3002", ".")):
        message = "must be a name, without links or names of domains"
        raise ValueError(message)
    return check_line(text)


def check_text(text: str) -> str:
    """Return a text of several lines: no control characters but line breaks and tabs. Raises `ValueError`."""
    for character in text:
        if character not in "\n\r\t" and unicodedata.category(character) == "Cc":
            message = f"must not hold control characters but line breaks, and holds U+{ord(character):04X}"
            raise ValueError(message)
    return text


def shown_line(text: str) -> str:
    """A text that was stored before it was checked, as one line that is safe in a header and in an email."""
    visible = "".join(
        " " if unicodedata.category(one) in INVISIBLE and not (one in JOINERS and _joins(text, index)) else one
        for index, one in enumerate(text)
    )
    return ENCODED_WORD.sub("= ?", " ".join(visible.split()))


def shown_name(text: str) -> str:
    """A person's name for an email; one that holds a link, stored before names were checked, is left out."""
    line = shown_line(text)
    return "guest" if LINK.search(unicodedata.normalize("NFKC", line).replace("\u3002", ".")) else line


def _joins(text: str, index: int) -> bool:
    """Whether a joiner stands between two visible characters, and so changes how they are written."""
    around = text[index - 1 : index] + text[index + 1 : index + 2]
    return len(around) == 2 and not any(one.isspace() or unicodedata.category(one) in INVISIBLE for one in around)
