"""Folders for the files of databases: Postgres' user gets into them, and they are in memory where there is room.

A database is five hundred files. On some disks making one takes the processor almost a millisecond, in memory next to
nothing, and the tests make some 300 databases and 60 clusters.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it has a name that nobody can guess
"""Where Linux keeps files in memory; in a container it is often too small."""
ROOM = 4 * 2**30
"""Bytes that have to be free there: several times what all clusters of a run hold at once."""


@contextmanager
def folder_for_clusters(memory: Path = MEMORY) -> Generator[Path]:
    """A folder that other users may enter; it is gone when the block ends."""
    with TemporaryDirectory(prefix="berth-", dir=memory if has_room(memory) else None) as name:
        path = Path(name)
        path.chmod(0o755)
        yield path


def has_room(memory: Path) -> bool:
    """Whether files may be made there, and many."""
    if not os.access(memory, os.W_OK):
        return False
    found = os.statvfs(memory)
    return found.f_bavail * found.f_frsize >= ROOM
