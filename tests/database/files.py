"""The files of named statements, by their stems, wherever their capability keeps them; two may share one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.database import statements
from tools.test_run import ROOT, STATEMENTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import LiteralString

FILES = [ROOT / file for file in STATEMENTS]


def statements_of(stem: str) -> Mapping[str, LiteralString]:
    """The statements of one file by name; two of a stem are told apart by their folders."""
    (file,) = (path for path in FILES if path.match(f"{stem}.sql"))
    return statements.beside(str(file))
