"""Builds what Lambda gets: `chalice package` for the code, uv for the requirements, a bill of materials beside them.

    package = build_package(Path("dist"))     # dist/deployment.zip, dist/sam.json and dist/sbom.json

What a stage needs besides the functions is put together of infra/ and merged into the template.

The zip holds app.py, chalicelib/, Chalice's runtime module and requirements.txt installed for Lambda's Python and
operating system, whatever this machine has: uv chooses wheels for a target without its interpreter. Where that
interpreter is found here, bytecode is added, for Lambda's code directory is read-only: without it every cold start
compiles again (0.44 s of CPU for the import instead of 0.22 s). The same input gives the same bytes, so deploying an
unchanged package changes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from local.errors import DISK_FULL, CommandError, says_full
from local.folders import unpack
from tools.bill_of_materials import bill_of_materials
from tools.infrastructure import compose, stages
from tools.web_build import build

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements.txt"

PAGE = Path("web", "dist", "public.html")
STAGE = "production"
"""Which of the stages of .chalice/config.json and infra/stages.yaml, unless another is asked for."""

ARCHIVE = "deployment.zip"
TEMPLATE = "sam.json"
BILL = "sbom.json"
TASK_ROOT = "/var/task"

ZIPPED_LIMIT = 60 * 1024 * 1024
UNZIPPED_LIMIT = 250 * 1024 * 1024
"""Bytes. The first is our own limit, for cold starts; the second is Lambda's."""

LAMBDA_PYTHON = "3.13"
"""The runtime of the functions. Amazon Linux 2023 runs it, with this glibc: https://docs.aws.amazon.com/linux/al2023/."""
_PLATFORM = "x86_64-manylinux_2_34"


class PackageError(CommandError):
    """The package cannot be built, or is not fit for Lambda."""


@dataclass(frozen=True, slots=True)
class PackageInfo:
    """A built package; sizes in bytes."""

    path: Path
    template: Path
    size: int
    unzipped_size: int
    has_bytecode: bool

    def __str__(self) -> str:
        zipped, unzipped = self.size / 2**20, self.unzipped_size / 2**20
        sizes = f"{zipped:.1f} MiB zipped (at most {ZIPPED_LIMIT >> 20}), {unzipped:.0f} MiB unzipped"
        bytecode = "" if self.has_bytecode else ", without bytecode: no interpreter for it was found here"
        return f"{self.path}: {sizes}{bytecode}"


def main(arguments: list[str]) -> int:
    """`./dev package`: build into a directory and say how large it is."""
    parser = argparse.ArgumentParser(prog="./dev package", description="Build the zip that Lambda gets.")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "dist", help=f"where {ARCHIVE}, {TEMPLATE} and {BILL} go (dist)"
    )
    parser.add_argument("--stage", choices=stages(), default=STAGE, help=f"what the template is for ({STAGE})")
    parser.add_argument("--python", default=LAMBDA_PYTHON, help=f"the Python of the functions ({LAMBDA_PYTHON})")
    options = parser.parse_args(arguments)
    build(print)
    print(build_package(options.out, stage=options.stage, python=options.python))
    return 0


def build_template(out: Path, stage: str = STAGE, *, project: Path = ROOT, python: str = LAMBDA_PYTHON) -> Path:
    """Write the CloudFormation of a stage into a folder, and the code alone into an archive beside it.

    Raises `PackageError`.
    """
    with tempfile.TemporaryDirectory(prefix="berth-template-") as directory:
        staging, merged = Path(directory) / "project", Path(directory) / "infra.json"
        _stage(project, staging)
        merged.write_text(json.dumps(compose(stage)), encoding="utf-8")
        _run_chalice(staging, out, "--stage", stage, "--merge-template", str(merged))
    _name_runtime(out / TEMPLATE, python)
    return out / TEMPLATE


def build_package(out: Path, *, stage: str = STAGE, project: Path = ROOT, python: str = LAMBDA_PYTHON) -> PackageInfo:
    """Package the project's app.py and chalicelib with the requirements, for a Python like "3.13".

    Raises `PackageError`.
    """
    out = out.resolve()
    with tempfile.TemporaryDirectory(prefix="berth-package-") as directory:
        unpacked = Path(directory) / "unpacked"
        build_template(out, stage, project=project, python=python)
        with (out / ARCHIVE).open("rb") as packed:
            unpack(packed, unpacked)
        _add_page(project, unpacked)
        _install_requirements(unpacked, python)
        _compile(unpacked, python)
        _pack(unpacked, out / ARCHIVE)
        (out / BILL).write_text(bill_of_materials(unpacked), encoding="utf-8")
    return measure(out)


