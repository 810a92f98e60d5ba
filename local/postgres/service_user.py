"""The operating system user that Postgres runs as: it refuses to run as root, so root lends it an unprivileged one."""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from local.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CANDIDATES = ("postgres", "nobody")
PR_SET_PDEATHSIG = 1  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class ServiceUser:
    """Who owns a cluster's files and runs its processes. `uid` and `gid` are None when that is who we are already."""

    name: str
    uid: int | None = None
    gid: int | None = None

    @property
    def folder_mode(self) -> int:
        """The mode of a folder of ours that this user has to get through."""
        return 0o700 if self.uid is None else 0o710

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a command to its end and return its output and exit code (no exception for a failure).

        Interrupted, it is told to stop and waited for: killed at once, as `subprocess.run` would do, initdb would leave
        the server that it runs behind.
        """
        with subprocess.Popen(
            command,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
            cwd="/",
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                output, errors = process.communicate()
            except BaseException:
                process.terminate()
                process.communicate()
                raise
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def start(self, command: Sequence[str | Path], log: BinaryIO) -> subprocess.Popen[bytes]:
        """Start a server whose output goes to `log`; Ctrl-C does not reach it, our own end does (also by kill -9)."""
        return subprocess.Popen(
            command,
            user=self.uid,
            group=self.gid,
            extra_groups=None if self.uid is None else [],
            cwd="/",
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )

    def can_enter(self, path: Path) -> bool:
        """Say whether this user gets to what is in an existing folder, whose names they need not be able to list."""
        return self.run(["test", "-x", str(path)]).returncode == 0

    def can_read(self, path: Path) -> bool:
        """Say whether this user gets through every parent of an existing path and may read it (and enter a folder)."""
        enter = ["-a", "-x", str(path)] if path.is_dir() else []
        return self.run(["test", "-r", str(path), *enter]).returncode == 0

    def own(self, path: Path) -> None:
        """Make this user the owner of a file or folder of ours."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)


def service_user(existing: Path | None = None) -> ServiceUser:
    """Choose the user: ourselves, or for root the owner of an existing cluster, or an unprivileged user of the system.

    Raises `CommandError` when the existing cluster belongs to another user, or root finds nobody to run Postgres as.
    """
    owner = existing.stat() if existing is not None and existing.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner.st_uid != os.geteuid():
            message = (
                f"The database in {existing} belongs to user {_name(owner.st_uid)}. Start as root or as that user, "
                "or choose another place with --data-dir."
            )
            raise CommandError(message)
        return ServiceUser(_name(os.geteuid()))
    if owner is not None and owner.st_uid != 0:
        return ServiceUser(_name(owner.st_uid), owner.st_uid, owner.st_gid)
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServiceUser(entry.pw_name, entry.pw_uid, entry.pw_gid)
    message = f"Postgres refuses to run as root, and no user {' or '.join(CANDIDATES)} exists: start as a normal user."
    raise CommandError(message)


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _environment() -> dict[str, str]:
    """Nothing of ours: PG* variables would reconfigure the server, and its messages are read in English."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _end_with_parent() -> None:
    """Ask Linux to interrupt this new process when the thread that made it ends, however it ends.

    To Postgres an interrupt means a fast, clean shutdown. Elsewhere the next start on the same data ends what was left.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def make_folder_for(user: ServiceUser, path: Path) -> None:
    """Make a folder, and whatever parents are missing, that this user gets through and others do not.

    Of a user that root lends, the group may enter, and what is in it is not listed.
    """
    for folder in [*reversed(path.parents), path]:
        if not folder.exists():
            folder.mkdir(mode=0o700)
            lend(user, folder)
            folder.chmod(user.folder_mode)


def lend(user: ServiceUser, folder: Path) -> None:
    """Give a folder of ours to this user's group, if that is another one."""
    if user.gid is not None and folder.stat().st_gid != user.gid:
        os.chown(folder, -1, user.gid)
