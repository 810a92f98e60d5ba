"""Fixtures that every test may ask for."""

from __future__ import annotations

import os
import signal
from functools import cache
from typing import TYPE_CHECKING

import httpx
import hypothesis
import pytest
from botocore.loaders import JSONFileLoader

from local.postgres.programs import installed_programs
from local.supervision import INTERRUPTS
from tests.databases import Database, cluster_with_template, new_database
from tests.examples import ALL

if TYPE_CHECKING:
    from collections.abc import Generator

    from local.postgres.cluster import Cluster

POSTGRES_MAJOR = int(os.environ.get("BERTH_TEST_POSTGRES", "18"))

hypothesis.settings.register_profile("berth", max_examples=ALL, deadline=None, print_blob=True)
hypothesis.settings.register_profile("quick", hypothesis.settings.get_profile("berth"), max_examples=ALL // 4)
hypothesis.settings.load_profile("berth")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--minutes", type=int, default=0, help="how long to go on; 0: once, as in every run")
    parser.addoption("--seed", type=int, default=None, help="the first seed; the next ones follow")
    parser.addoption("--dates", choices=["twelve", "year"], default="twelve", help="on which days the demo is seeded")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "database: runs on Postgres, and so on every version that is installed")
    config.addinivalue_line("markers", "slow: takes half a minute or more; `./dev test --rest` runs it")
    config.addinivalue_line("markers", "emulator: runs LocalStack; `./dev test localstack -m emulator` runs it")
    config.addinivalue_line("markers", "examples: tries examples; `./dev test --rest` tries all of them")
    # Being told to stop ends like Ctrl-C: fixtures are torn down, no process stays behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # A shell lets what it starts in the background ignore Ctrl-C, and what tests start would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # What the shell happens to have set must not decide where tests connect.
    for name in [name for name in os.environ if name.startswith(("PG", "BERTH_", "DATABASE_"))]:
        if name != "BERTH_TEST_POSTGRES":
            del os.environ[name]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if config.getoption("minutes"):  # it takes as long as it was told to; a mark would come before --timeout=0
            item.own_markers = [mark for mark in item.own_markers if mark.name != "timeout"]
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.examples)
        if "cluster" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.database)


@pytest.fixture(scope="session", autouse=True)
def _read_authorities_once() -> Generator[None]:
    """Each client of httpx reads all certificate authorities for itself (20 ms), those of plain HTTP as well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("httpx._transports.default.create_ssl_context", cache(httpx.create_ssl_context))
        yield


@pytest.fixture(scope="session", autouse=True)
def _read_descriptions_once() -> Generator[None]:
    """Each session of boto3 reads again what it knows of AWS (50 ms or more), and many clients have their own."""
    known: dict[str, object] = {}
    read = JSONFileLoader.load_file

    def read_once(loader: JSONFileLoader, path: str) -> object:
        if path not in known:
            known[path] = read(loader, path)
        return known[path]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", read_once)
        yield


@pytest.fixture(autouse=True)
def _signals_as_before() -> Generator[None]:
    """A command that a test runs in this process handles signals its way; what other tests start would inherit that."""
    before = {number: signal.getsignal(number) for number in INTERRUPTS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def cluster() -> Generator[Cluster]:
    """The session's throwaway cluster: PostgreSQL 18, or the major version in BERTH_TEST_POSTGRES."""
    with cluster_with_template(POSTGRES_MAJOR) as cluster:
        yield cluster


@pytest.fixture
def database(cluster: Cluster) -> Generator[Database]:
    """A migrated, empty database for one test."""
    with new_database(cluster) as database:
        yield database


@pytest.fixture(scope="module")
def module_database(cluster: Cluster) -> Generator[Database]:
    """A migrated, empty database that the tests of one module share."""
    with new_database(cluster) as database:
        yield database


def pytest_report_header() -> str:
    """Which Postgres the tests run on."""
    return f"PostgreSQL {POSTGRES_MAJOR} of {', '.join(programs.version for programs in installed_programs())}"