def _add_page(project: Path, unpacked: Path) -> None:
    """Add the built page of the public sites, which the functions fill, where it is in the project, too."""
    page = project / PAGE
    if page.is_file():
        (unpacked / PAGE).parent.mkdir(parents=True)
        shutil.copy2(page, unpacked / PAGE)


def _install_requirements(target: Path, python: str) -> None:
    """Install the wheels that requirements.txt names, from uv's cache where they are; uv checks every hash."""
    command = ["uv", "pip", "install", "--quiet", f"--target={target}", f"--python-version={python}"]
    command += [f"--python-platform={_PLATFORM}", "--only-binary=:all:", "--no-deps", "--require-hashes"]
    _run([*command, "--link-mode=copy", f"--requirement={REQUIREMENTS}"], dict(os.environ))
    # Commands for a terminal, which name an interpreter of this machine, and the lists of files that name them.
    shutil.rmtree(target / "bin", ignore_errors=True)
    for listed in target.glob("*.dist-info/RECORD"):
        listed.unlink()


def _stage(project: Path, staging: Path) -> None:
    """Copy what belongs into the package, without bytecode of this machine and leftovers of earlier packages."""
    clean = shutil.ignore_patterns("__pycache__", "*.pyc")
    shutil.copytree(project / "chalicelib", staging / "chalicelib", ignore=clean)
    shutil.copytree(ROOT / ".chalice", staging / ".chalice", ignore=shutil.ignore_patterns("deployments", "deployed"))
    shutil.copy2(project / "app.py", staging / "app.py")


def _run_chalice(staging: Path, out: Path, *options: str) -> None:
    chalice = Path(sysconfig.get_path("scripts")) / "chalice"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(staging),
        "AWS_DEFAULT_REGION": "us-east-1",  # asked for, never called
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONDONTWRITEBYTECODE": "1",  # Chalice imports the staged app, whose bytecode would be packed
    }
    out.mkdir(parents=True, exist_ok=True)
    _run([str(chalice), "--project-dir", str(staging), "package", *options, str(out)], environment)


def _name_runtime(template: Path, python: str) -> None:
    """Name the functions' Python: Chalice takes for granted that it is the one that packages."""
    resources = json.loads(template.read_text(encoding="utf-8"))
    for resource in resources["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["Runtime"] = f"python{python}"
    template.write_text(json.dumps(resources, indent=2), encoding="utf-8")


def _compile(unpacked: Path, python: str) -> None:
    """Add bytecode, if the interpreter whose it is can be found."""
    interpreter = find_interpreter(python)
    if interpreter is None:
        return
    # In a process of its own: bytecode shows what a long-lived one has in memory, and one with threads must not fork.
    compiling = [interpreter, "-I", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    # Tracebacks name the files as they are on Lambda.
    _run([*compiling, "-s", str(unpacked), "-p", TASK_ROOT, str(unpacked)], {})


def find_interpreter(python: str) -> str | None:
    """Find an interpreter of this version that starts.

    Version managers leave commands that do not, and some that depend on variables: so what it calls itself counts.
    """
    ask = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable, end='')"
    for command in filter(None, [sys.executable, shutil.which(f"python{python}")]):
        told = subprocess.run([command, "-c", ask], capture_output=True, text=True, check=False).stdout
        version, _, executable = told.partition(" ")
        if version == python:
            return executable
    return None


def _pack(unpacked: Path, archive: Path) -> None:
    """Write the archive in a fixed order and without times."""
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
        if says_full(finished.stdout + finished.stderr):
            raise PackageError(DISK_FULL)
        message = f"`{' '.join(command)}` failed:\n{finished.stdout}{finished.stderr}".rstrip()
        raise PackageError(message)
    return finished.stdout


def measure(out: Path) -> PackageInfo:
    """Measure the package in a directory. Raises `PackageError` if Lambda, or its cold starts, would not bear it."""
    with ZipFile(out / ARCHIVE) as archive:
        unzipped = sum(entry.file_size for entry in archive.infolist())
        has_bytecode = any(name.endswith(".pyc") for name in archive.namelist())
    package = PackageInfo(out / ARCHIVE, out / TEMPLATE, (out / ARCHIVE).stat().st_size, unzipped, has_bytecode)
    if package.size > ZIPPED_LIMIT or package.unzipped_size > UNZIPPED_LIMIT:
        message = f"The package is too large for Lambda. {package}. See what requirements.txt has gained."
        raise PackageError(message)
    return package
