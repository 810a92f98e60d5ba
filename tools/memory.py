"""Files of tests in memory: on some disks making one takes the processor almost a millisecond, there next to nothing.

A database is five hundred files and the package of the functions some thousands; the tests make hundreds of the one and
three of the other.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it has a name that nobody can guess
"""Where Linux keeps files in memory; in a container it is often too small."""
ROOM = 6 * 2**30
"""Bytes that have to be free there: more than a run of all tests has there at once."""


def has_room(memory: Path = MEMORY) -> bool:
    """Whether files may be made there, and many."""
    if not os.access(memory, os.W_OK):
        return False
    found = os.statvfs(memory)
    return found.f_bavail * found.f_frsize >= ROOM


@contextmanager
def temporary_files_in_memory(memory: Path = MEMORY) -> Generator[Mapping[str, str]]:
    """The variable with which a process makes its temporary files in memory; they are gone when the block ends.

    None where there is no room, or where nothing that lies there may be executed: tests run what they have made.
    """
    if not has_room(memory) or os.statvfs(memory).f_flag & os.ST_NOEXEC:
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="berth-tests-", dir=memory) as folder:
        # ast-grep-ignore: open-to-others - Postgres' user has to get in; what is in it is for tests alone
        Path(folder).chmod(0o755)
        yield {"TMPDIR": folder}
