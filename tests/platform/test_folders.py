"""Folders that are made as a whole, and disks that are full while they are."""

from __future__ import annotations

import io
import os
import pwd
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from local.errors import DISK_FULL
from local.folders import unpack, whole_folder
from tests.platform.running import ROOT

if TYPE_CHECKING:
    from collections.abc import Generator

SMALL_DISK = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
"""What follows runs where this user may mount, as root may."""


def test_a_folder_is_there_when_it_is_complete_and_takes_the_place_of_older_ones(tmp_path: Path) -> None:
    (tmp_path / "part-1").mkdir()
    (tmp_path / "other-1").mkdir()
    with whole_folder(tmp_path / "part-2", replaces="part-*") as unfinished:
        (unfinished / "one").write_text("1")
        assert not (tmp_path / "part-2").exists()
        assert (tmp_path / "part-1").is_dir()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other-1", "part-2"]
    assert (tmp_path / "part-2" / "one").read_text() == "1"


def test_a_folder_that_cannot_be_filled_leaves_nothing_and_the_older_one(tmp_path: Path) -> None:
    (tmp_path / "part-1").mkdir()

    def interrupted() -> None:
        with whole_folder(tmp_path / "part-2", replaces="part-*") as unfinished:
            (unfinished / "one").write_text("1")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [path.name for path in tmp_path.iterdir()] == ["part-1"]


def zeros(size: int) -> io.BytesIO:
    archive = io.BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as packed:
        packed.writestr("deep/zeros", bytes(size))
    archive.seek(0)
    return archive


def test_an_archive_is_unpacked_from_a_stream(tmp_path: Path) -> None:
    unpack(zeros(1000), tmp_path)
    assert (tmp_path / "deep" / "zeros").stat().st_size == 1000


UNPACK = """
import sys
from pathlib import Path
from local.errors import explained
from local.folders import unpack, whole_folder
disk = Path(sys.argv[1])
try:
    with whole_folder(disk / "code") as unfinished, open(sys.argv[2], "rb") as archive:
        unpack(archive, unfinished)
except OSError as error:
    print(explained(error))
print(list(disk.iterdir()))
"""


@pytest.mark.parametrize("who", ["ourselves", "nobody"])
def test_a_disk_that_is_full_while_code_is_unpacked_is_said_and_nothing_is_left(who: str) -> None:
    if who == "nobody" and os.geteuid() != 0:
        pytest.skip("Only root can become another user.")
    if shutil.which(SMALL_DISK[0]) is None:
        pytest.skip("There is nothing here that makes a small disk.")
    user = pwd.getpwnam(who) if who == "nobody" else None
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "code.zip").write_bytes(zeros(8 << 20).getvalue())
        shutil.copytree(ROOT / "local", folder / "local", ignore=shutil.ignore_patterns("[!ef]*.py", "[a-z]*/"))
        (folder / "disk").mkdir()
        # The standard library alone, so that whoever it is may use the system's own interpreter.
        python = shutil.which("python3", path=os.defpath) or sys.executable
        script = f'mount -t tmpfs -o size=4m tmpfs disk && exec {python} -c "$1" disk code.zip'
        done = subprocess.run(
            [*SMALL_DISK, script, "sh", UNPACK],
            cwd=folder,
            env={"PYTHONPATH": str(folder), "PATH": os.defpath, "PYTHONDONTWRITEBYTECODE": "1"},
            user=user and user.pw_uid,
            group=user and user.pw_gid,
            extra_groups=[] if user else None,
            capture_output=True,
            text=True,
            check=False,
        )
        if "unshare" in done.stderr:
            pytest.skip("Users may not make a small disk here.")
    assert done.stderr == ""
    assert done.stdout.splitlines() == [DISK_FULL, "[]"]


@contextmanager
def small_disk(folder: Path, size: str) -> Generator[Path]:
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("Only root can make a small disk.")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.parametrize("size", ["600k", "20m"], ids=["for the code", "for what it requires"])
def test_a_disk_that_is_full_while_the_package_is_built_is_said_and_nothing_is_left(tmp_path: Path, size: str) -> None:
    with small_disk(tmp_path / "disk", size) as disk:
        done = subprocess.run(
            [ROOT / "dev", "package", "--out", tmp_path / "out"],
            env={**os.environ, "TMPDIR": str(disk)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{DISK_FULL}\n")
        assert list(disk.iterdir()) == []
