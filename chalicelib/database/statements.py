"""Reads the named statements of the `.sql` file beside a module: each begins with a line `-- name: <statement>`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import LiteralString, cast

_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


def beside(module: str, stem: str | None = None) -> dict[str, LiteralString]:
    """Return by name the statements of the file that is called as the module (its `__file__`), or as `stem` says.

    The text comes from the project and holds bound parameters only, which is what LiteralString promises.
    """
    file = Path(module).with_suffix(".sql")
    pieces = _NAME.split((file if stem is None else file.with_stem(stem)).read_text(encoding="utf-8"))
    return {
        name: cast("LiteralString", text.strip().removesuffix(";"))
        for name, text in zip(pieces[1::2], pieces[2::2], strict=True)
    }
