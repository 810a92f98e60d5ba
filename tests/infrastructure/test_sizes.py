"""Concurrency is sized to the database's connections: the arithmetic of infra/sizes.yaml."""

from __future__ import annotations

import pytest

from chalicelib.config import Config
from tools.infrastructure import INFRA, functions, read

SIZES = read(INFRA / "sizes.yaml")["Mappings"]["Sizes"]
LAMBDA_KEEPS = 100
"""Environments that AWS keeps for functions without a reservation."""
MIB_OF_A_CONNECTION = 10


def environments(size: str) -> int:
    """How many may exist at once, of all functions that reach the database by the proxy."""
    limits = [row["concurrency"] for row in functions().values() if "database" in row["uses"]]
    return sum(SIZES[size][limit] if isinstance(limit, str) else limit for limit in limits)


def proxied_connections(size: str) -> int:
    target = read(INFRA / "database.yaml")["Resources"]["ProxyTarget"]["Properties"]
    percent = target["ConnectionPoolConfigurationInfo"]["MaxConnectionsPercent"]
    return int(SIZES[size]["Connections"] * percent / 100)


def test_an_environment_opens_one_connection() -> None:
    needed = {"DATABASE_URL": "postgresql://x", "BERTH_SIGNING_KEYS": f"k:{'x' * 32}"}
    assert Config.from_environment(needed).pool_size == 1


@pytest.mark.parametrize("size", SIZES)
def test_no_burst_asks_for_more_connections_than_the_proxy_has(size: str) -> None:
    assert environments(size) <= proxied_connections(size)
    # Nor is the database made for many more than may come.
    assert environments(size) > proxied_connections(size) * 2 / 3


@pytest.mark.parametrize("size", SIZES)
def test_the_largest_database_bears_its_connections(size: str) -> None:
    memory_mib = SIZES[size]["MaximumCapacity"] * 2048
    assert SIZES[size]["Connections"] * MIB_OF_A_CONNECTION <= memory_mib / 4


def test_sizes_fit_the_accounts_that_the_page_speaks_of() -> None:
    """A new quota has to be asked for beyond 1,000 environments: docs/AWS.md says so for `large` alone."""
    all_of = {
        size: sum(
            SIZES[size][row["concurrency"]] if isinstance(row["concurrency"], str) else row["concurrency"]
            for row in functions().values()
        )
        for size in SIZES
    }
    assert {size for size, count in all_of.items() if count + LAMBDA_KEEPS > 1000} == {"large"}


@pytest.mark.parametrize("size", SIZES)
def test_the_consumer_is_never_turned_away(size: str) -> None:
    """Its messages would come back, and become dead letters: it may have as many environments as the queue feeds."""
    messages = read(INFRA / "messages.yaml")["Resources"]["DeliverEvents"]["Properties"]["Events"]
    (source,) = messages.values()
    assert source["Properties"]["ScalingConfig"]["MaximumConcurrency"]["Fn::FindInMap"][2] == "Consumer"
    assert functions()["DeliverEvents"]["concurrency"] == "Consumer"
    assert SIZES[size]["Consumer"] >= 2  # as AWS wants it
