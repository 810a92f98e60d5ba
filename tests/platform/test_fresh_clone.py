"""The first minutes of a newcomer: a clone, nothing but Python, `./dev demo`; as root and as a normal user."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import httpx
import pytest

from local.postgres.server import free_port
from tests.platform.running import ROOT, processes_with, running
from tests.platform.test_house_rules import project_files

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(shutil.which("git") is None, reason="asks git for the project's files"),
]
OLD_NAMES = {"python3.6", "python3.7", "python3.8", "python3.9", "python3.10"}
PASSED_ON = ("PIP_", "UV_INDEX", "UV_DEFAULT_INDEX", "UV_FIND_LINKS", "SSL_", "HTTP_", "HTTPS_", "http_", "https_")
"""Variables by which this machine reaches its package index; everything else of our environment stays here."""


@pytest.fixture(params=["root", "normal user"])
def user(request: pytest.FixtureRequest) -> pwd.struct_passwd:
    """Who starts; somebody who is neither us nor to be become by us is skipped."""
    if request.param == "root":
        if os.geteuid() != 0:
            pytest.skip("Only root can start as root.")
        return pwd.getpwuid(0)
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


@pytest.fixture
def clone(user: pwd.struct_passwd) -> Generator[Path]:
    """What a clone of the working tree would hold, owned by the user, with a home folder beside it."""
    with TemporaryDirectory(prefix="berth-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for path in project_files():
            copy = folder / "berth" / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)
        (folder / "home").mkdir()
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, user.pw_uid, user.pw_gid)
        yield folder / "berth"
        assert processes_with(name) == []


@pytest.fixture
def python(user: pwd.struct_passwd, tmp_path: Path) -> str:
    """A Python that is new enough and that this user may run."""
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    for candidate in (str(Path(sys.executable).resolve()), "/usr/bin/python3"):
        try:
            with running([candidate, "-c", check], tmp_path / "output", cwd=Path("/"), user=user) as started:
                if started.process.wait() == 0:
                    return candidate
        except PermissionError:
            continue
    pytest.skip(f"There is no Python 3.11 or newer that {user.pw_name} may run.")


@pytest.mark.slow
def test_the_demo_runs_in_a_fresh_clone_and_again(clone: Path, python: str, user: pwd.struct_passwd) -> None:
    home = clone.with_name("home")
    environment = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
    environment |= {"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    for start in ("first", "second"):
        port = free_port()
        command = [python, clone / "dev", "demo", f"--port={port}", "--workers=1"]
        with running(command, home / start, cwd=clone, environment=environment, user=user) as started:
            try:
                started.wait_for("^Berth is ready at ")
            except pytest.fail.Exception:
                if "dns error" in started.said() or "Could not find a version" in started.said():
                    pytest.skip("No package index can be reached.")
                raise
            assert httpx.get(f"http://127.0.0.1:{port}/api/v1/health").status_code == 200
            assert started.stop(signal.SIGINT) == 0
        assert ("Preparing the environment" in started.said()) == (start == "first")
    assert (clone / ".local" / "berth.json").stat().st_uid == user.pw_uid


def test_an_old_python_is_told_what_is_needed() -> None:
    homes = [Path.home() / ".pyenv" / "versions", Path("/")]
    found = [path for home in homes for path in home.glob("*/bin/python3.*") if path.name in OLD_NAMES]
    if not found:
        pytest.skip("There is no old Python here.")
    for python in found:
        done = subprocess.run([python, ROOT / "dev", "demo"], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert done.stderr.startswith("Berth needs Python 3.11 or newer, this is 3.")
        assert len(done.stderr.splitlines()) == 1


def test_help_lists_the_commands_without_an_environment(tmp_path: Path) -> None:
    for name in ("dev", "tools/__init__.py", "tools/__main__.py", "local/__init__.py", "local/errors.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    done = subprocess.run(
        [sys.executable, tmp_path / "dev", "help"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "./dev demo" in done.stdout
    assert "./dev test" in done.stdout
    assert not (tmp_path / ".venv").exists()


def test_folders_with_the_names_of_ours_where_somebody_stands_do_not_get_in_the_way(tmp_path: Path) -> None:
    for name in ("local", "tools"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    done = subprocess.run([ROOT / "dev", "help"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "./dev demo" in done.stdout


def test_an_unknown_command_is_refused_with_the_list() -> None:
    done = subprocess.run([sys.executable, "-m", "tools", "launch"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no command 'launch'" in done.stderr
    assert "./dev demo" in done.stderr
