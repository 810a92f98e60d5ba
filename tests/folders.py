"""Folders for the files of databases: Postgres' user gets into them, unlike `tmp_path`."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tools.memory import MEMORY, has_room

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def folder_for_clusters() -> Generator[Path]:
    """A folder that other users may enter, in memory where there is room; it is gone when the block ends."""
    with TemporaryDirectory(prefix="berth-", dir=MEMORY if has_room() else None) as name:
        path = Path(name)
        path.chmod(0o755)
        yield path
