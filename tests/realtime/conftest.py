"""Everything that runs for live messages: the gateway's processes, the queue, and its consumer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest

from local.aws.queue import serve_queue
from local.aws.serve import serve_aws
from local.background import Background
from local.environment import MANY_GUESTS
from local.gateway.serve import ROOT, Gateway, serve
from local.gateway.settings import SocketSettings
from tests.api.documented import assert_documented
from tests.databases import Database, new_database
from tests.npm_packages import installed
from tests.offers import INTERVAL, Offer, add_tenant, policy
from tests.realtime.client import SIGNING_KEY, LiveTenant

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from local.postgres.cluster import Cluster

ORIGIN = "https://berth.example"
NPM = Path(__file__).with_name("npm")
ROOM = policy(INTERVAL, per="hour")


@dataclass(frozen=True, slots=True)
class Live:
    """A running gateway with its database, and the variables of its functions."""

    gateway: Gateway
    database: Database
    variables: dict[str, str]


def measured() -> dict[str, str]:
    """What has a process measured that this one starts; nothing where this one is not."""
    data_file = os.environ.get("COVERAGE_FILE")
    if data_file is None:
        return {}
    return {"COVERAGE_FILE": data_file, "COVERAGE_PROCESS_START": str(ROOT / "pyproject.toml")}


@pytest.fixture(scope="session")
def live(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Generator[Live]:
    """Two worker processes and a background process."""
    directory = tmp_path_factory.mktemp("live")
    with new_database(cluster) as database, serve_aws(directory) as aws, serve_queue(aws) as queue:
        functions = {
            "DATABASE_URL": database.app,
            "BERTH_SIGNING_KEYS": ":".join(SIGNING_KEY),
            "BERTH_PUBLIC_URL": ORIGIN,
            **MANY_GUESTS,
            **aws,
            **queue,
            **measured(),
        }
        jobs = {"BERTH_JOBS_DATABASE_URL": database.jobs, "BERTH_POOL_SIZE": "4"}
        sockets = SocketSettings("gateway", "k" * 32)  # not what opens the bucket, the mail service and the queue
        with (
            serve("127.0.0.1", 0, 2, functions, access_log=directory / "access.log", sockets=sockets) as gateway,
            Background(gateway.variables | functions | jobs),
        ):
            gateway.wait_until_ready()
            yield Live(gateway, database, gateway.variables | functions | jobs)


@pytest.fixture(scope="session")
def npm_packages(pytestconfig: pytest.Config) -> Path:
    """What `npm/package-lock.json` names, installed: kept between runs, so that only the first one needs a registry."""
    return installed(pytestconfig, NPM)


@pytest.fixture
def tenants(live: Live) -> Generator[Callable[[], LiveTenant]]:
    """Make tenants with a room and a hall, which are reserved by the hour."""
    made: list[LiveTenant] = []
    hooks = {"response": [assert_documented]}
    with httpx.Client(base_url=f"{live.gateway.address}/api/v1", timeout=30, event_hooks=hooks) as http:

        def make() -> LiveTenant:
            slug = f"live-{uuid4().hex[:12]}"
            offers = [Offer(slug=name, document=ROOM, capacity=2) for name in ("room", "hall")]
            made.append(LiveTenant(slug, add_tenant(live.database.owner, slug, offers), live.database, http))
            return made[-1]

        yield make
        for tenant in made:
            for client in tenant.clients:
                client.socket.close()


@pytest.fixture
def tenant(tenants: Callable[[], LiveTenant]) -> LiveTenant:
    """One of them."""
    return tenants()
