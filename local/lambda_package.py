"""Builds what Lambda gets: `chalice package`, offline, from wheels that were fetched once.

    wheels = wheelhouse()                     # asks the package index only when requirements.txt has changed
    package = build_package(Path("dist"))     # dist/deployment.zip and dist/sam.json

The zip holds app.py, chalicelib/, Chalice's runtime module and requirements.txt installed for Lambda's platform. The
runtime is the Python that packages, since the wheels' binary interface has to match it. Bytecode is added, for Lambda's
code directory is read-only: without it every cold start compiles anew (0.44 s of CPU for the import instead of 0.22 s).
The same input gives the same bytes, so deploying an unchanged package changes nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from local.errors import CommandError

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements.txt"
WHEELHOUSES = ROOT / ".tools" / "wheelhouse"

STAGE = "production"
"""The stage of .chalice/config.json."""

ARCHIVE = "deployment.zip"
TEMPLATE = "sam.json"
TASK_ROOT = "/var/task"

ZIPPED_LIMIT = 60 * 1024 * 1024
UNZIPPED_LIMIT = 250 * 1024 * 1024
"""Bytes. The first is our own limit, for cold starts; the second is Lambda's."""

_ABI = f"cp{sys.version_info.major}{sys.version_info.minor}"

# Lambda's operating system: Amazon Linux 2 up to Python 3.11, Amazon Linux 2023 from 3.12 on.
_NEWEST_GLIBC_MINOR = 26 if sys.version_info < (3, 12) else 34
_PLATFORMS = [f"manylinux_2_{minor}_x86_64" for minor in range(5, _NEWEST_GLIBC_MINOR + 1)] + ["manylinux2014_x86_64"]


class PackageError(CommandError):
    """The package cannot be built, or is not fit for Lambda."""


@dataclass(frozen=True, slots=True)
class PackageInfo:
    """A built package; sizes in bytes."""

    path: Path
    template: Path
    size: int
    unzipped_size: int

    def __str__(self) -> str:
        zipped, unzipped = self.size / 2**20, self.unzipped_size / 2**20
        return f"{self.path}: {zipped:.1f} MiB zipped (at most {ZIPPED_LIMIT >> 20}), {unzipped:.0f} MiB unzipped"


def main(arguments: list[str]) -> int:
    """`./dev package`: build into a directory and say how large it is."""
    parser = argparse.ArgumentParser(prog="./dev package", description="Build the zip that Lambda gets.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where deployment.zip and sam.json go (dist)")
    print(build_package(parser.parse_args(arguments).out))
    return 0


def build_package(out: Path, *, project: Path = ROOT) -> PackageInfo:
    """Package the project's app.py and chalicelib with the requirements. Raises `PackageError`."""
    wheels = wheelhouse()
    out = out.resolve()
    with tempfile.TemporaryDirectory(prefix="berth-package-") as directory:
        staging = Path(directory) / "project"
        _stage(project, staging)
        _run_chalice(staging, out, wheels)
        _add_bytecode(out / ARCHIVE, Path(directory) / "unpacked")
    return measure(out)


def wheelhouse() -> Path:
    """Directory of the wheels that requirements.txt names, for Lambda's platform; fetched if it is not there yet.

    Keyed by the lock file, so that a changed lock never finds old wheels. pip checks every hash. Raises `PackageError`.
    """
    key = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]
    directory = WHEELHOUSES / f"{key}-{_ABI}"
    if directory.is_dir():
        return directory
    WHEELHOUSES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WHEELHOUSES, prefix="fetching-") as partial:
        fetched = Path(partial) / "wheels"
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--require-hashes", "--quiet"]
        _run([*command, "--requirement", str(REQUIREMENTS), "--dest", str(fetched)], {**os.environ, **_target()})
        try:
            fetched.rename(directory)
        except OSError:  # somebody else was faster
            if not directory.is_dir():
                raise
    return directory


def _target() -> dict[str, str]:
    """Options of pip for Lambda instead of this machine; as variables they reach the pip that Chalice runs, too."""
    return {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ONLY_BINARY": ":all:",
        "PIP_IMPLEMENTATION": "cp",
        "PIP_PYTHON_VERSION": f"{sys.version_info.major}.{sys.version_info.minor}",
        "PIP_ABI": f"{_ABI} abi3 none",
        "PIP_PLATFORM": " ".join(_PLATFORMS),
    }


def _stage(project: Path, staging: Path) -> None:
    """Copy what belongs into the package, without bytecode of this machine and leftovers of earlier packages."""
    clean = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(project / "chalicelib", staging / "chalicelib", ignore=clean)
    shutil.copytree(ROOT / ".chalice", staging / ".chalice", ignore=shutil.ignore_patterns("deployments", "deployed"))
    shutil.copy2(project / "app.py", staging / "app.py")
    shutil.copy2(REQUIREMENTS, staging / "requirements.txt")


def _run_chalice(staging: Path, out: Path, wheels: Path) -> None:
    chalice = Path(sysconfig.get_path("scripts")) / "chalice"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(staging),
        "AWS_DEFAULT_REGION": "us-east-1",  # asked for, never called
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONDONTWRITEBYTECODE": "1",  # Chalice imports the staged app, whose bytecode would be packed
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": wheels.as_uri(),
        **_target(),
    }
    out.mkdir(parents=True, exist_ok=True)
    output = _run([str(chalice), "--project-dir", str(staging), "package", "--stage", STAGE, str(out)], environment)
    if "Could not install dependencies" in output:
        message = f"Not every requirement has a wheel for Lambda:\n{output}"
        raise PackageError(message)


def _add_bytecode(archive: Path, unpacked: Path) -> None:
    """Write the archive anew with compiled modules, in a fixed order and without times."""
    with ZipFile(archive) as packed:
        packed.extractall(unpacked)
    # In a process of its own: bytecode shows what a long-lived one has in memory, and one with threads must not fork.
    compiling = [sys.executable, "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    # Tracebacks name the files as they are on Lambda.
    _run([*compiling, "-s", str(unpacked), "-p", TASK_ROOT, str(unpacked)], {})
    with ZipFile(archive, "w", ZIP_DEFLATED) as packed:
        for path in sorted(path for path in unpacked.rglob("*") if path.is_file()):
            entry = ZipInfo(str(path.relative_to(unpacked)))
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, path.read_bytes())


def _run(command: list[str], environment: dict[str, str]) -> str:
    finished = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if finished.returncode != 0:
        message = f"`{' '.join(command)}` failed:\n{finished.stdout}{finished.stderr}".rstrip()
        raise PackageError(message)
    return finished.stdout


def measure(out: Path) -> PackageInfo:
    """Measure the package in a directory. Raises `PackageError` if Lambda, or its cold starts, would not bear it."""
    with ZipFile(out / ARCHIVE) as archive:
        unzipped = sum(entry.file_size for entry in archive.infolist())
    package = PackageInfo(out / ARCHIVE, out / TEMPLATE, (out / ARCHIVE).stat().st_size, unzipped)
    if package.size > ZIPPED_LIMIT or package.unzipped_size > UNZIPPED_LIMIT:
        message = f"The package is too large for Lambda. {package}. See what requirements.txt has gained."
        raise PackageError(message)
    return package
