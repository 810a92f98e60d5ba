"""Reads the named statements of `sql/<stem>.sql`: each begins with a line `-- name: <statement>`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import LiteralString, cast

SQL_FOLDER = Path(__file__).with_name("sql")
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def load(stem: str, folder: Path = SQL_FOLDER) -> dict[str, LiteralString]:
    """Return the statements of one file by name.

    The text comes from the project and holds bound parameters only, which is what LiteralString promises.
    """
    pieces = _NAME.split((folder / f"{stem}.sql").read_text(encoding="utf-8"))
    return {
        name: cast("LiteralString", text.strip().removesuffix(";"))
        for name, text in zip(pieces[1::2], pieces[2::2], strict=True)
    }
