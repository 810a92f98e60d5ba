"""What a Berth on one machine keeps, by default in `.local/`.

- `berth.json`, the marker: this directory is Berth's, in which format, for what purpose, and where its cluster is
- `secrets.json`: signing key and passwords, made at the first start (mode 0600)
- `lock`: held by the one process that uses the directory
- `postgres/`: the database cluster, unless the marker names another place; in it `replica/`, while there is one
- `gateway.json`: while a demo runs, where it answers
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, cast

from chalicelib.adapters.web_push import key_text, new_key
from local.errors import CommandError
from local.postgres.server import end_leftover
from local.postgres.service_user import lend, make_folder_for, service_user
from local.private_files import close_to_others, made_private

if TYPE_CHECKING:
    from collections.abc import Generator

FORMAT = 1
"""Raised when a new Berth cannot use the directory of an older one as it is."""

ELSEWHERE = Path("/var/lib/berth/clusters")
"""Where root keeps a cluster whose data directory is below a folder that the service user may not enter."""


class Purpose(StrEnum):
    """What a data directory is for. Only a simulated one has a clock that can be moved."""

    NORMAL = "normal"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made once per data directory; the demo password alone can be set from outside, by BERTH_DEMO_PASSWORD."""

    signing_key: str
    demo_password: str
    superuser_password: str
    app_password: str
    jobs_password: str
    readonly_password: str
    vapid_key: str
    """By which push services know who sends."""

    @property
    def passwords(self) -> dict[str, str]:
        """Password of each Postgres role that logs in."""
        return {
            "postgres": self.superuser_password,
            "berth_app": self.app_password,
            "berth_jobs": self.jobs_password,
            "berth_readonly": self.readonly_password,
        }

    @classmethod
    def generate(cls) -> Secrets:
        """Make new ones; the demo password is short enough to type."""
        long = (secrets.token_urlsafe(32) for _ in range(5))
        return cls(next(long), secrets.token_urlsafe(9), *long, vapid_key=key_text(new_key()))


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """An open data directory: ours alone until it is closed."""

    path: Path
    purpose: Purpose
    cluster_path: Path
    secrets: Secrets
    closed: int = 0
    """Files and folders that others of this machine could read until it was opened."""

    @property
    def replica_path(self) -> Path:
        """Where a replica of the cluster is kept."""
        return _replica_in(self.cluster_path)


@contextmanager
def open_data_directory(path: Path, *, purpose: Purpose, fresh: bool) -> Generator[DataDirectory]:
    """Open a data directory, making it when there is none, and hold it until the end of the block.

    `fresh` throws away what it holds first. Raises `CommandError` when it is in use, made for another purpose or by a
    newer Berth, or not made by Berth at all (such a directory is never written to).
    """
    path = path.resolve()
    if path.exists() and not _is_ours(path):
        message = (
            f"{path} exists and Berth did not make it. Choose another place with --data-dir, or remove it yourself."
        )
        raise CommandError(message)
    if not path.exists():
        make_folder_for(service_user(), path)
    with made_private(), _locked(path):
        if fresh:
            _empty(path)
        if not _marker(path).exists():
            _create(path, purpose)
        _complete(path)
        directory = _read(path)
        if directory.purpose is not purpose:
            message = f"{path} was made for {directory.purpose} use, not {purpose}. Name another place with --data-dir."
            raise CommandError(message)
        yield replace(directory, closed=_close(directory))


def read_data_directory(path: Path) -> DataDirectory:
    """Look at a data directory, whatever its purpose and whoever uses it. Raises `CommandError` when it is none."""
    path = path.resolve()
    if not _marker(path).is_file():
        message = f"There is no data in {path} yet. Start ./dev demo first, or name the place with --data-dir."
        raise CommandError(message)
    return _read(path)


def keep_passwords(directory: DataDirectory, *, app_password: str, jobs_password: str) -> None:
    """Keep the passwords of roles that somebody else has chosen, for the commands that look into the database."""
    kept = replace(directory.secrets, app_password=app_password, jobs_password=jobs_password)
    _write_json(directory.path / "secrets.json", asdict(kept))


@contextmanager
def announced(directory: DataDirectory, address: str) -> Generator[None]:
    """Say in the directory where its gateway answers, until the end of the block."""
    path = _announcement(directory)
    _write_json(path, {"address": address, "process": os.getpid()})
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def running_gateway(directory: DataDirectory) -> str | None:
    """Where the gateway of a data directory answers, None where none is running."""
    path = _announcement(directory)
    if not path.exists():
        return None
    found = _read_json(path)
    try:
        os.kill(int(str(found["process"])), 0)  # one that was killed has left its announcement behind
    except ProcessLookupError:
        return None
    except PermissionError:  # another user's process, but a process
        pass
    return str(found["address"])


