"""Files and folders that nobody else on this machine reads, whatever the umask says; and those that somebody could."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from local.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterator
    from pathlib import Path

FOLDER, FILE = 0o700, 0o600
OTHERS = 0o077


def make_folder(path: Path) -> None:
    """Make a folder, and whatever parents are missing, for ourselves alone."""
    for folder in [*reversed(path.parents), path]:
        if not folder.exists():
            folder.mkdir(mode=FOLDER, exist_ok=True)


def write_file(path: Path, data: bytes) -> None:
    """Write a file in a folder of ours, all or nothing: readers see whole files only."""
    make_folder(path.parent)
    unfinished = path.with_name(f".{uuid4().hex}.partial")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    unfinished.replace(path)


@contextmanager
def made_private() -> Generator[None]:
    """Let what is made within the block, by this process and those that it starts, be for ourselves alone."""
    before = os.umask(OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def close_to_others(path: Path, *, besides: Collection[Path], owners: Collection[int], folder_mode: int) -> int:
    """Take from everybody else what they may do with `path` and all below it; return with how many they could.

    `folder_mode` is for `path` itself; what is `besides` is left alone. Raises `CommandError` for what belongs to
    none of `owners`, who could open it again.
    """
    mended = 0
    for entry, status in _entries(path, besides):
        if status.st_uid not in owners:
            message = (
                f"{entry} belongs to another user (uid {status.st_uid}), who can read and change it. "
                "Give it to yourself with chown, remove it, or choose another place with --data-dir."
            )
            raise CommandError(message)
        present = stat.S_IMODE(status.st_mode)
        wanted = folder_mode if entry == path else FOLDER if stat.S_ISDIR(status.st_mode) else present & ~OTHERS
        if present != wanted:
            mended += bool(present & OTHERS & ~wanted)
            entry.chmod(wanted)
    return mended


def _entries(path: Path, besides: Collection[Path]) -> Iterator[tuple[Path, os.stat_result]]:
    """The folder and what is below it, without what symbolic links lead to."""
    yield path, path.stat()
    for entry in path.iterdir():
        if entry in besides or entry.is_symlink():
            continue
        if entry.is_dir():
            yield from _entries(entry, besides)
        else:
            yield entry, entry.stat()
