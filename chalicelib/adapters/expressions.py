"""Conditions in CEL (Common Expression Language, https://cel.dev), evaluated by the Rust implementation in `cel`.

Tenants write expressions, so they are bounded before the library sees them: in length, in the depth of their brackets,
and to one comprehension (`all`, `exists`, `filter`, `map` …), in which nothing is joined. Two multiply, nested or one
after the other, and `+` in one copies what grows. Regular expressions are left out: the library compiles them at each
evaluation, which can take 58 ms. So the work of what is left is known before it is done: `steps` bounds it, and a
`Meter` stops who asks for too many of them. See docs/adr/0019-what-expressions-may-cost.md.
"""

from __future__ import annotations

import logging
import re
import sys
from contextlib import suppress
from functools import lru_cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from chalicelib.core.errors import InvalidInputError, InvalidRangeError
from chalicelib.core.parameters import LONGEST_EXPRESSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cel import Program

log = logging.getLogger("berth")

FIELD: Final = "expression"
DEEPEST = 20
MOST_COMPREHENSIONS = 1
STEPS_OF_ANY = 2000
"""What an evaluation costs whatever it says: making the variables, and calling the library."""
MOST_STEPS = 500_000_000
"""Of all evaluations for one listing: about 5 s of a processor, half of what a request has."""
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


class Meter:
    """Evaluates expressions for one answer, and counts what that takes.

    The work is bounded from outside of the library: it is looked at before each evaluation, and none takes more than
    `steps` says. Raises `InvalidRangeError` before the one that would be too much.
    """

    def __init__(self) -> None:
        self._steps = 0

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> bool | None:
        """As the function of that name."""
        self._steps += steps(expression)
        if self._steps > MOST_STEPS:
            message = "The conditions of this policy take too long to look at so many times. Ask for fewer days."
            raise InvalidRangeError("to", message)
        return evaluate(expression, variables)


@lru_cache(maxsize=1000)
def steps(expression: str) -> int:
    """Return an upper bound of what an evaluation does: a step takes some 10 ns.

    Everything outside of a comprehension happens once; what it goes over has at most as many elements as there are
    tokens outside, and what is in it happens for each. No text that is longer than permitted is looked at.
    """
    inside = outside = 0
    opened: list[bool] = []
    word = ""
    for kind, text in _readable(expression[:LONGEST_EXPRESSION]):
        if kind == "opening":
            opened.append(word in COMPREHENSIONS or (bool(opened) and opened[-1]))
        elif kind == "closing" and opened:
            opened.pop()
        word = text if kind == "word" else ""
        if opened and opened[-1]:
            inside += 1
        else:
            outside += 1
    return STEPS_OF_ANY + outside + outside * inside


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


def compiled(expression: str) -> Program:
    """Return the program of an expression. Raises `InvalidInputError` for one that is too much, or not CEL."""
    program = _read(expression)
    if isinstance(program, InvalidInputError):
        raise program
    return program


@lru_cache(maxsize=1000)
def _read(expression: str) -> Program | InvalidInputError:
    """What is refused is remembered as well: a policy of former days may ask for it thousands of times."""
    try:
        return _compiled(expression)
    except InvalidInputError as error:
        return error


def _compiled(expression: str) -> Program:
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
            raise InvalidInputError(FIELD, "An expression can have one comprehension at most.")
        if word == "matches":
            raise InvalidInputError(FIELD, "Instead of matches, use startsWith, endsWith, contains or ==.")
        if text == "+" and not COMPREHENSIONS.isdisjoint(enclosing):
            raise InvalidInputError(FIELD, "A comprehension cannot contain +: what it joins could grow without end.")


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


def _readable(expression: str) -> Iterator[tuple[str, str]]:
    """Yield tokens until the first that is not read here."""
    with suppress(InvalidInputError):
        yield from _tokens(expression)


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
