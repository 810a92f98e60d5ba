"""JSON as RFC 8259 and I-JSON (RFC 7493) want it: no NaN, no duplicate names, no lone surrogates, all of it bounded.

Everything here costs time that is linear in the size of the text: it runs before anything is known about the caller.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from typing import Any, cast

from chalicelib.core.errors import InvalidInputError

DEEPEST = 32
MOST_VALUES = 50_000
"""Members of objects and elements of arrays in one text, at all depths together."""
LONGEST_NUMBER = 40
"""Digits; longer ones are refused before they are turned into a number."""
LONGEST_SHOWN = 100
"""Characters of a name or path that an error repeats."""
FORBIDDEN = re.compile("[\0\ud800-\udfff]")


class MalformedError(InvalidInputError):
    """The body is not JSON that all parsers read alike (I-JSON), or is nested too deeply."""

    code = "malformed"
    advice = "Correct the body; `detail` says where."


class _FlawError(Exception):
    """A value that is refused; the way to it is noted while the search returns, from the innermost step outwards."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.steps: list[str | int] = []


class MediaTypeError(MalformedError):
    """The Content-Type is missing, or is not that of JSON."""

    code = "unsupported_media_type"
    advice = "Send JSON with `Content-Type: application/json`."


def parse(body: bytes) -> Any:  # noqa: ANN401 - JSON
    """Return the value of a JSON text, its texts in Unicode's form NFC. Raises `MalformedError`."""
    try:
        # Given bytes, the json module would read UTF-16 and UTF-32 as well.
        value = _DECODER.decode(body.decode())
    except UnicodeDecodeError as error:
        message = f"The body is not UTF-8: byte {error.start} cannot be read."
        raise MalformedError("body", message) from error
    except json.JSONDecodeError as error:
        message = f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        raise MalformedError("body", message) from error
    except RecursionError as error:
        raise MalformedError("body", TOO_DEEP) from error
    if _is_plain(body):
        return value
    try:
        _check(value, 0, MOST_VALUES)
    except _FlawError as flaw:
        raise MalformedError(_path(flaw.steps), str(flaw)) from None
    return _composed(value)


def composed_text(body: bytes, value: object) -> bytes:
    """Return a JSON text of the value that `parse` read: the body itself where there was nothing to compose."""
    if _is_ascii(body):
        return body
    return json.dumps(value, ensure_ascii=False).encode()


def _is_ascii(body: bytes) -> bool:
    """Whether all texts in it are ASCII without NUL, which would have to be escaped."""
    return body.isascii() and b"\\u" not in body


def _is_plain(body: bytes) -> bool:
    """Whether it can be told without looking at the values that nothing is to be refused or composed.

    As many values as there are commas and brackets, and as deep, it can be at most.
    """
    opened = body.count(b"{") + body.count(b"[")
    return opened <= DEEPEST and body.count(b",") + opened <= MOST_VALUES and _is_ascii(body)


def _composed(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return the value with its texts composed, so that what reads the same is the same."""
    match value:
        case str():
            return unicodedata.normalize("NFC", value)
        case dict():
            members = cast("dict[str, Any]", value)
            return {name: _composed(member) for name, member in members.items()}
        case list():
            return [_composed(element) for element in cast("list[Any]", value)]
        case _:
            return value


def canonical_hash(value: object) -> bytes:
    """SHA-256 of the value with sorted names and no white space: equal for bodies that mean the same."""
    return hashlib.sha256(_CANONICAL.encode(value).encode()).digest()


TOO_DEEP = f"The body nests deeper than {DEEPEST} levels."


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        name = _shown(_first_repeated(pairs))
        message = f"The name {name} is given twice in one object."
        raise MalformedError(name, message)
    return members


def _first_repeated(pairs: list[tuple[str, Any]]) -> str:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return name
        seen.add(name)
    return ""


def _constant(name: str) -> None:
    message = f"{name} is not a JSON number."
    raise MalformedError("body", message)


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        message = f"A number of {len(digits)} digits is longer than anything Berth counts."
        raise MalformedError("body", message)
    return int(digits)


def _check(value: Any, depth: int, left: int) -> int:  # noqa: ANN401 - JSON
    """Look at a value and all that is in it; return how many more values there may be. Raises `_FlawError`."""
    if depth > DEEPEST:
        raise _FlawError(TOO_DEEP)
    if isinstance(value, str):
        _check_text(value)
    if not isinstance(value, dict | list):
        return left
    container = cast("dict[str, Any] | list[Any]", value)
    left -= len(container)
    if left < 0:
        message = f"The body has more than {MOST_VALUES:,} values."
        raise _FlawError(message)
    for step, member in container.items() if isinstance(container, dict) else enumerate(container):
        try:
            if isinstance(step, str):
                _check_text(step)
            left = _check(member, depth + 1, left)
        except _FlawError as flaw:
            flaw.steps.append(step)
            raise
    return left


def _check_text(text: str) -> None:
    if not text.isascii() or "\0" in text:
        found = FORBIDDEN.search(text)
        if found is not None:
            message = "Text must not hold NUL characters or half a surrogate pair."
            raise _FlawError(message)


def _path(steps: list[str | int]) -> str:
    """The way from the body to a value, such as `guest.name` or `units[3]`."""
    path = ""
    for step in reversed(steps):
        path += f"[{step}]" if isinstance(step, int) else f".{_shown(step)}"
    return _shown(path.removeprefix(".")) or "body"


def _shown(text: str) -> str:
    return text[:LONGEST_SHOWN].encode("utf-8", "replace").decode().replace("\0", "?")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer)
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))
