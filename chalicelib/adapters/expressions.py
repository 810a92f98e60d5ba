"""Conditions in CEL (Common Expression Language, https://cel.dev), evaluated by the Rust implementation in `cel`.

Tenants write expressions, so they are bounded before the library sees them: in length, in the depth of their brackets,
and in their comprehensions (`all`, `exists`, `filter`, `map` …). Nested ones multiply: five over lists of thirty would
run for minutes. In a chain of many, each could double a string; and a regular expression in one would be compiled for
each element. What is left takes milliseconds.
"""

from __future__ import annotations

import logging
import re
import sys
from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from chalicelib.domain.errors import InvalidInputError
from chalicelib.domain.rules.expression import LONGEST_EXPRESSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cel import Program

log = logging.getLogger("berth")

FIELD: Final = "expression"
DEEPEST = 20
MOST_COMPREHENSIONS = 2
COMPREHENSIONS = frozenset({"all", "exists", "exists_one", "existsOne", "filter", "map"})
# No comments, no raw, byte or triple-quoted strings: what is harder to read than these is also harder to bound.
TOKEN = re.compile(
    r"""
    (?P<space>\s+)
    | (?P<string>'(?:[^'\\\r\n]|\\.)*' | "(?:[^"\\\r\n]|\\.)*")
    | (?P<word>[A-Za-z_][A-Za-z_0-9]*)
    | (?P<number>\d[\w.]*)
    | (?P<opening>[(\[{])
    | (?P<closing>[)\]}])
    | (?P<operator>[-+*%!<>=&|?:.,] | /(?!/))
    """,
    re.VERBOSE | re.ASCII,
)
_loading = Lock()


def evaluate(expression: str, variables: Mapping[str, Any]) -> bool | None:
    """Return whether the expression is true of the variables; None where it cannot be evaluated, which is logged.

    Variables are JSON-like values and aware datetimes. It cannot be evaluated where it is not a valid expression, names
    something that is not there, mixes types, overflows, or results in anything but true or false.
    """
    try:
        result = compiled(expression).execute(dict(variables))
    except (InvalidInputError, ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        log.warning("The expression %r cannot be evaluated: %s", expression, error)
        return None
    if isinstance(result, bool):
        return result
    log.warning("The expression %r is neither true nor false, but a %s", expression, type(result).__name__)
    return None


@lru_cache(maxsize=1000)
def compiled(expression: str) -> Program:
    """Return the program of an expression. Raises `InvalidInputError` for one that is too much, or not CEL."""
    if len(expression) > LONGEST_EXPRESSION:
        raise InvalidInputError(FIELD, f"An expression has at most {LONGEST_EXPRESSION} characters.")
    _check_bounds(expression)
    try:
        return _extension().compile(expression)
    except ValueError as error:
        raise InvalidInputError(FIELD, str(error)) from error


def _check_bounds(expression: str) -> None:
    """Refuse brackets in too many brackets, many comprehensions, and in one what costs much."""
    enclosing: list[str] = []
    comprehensions = 0
    word = ""
    for kind, text in _tokens(expression):
        if kind == "opening":
            enclosing.append(word if text == "(" else "")
        elif kind == "closing" and enclosing:
            enclosing.pop()
        word = text if kind == "word" else ""
        comprehensions += word in COMPREHENSIONS
        if len(enclosing) > DEEPEST:
            raise InvalidInputError(FIELD, f"Brackets can be at most {DEEPEST} deep.")
        if comprehensions > MOST_COMPREHENSIONS:
            raise InvalidInputError(FIELD, f"An expression can have at most {MOST_COMPREHENSIONS} comprehensions.")
        if (word in COMPREHENSIONS or word == "matches") and not COMPREHENSIONS.isdisjoint(enclosing):
            raise InvalidInputError(FIELD, f"A comprehension cannot contain {word}: it would take too long.")


def _tokens(expression: str) -> Iterator[tuple[str, str]]:
    """Yield kind and text of each token. Raises `InvalidInputError` for anything that is not read here."""
    place, before = 0, ""
    while place < len(expression):
        token = TOKEN.match(expression, place)
        kind = "" if token is None else str(token.lastgroup)
        if token is None or (kind == "string" and before in {"string", "word"}):
            message = f"An expression cannot have {expression[place]!r} at character {place + 1}."
            raise InvalidInputError(FIELD, message)
        if kind != "space":
            yield kind, token.group()
        place, before = token.end(), kind


def _extension() -> Any:  # noqa: ANN401 - a module
    """The library's extension module. The package itself is left out: it imports a command line, 0.4 s of it.

    Loading it a second time is fatal, so it goes where an ordinary import would find it.
    """
    with _loading:
        package = find_spec("cel")
        spec = PathFinder.find_spec("cel.cel", package.submodule_search_locations if package else None)
        if spec is None or spec.loader is None:
            message = "CEL expressions need the package common-expression-language"
            raise ModuleNotFoundError(message)
        if spec.name not in sys.modules:
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
            sys.modules[spec.name] = module
        return sys.modules[spec.name]
