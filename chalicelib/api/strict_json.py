"""JSON as RFC 8259 and I-JSON (RFC 7493) want it: no NaN, no duplicate names, no lone surrogates, bounded depth."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from chalicelib.domain.errors import InvalidInputError

DEEPEST = 32
LONGEST_NUMBER = 40
"""Digits; longer ones are refused before they are turned into a number."""


class MalformedError(InvalidInputError):
    """The body is not JSON that everybody reads alike."""

    code = "malformed"


def parse(body: bytes) -> Any:  # noqa: ANN401 - JSON
    """Return the value of a JSON text. Raises `MalformedError`."""
    try:
        # Given bytes, the json module would read UTF-16 and UTF-32 as well.
        value = json.loads(body.decode(), object_pairs_hook=_object, parse_constant=_constant, parse_int=_integer)
    except UnicodeDecodeError as error:
        message = f"The body is not UTF-8: byte {error.start} cannot be read."
        raise MalformedError("body", message) from error
    except json.JSONDecodeError as error:
        message = f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        raise MalformedError("body", message) from error
    except RecursionError as error:
        raise _too_deep() from error
    _check(value, "body", 0)
    return value


def canonical_hash(value: object) -> bytes:
    """SHA-256 of the value with sorted names and no white space: equal for bodies that mean the same."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        name = next(name for name in names if names.count(name) > 1)
        message = f"The name {_printable(name)} is given twice in one object."
        raise MalformedError(_printable(name), message)
    return members


def _constant(name: str) -> None:
    message = f"{name} is not a JSON number."
    raise MalformedError("body", message)


def _integer(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        message = f"A number of {len(digits)} digits is longer than anything Berth counts."
        raise MalformedError("body", message)
    return int(digits)


def _check(value: object, path: str, depth: int) -> None:
    if depth > DEEPEST:
        raise _too_deep()
    if isinstance(value, dict):
        for name, member in value.items():  # pyright: ignore[reportUnknownVariableType] - JSON
            _check_text(name, path)  # pyright: ignore[reportUnknownArgumentType]
            _check(member, f"{path}.{name}" if depth else str(name), depth + 1)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, list):
        for index, member in enumerate(value):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            _check(member, f"{path}[{index}]", depth + 1)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, str):
        _check_text(value, path)


def _check_text(text: str, path: str) -> None:
    if text.isascii() and "\0" not in text:
        return
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        message = "Text must not hold NUL characters or half a surrogate pair."
        raise MalformedError(_printable(path), message)


def _too_deep() -> MalformedError:
    message = f"The body nests deeper than {DEEPEST} levels."
    return MalformedError("body", message)


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\0", "?")[:100]
