"""Nobody else on the machine reads what a data directory holds, or what its processes were told."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chalicelib.adapters.mail import Email, Mailer
from local.aws.objects import Objects
from local.aws.serve import BUCKET, serve_aws
from local.data_directory import Purpose, open_data_directory
from local.errors import CommandError
from local.gateway.access_log import AccessLog
from local.gateway.serve import serve
from local.gateway.settings import SocketSettings
from local.postgres.service_user import service_user
from tests.folders import folder_for_clusters

if TYPE_CHECKING:
    from collections.abc import Generator

SAMPLE = Path(__file__).parents[1] / "gateway" / "sample_app"


@pytest.fixture
def folder() -> Generator[Path]:
    before = os.umask(0o022)
    with folder_for_clusters() as path:
        yield path / "data"
    os.umask(before)


@contextmanager
def opened(folder: Path) -> Generator[int]:
    with open_data_directory(folder, purpose=Purpose.NORMAL, fresh=False) as directory:
        yield directory.closed


def readable_by_others(folder: Path) -> set[str]:
    """Below a folder and itself; the group of the service user that root lends may enter, and read nothing."""
    allowed = 0 if service_user().uid is None else stat.S_IXGRP
    found: set[str] = set()
    for path in [folder, *folder.rglob("*")]:
        extra = path.stat().st_mode & 0o077
        if extra & ~(allowed if path == folder else 0):
            found.add(str(path.relative_to(folder)))
    return found


def fill(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything be written that a demo writes."""
    with serve_aws(folder) as variables:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        Mailer("berth@example.org").send(Email("ada@example.org", "Reset", "token"))
    Objects(folder / "objects").put(BUCKET, "incoming/a/b", b"image", {})
    AccessLog(folder / "access.log")


def test_what_a_demo_writes_is_for_its_user_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(folder) as closed:
        fill(folder, monkeypatch)
        assert readable_by_others(folder) == set()
    assert closed == 0
    assert list(folder.glob("emails/*.eml"))


def test_emails_and_uploads_are_private_wherever_they_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(mode=0o700)
    fill(folder, monkeypatch)
    assert readable_by_others(folder) == set()


def test_what_an_older_berth_left_open_is_closed_at_the_next_start(folder: Path) -> None:
    with opened(folder):
        pass
    for name in ("emails", "objects/berth-images/incoming"):
        (folder / name).mkdir(parents=True)
        (folder / name / "a").write_bytes(b"secret")
    folder.chmod(0o755)
    assert len(readable_by_others(folder)) == 7
    with opened(folder) as closed:
        assert closed == 7
        assert readable_by_others(folder) == set()
    with opened(folder) as closed:
        assert closed == 0


def test_a_data_directory_with_files_of_somebody_else_is_refused(folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("Only root can give files away.")
    with opened(folder):
        (folder / "emails").mkdir()
    os.chown(folder / "emails", 12345, -1)
    with pytest.raises(CommandError, match="emails belongs to another user"), opened(folder):
        pass


def test_no_secret_stands_in_the_command_line_of_a_worker(tmp_path: Path) -> None:
    secret = "not-for-everybody"
    with serve(
        "127.0.0.1",
        0,
        1,
        {"SECRET_OF_FUNCTIONS": secret},
        access_log=tmp_path / "access.log",
        project=SAMPLE,
        sockets=SocketSettings("key", secret),
    ) as gateway:
        gateway.wait_until_ready()
        (pid,) = gateway.process_ids
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
    assert b"local.gateway.worker" in line
    assert secret.encode() not in line
