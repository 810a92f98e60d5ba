from __future__ import annotations

import sys
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from tests.artefact.sandbox import install_runtime
from tools.lambda_package import LAMBDA_PYTHON, PackageInfo, build_package

if TYPE_CHECKING:
    from pathlib import Path

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
BUILT = pytest.StashKey[PackageInfo]()


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> PackageInfo:
    """What `./dev package` makes, for the Python of the functions."""
    built = build_package(tmp_path_factory.mktemp("package"))
    pytestconfig.stash[BUILT] = built
    return built


@pytest.fixture(scope="session")
def package_for_here(package: PackageInfo, tmp_path_factory: pytest.TempPathFactory) -> PackageInfo:
    """The same for the Python that runs the tests, which need not be that of the functions."""
    if HERE == LAMBDA_PYTHON:
        return package
    return build_package(tmp_path_factory.mktemp("package_for_here"), python=HERE)


@pytest.fixture(scope="session")
def task(package_for_here: PackageInfo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package unpacked, as /var/task on Lambda."""
    directory = tmp_path_factory.mktemp("task")
    with ZipFile(package_for_here.path) as archive:
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
