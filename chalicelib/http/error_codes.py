"""The table of error codes, made from the classes of refusals, which alone say when each comes and what to do then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.core.errors import BerthError
from chalicelib.http.problems import status_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, order=True)
class ErrorCode:
    """A row of the table. `when`: the situation; `advice`: what a caller does then. Both are Markdown."""

    status: int
    code: str
    when: str
    advice: str


def error_codes() -> list[ErrorCode]:
    """Return the codes by status: those of all refusals that are imported, so ask once the application is."""
    return sorted(
        ErrorCode(status_of(kind), kind.code, (kind.__doc__ or "").partition("\n")[0], kind.advice)
        for kind in _kinds(BerthError)
        if "code" in vars(kind)
    )


def error_table() -> str:
    """Return the table as Markdown."""
    rows = (f"| `{one.code}` | {one.status} | {one.when} | {one.advice} |" for one in error_codes())
    return "\n".join(("| code | status | when it comes | what to do |", "|---|---|---|---|", *rows))


def _kinds(base: type[BerthError]) -> Iterator[type[BerthError]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)
