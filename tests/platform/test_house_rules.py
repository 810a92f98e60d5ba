"""Rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app import app
from local.errors import CommandError
from tests.endpoints import MODULES_OF_ENDPOINTS
from tools.lock import LOCKS, compile_locks

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

ROOT = Path(__file__).resolve().parents[2]
PARSING = {ROOT / "chalicelib" / "policies" / "model" / "policy_documents.py"}
"""Models that a library reads: policies as JSON, by pydantic."""

REGISTRY_HOST = re.compile(rb"pypi\.(?:org|io)|pythonhosted\.org|npmjs\.(?:org|com)|yarnpkg\.com", re.IGNORECASE)


def project_files() -> list[Path]:
    """What git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def imported_packages(path: Path) -> Iterator[str]:
    """The top-level packages that a module imports anywhere, also for type checking alone."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def test_models_import_the_standard_library_and_each_other_only() -> None:
    house = ROOT / "chalicelib"
    modules = {*house.glob("core/*.py"), *house.glob("*/model/**/*.py"), house / "events" / "model.py"} - PARSING
    assert len(modules) > 50
    foreign = {
        f"{module.relative_to(ROOT)}: {package}"
        for module in modules
        for package in imported_packages(module)
        if package not in sys.stdlib_module_names and package != "chalicelib"
    }
    assert foreign == set()


def test_who_records_that_a_reservation_changed_has_asked_for_edit_locks() -> None:
    recording = re.compile(r"\bappend_(?:changed|created)\(")
    texts = {path: path.read_text("utf-8") for path in (ROOT / "chalicelib").rglob("*.py")}
    modules = [path for path, text in texts.items() if recording.search(text) and path.stem != "reservation_events"]
    assert len(modules) >= 8
    careless = [
        path.name
        for path in modules
        if len(recording.findall(texts[path])) > texts[path].count("respect_edit_locks_of(transaction")
    ]
    assert careless == []


def test_every_module_of_routes_is_registered() -> None:
    routes = MODULES_OF_ENDPOINTS
    assert len(routes) > 20
    served = {route.view_function.__module__ for methods in app.routes.values() for route in methods.values()}
    assert {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in routes} - served == set()


def imported_modules(path: Path, known: Set[str]) -> Iterator[str]:
    """The modules of ours that a module imports, also for type checking alone."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in (f"{node.module}.{alias.name}" for alias in node.names):
                yield from {name if name in known else node.module} & known


def test_no_modules_import_each_other_in_a_circle() -> None:
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in (ROOT / "chalicelib").rglob("*.py")
    }
    graph = {module: set(imported_modules(path, files.keys())) - {module} for module, path in files.items()}
    assert sum(map(len, graph.values())) > 1000
    assert list(TopologicalSorter(graph).static_order())  # or CycleError, which names the circle


@pytest.mark.skipif(shutil.which("git") is None, reason="asks git for the project's files")
def test_no_file_names_the_host_of_a_registry() -> None:
    naming = [str(path.relative_to(ROOT)) for path in project_files() if REGISTRY_HOST.search(path.read_bytes())]
    assert naming == []


@pytest.mark.skipif(shutil.which("uv") is None, reason="./dev brings uv; without it there is nobody to compile")
def test_the_locks_are_what_pyproject_compiles_to(tmp_path: Path) -> None:
    """Compiled with the present locks as its preference: only what pyproject.toml asks for can change them."""
    for name in ("pyproject.toml", *LOCKS):
        shutil.copy(ROOT / name, tmp_path)
    try:
        compile_locks(tmp_path)
    except CommandError as error:
        if "error sending request" in str(error) or "network was disabled" in str(error):
            pytest.skip("No package index can be reached, and not everything is in uv's cache.")
        raise
    for name in LOCKS:
        assert pins(tmp_path / name) == pins(ROOT / name), f"{name} is not current: run ./dev lock."


def pins(lock: Path) -> list[str]:
    """What a lock installs; the comments on who asked for it differ between versions of uv."""
    return [line for line in lock.read_text().splitlines() if line and not line.strip().startswith("#")]


def test_every_exclusion_from_the_linter_has_its_reason() -> None:
    without_reason = re.compile(r"# noqa(?!: [A-Z]+\d+(, [A-Z]+\d+)* - \S)")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in project_files()
        if (path.suffix == ".py" or path.name == "dev") and path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if without_reason.search(line)
    ]
    assert found == []