def _close(directory: DataDirectory) -> int:
    """Close what others could read, as an older Berth left it. Raises `CommandError` for what belongs to others."""
    cluster = directory.cluster_path
    data = cluster / "data"
    user = service_user(data)
    owners = {os.geteuid()} if user.uid is None else {os.geteuid(), user.uid}
    closed = 0
    for folder, besides in (
        (directory.path, {cluster}),
        (cluster, {data, data.with_suffix(".new"), _replica_in(cluster)}),
    ):
        if folder.exists():
            lend(user, folder)
            closed += close_to_others(folder, besides=besides, owners=owners, folder_mode=user.folder_mode)
    return closed


def _replica_in(cluster: Path) -> Path:
    return cluster / "replica"


def _announcement(directory: DataDirectory) -> Path:
    return directory.path / "gateway.json"


def _marker(path: Path) -> Path:
    return path / "berth.json"


def _is_ours(path: Path) -> bool:
    """A directory with the marker; or with nothing but what is written before it, when its making was interrupted."""
    before = {"lock", "secrets.json", "secrets.new", "berth.new"}
    return path.is_dir() and (_marker(path).is_file() or {entry.name for entry in path.iterdir()} <= before)


@contextmanager
def _locked(path: Path) -> Generator[None]:
    with (path / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            message = (
                f"{path} is in use by another running Berth (process {lock.read() or 'unknown'}). "
                "Stop that one, or choose another place with --data-dir."
            )
            raise CommandError(message) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _empty(path: Path) -> None:
    """Remove everything but the lock, the marker last: interrupted, the directory is still recognizably Berth's."""
    with suppress(CommandError):  # no marker yet, or a damaged one that names no cluster
        cluster = _cluster_path(path, _read_json(_marker(path)))
        end_leftover(_replica_in(cluster))
        end_leftover(cluster)
        if cluster.parent == ELSEWHERE and cluster.exists():
            shutil.rmtree(cluster)
    entries = [entry for entry in path.iterdir() if entry.name not in {"lock", _marker(path).name}]
    for entry in [*entries, _marker(path)]:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)


def _create(path: Path, purpose: Purpose) -> None:
    reachable = service_user().can_enter(path)
    _write_json(path / "secrets.json", asdict(Secrets.generate()))
    _write_json(
        _marker(path),
        {
            "format": FORMAT,
            "purpose": purpose,
            "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "cluster": "postgres" if reachable else str(ELSEWHERE / secrets.token_hex(8)),
        },
    )


def _complete(path: Path) -> None:
    """Make the key that an older Berth had not."""
    stored = _read_json(path / "secrets.json")
    if "vapid_key" not in stored:
        _write_json(path / "secrets.json", {**stored, "vapid_key": key_text(new_key())})


def _read(path: Path) -> DataDirectory:
    marker = _read_json(_marker(path))
    if marker.get("format") != FORMAT:
        message = (
            f"{path} was made by another Berth (format {marker.get('format')}; this one knows {FORMAT}). Use the Berth "
            "that made it, choose another place with --data-dir, or throw its data away with --fresh."
        )
        raise CommandError(message)
    stored = {name: str(value) for name, value in _read_json(path / "secrets.json").items()}
    stored.setdefault("vapid_key", "")  # of an older Berth, until it is opened
    if os.environ.get("BERTH_DEMO_PASSWORD"):
        stored["demo_password"] = os.environ["BERTH_DEMO_PASSWORD"]
    return DataDirectory(path, Purpose(str(marker.get("purpose"))), _cluster_path(path, marker), Secrets(**stored))


def _cluster_path(path: Path, marker: dict[str, object]) -> Path:
    return path / str(marker.get("cluster", "postgres"))


def _write_json(path: Path, values: dict[str, object]) -> None:
    """Write all or nothing, readable by its owner alone."""
    unfinished = path.with_suffix(".new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(values, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _read_json(path: Path) -> dict[str, object]:
    try:
        values: object = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        values = None
    if not isinstance(values, dict):
        message = f"{path} is missing or damaged. Restore it from a backup, or throw the data away with --fresh."
        raise CommandError(message)
    return cast("dict[str, object]", values)
