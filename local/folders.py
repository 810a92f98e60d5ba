"""Folders that are there as a whole or not at all, whatever happens while they are filled.

The standard library alone: LocalStack's process and the containers use it, too.
"""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp
from typing import IO, TYPE_CHECKING
from zipfile import ZipFile

if TYPE_CHECKING:
    from collections.abc import Generator

UNFINISHED = "unfinished-"


@contextmanager
def whole_folder(folder: Path, *, replaces: str = "") -> Generator[Path]:
    """Give a new folder to fill, which gets the name of `folder` at the end of the block.

    A block that fails leaves nothing. `replaces` is a pattern of names beside it that are removed as soon as the new
    one is complete, such as what was made for an earlier version.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(mkdtemp(prefix=UNFINISHED, dir=folder.parent))
    try:
        yield unfinished
        for old in folder.parent.glob(replaces) if replaces else ():
            shutil.rmtree(old)
        unfinished.rename(folder)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def unpack(archive: IO[bytes], folder: Path) -> None:
    """Unpack a zip that is read from its beginning to its end, such as an answer of a server, into a folder."""
    with TemporaryFile() as whole:
        shutil.copyfileobj(archive, whole)
        with ZipFile(whole) as packed:
            packed.extractall(folder)
