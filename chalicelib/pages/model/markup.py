"""Markup of texts: nothing that a tenant writes leaves the element or attribute that it is in."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NEVER_SHOWN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")
"""What HTML and XML must not hold, however it is written (WHATWG HTML 13.2.3.5, XML 1.0 section 2.2)."""


def text(content: object) -> str:
    """Return a text as it stands in an element or in an attribute."""
    return html.escape(NEVER_SHOWN.sub("\ufffd", str(content)), quote=True)


def element(name: str, attributes: Mapping[str, object] | None = None, *content: str) -> str:
    """Return an element with markup in it; attributes are texts, and those that are None are left out."""
    return f"{start(name, attributes)}{''.join(content)}</{name}>"


def start(name: str, attributes: Mapping[str, object] | None = None) -> str:
    """Return the start of an element, or the whole of one that holds nothing."""
    said = "".join(f' {key}="{text(value)}"' for key, value in (attributes or {}).items() if value is not None)
    return f"<{name}{said}>"


def data(kind: str, value: object, attributes: Mapping[str, object] | None = None) -> str:
    """Return JSON as a block of data (WHATWG HTML 4.12.1), which no browser runs.

    Its end and comments are looked for before JSON is: so no `<` may be in it, and everything beyond ASCII is escaped.
    """
    said = json.dumps(value, ensure_ascii=True, separators=(",", ":"))
    for character in "<>&":
        said = said.replace(character, f"\\u{ord(character):04x}")
    return f"{start('script', {'type': kind, **(attributes or {})})}{said}</script>"


def shortened(content: str, most: int) -> str:
    """Return a text on one line, cut between words where it is longer than that."""
    line = " ".join(NEVER_SHOWN.sub(" ", content[: 20 * most]).split())
    if len(line) <= most:
        return line
    cut = line[: most - 1]
    return f"{cut[: cut.rfind(' ')] if cut.rfind(' ') > most // 2 else cut} …"
