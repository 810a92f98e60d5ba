from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from local.lambda_package import PackageInfo, build_package
from tests.artefact.sandbox import install_runtime

if TYPE_CHECKING:
    from pathlib import Path

BUILT = pytest.StashKey[PackageInfo]()


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> PackageInfo:
    """What `./dev package` makes."""
    built = build_package(tmp_path_factory.mktemp("package"))
    pytestconfig.stash[BUILT] = built
    return built


@pytest.fixture(scope="session")
def task(package: PackageInfo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package unpacked, as /var/task on Lambda."""
    directory = tmp_path_factory.mktemp("task")
    with ZipFile(package.path) as archive:
        archive.extractall(directory)
    return directory


@pytest.fixture(scope="session")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """AWS's runtime interface client and its own requirements, as /var/runtime on Lambda."""
    directory = tmp_path_factory.mktemp("runtime")
    install_runtime(directory)
    return directory


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how large the package is."""
    built = config.stash.get(BUILT, None)
    if built is not None:
        terminalreporter.write_line(f"Lambda package {built}")
