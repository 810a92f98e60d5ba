"""What a command of ./dev says instead of a traceback."""

from __future__ import annotations

import errno


class CommandError(Exception):
    """Something that the person at the terminal can mend. The text says what happened and what to do next."""


DISK_FULL = "The disk is full. Free some space (a new data directory needs about 300 MB), then start again."


def says_full(said: str) -> bool:
    """Whether a program that failed says, in English, that it found no room on the disk."""
    return any(words in said for words in ("No space left on device", "Disk quota exceeded"))


def explained(error: OSError) -> CommandError | None:
    """Turn an operating system error that has a known remedy into a sentence; None for any other."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return CommandError(DISK_FULL)
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return CommandError(
                f"{error.filename} cannot be read or written by this user ({error.strerror}). "
                "Start as the user it belongs to, or choose another place with --data-dir."
            )
        case errno.ENOENT | errno.ENOTDIR | errno.EISDIR | errno.EEXIST | errno.ENAMETOOLONG if error.filename:
            return CommandError(f"{error.filename} cannot be used: {error.strerror}. Name another place.")
        case None if says_full(str(error)):  # of shutil, which copies on and lists in the end what went wrong
            return CommandError(DISK_FULL)
        case _:
            return None
