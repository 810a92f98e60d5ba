"""The demo as the world sees it, served for all tests of pages, and a browser to look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

import httpx
import pytest

from chalicelib.adapters.web_push import key_text, new_key
from demo.image_files import keep_images
from demo.seed import seed
from demo.tenants import all_tenants
from local.aws.queue import serve_queue
from local.aws.serve import BUCKET, serve_aws
from local.background import Background
from local.environment import MANY_GUESTS
from local.gateway.serve import serve
from local.gateway.settings import SocketSettings
from tests.databases import Database, new_database
from tests.offers import Json, Offer, add_tenant
from tests.web.visits import DESKTOP, FAR_ZONE, Scheme, Size, Visit
from tools.node import Node, NoRegistryError
from tools.people import add_demo_people
from tools.web_browser import NO_BROWSER, Chromium, find_chromium, running_chromium
from tools.web_build import DIST, build, prepare_alone

if TYPE_CHECKING:
    from collections.abc import Generator

    from local.postgres.cluster import Cluster

TENANTS = [tenant.slug for tenant in all_tenants(datetime.now(UTC).date())]
"""Of the demo. Tests only look at these, or reserve where others do not; what is changed gets a tenant of its own."""
PASSWORD = "correct horse battery staple"
NOT_LOOKED_AT = pytest.StashKey[bool]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say at the end, where it is read, that nobody looked at the pages."""
    if config.stash.get(NOT_LOOKED_AT, False):
        terminalreporter.section("The pages were not looked at", red=True, bold=True)
        terminalreporter.write_line(NO_BROWSER)


@pytest.fixture(scope="session")
def node() -> Node:
    """A Node.js with what web/package-lock.json names."""
    try:
        return prepare_alone()
    except NoRegistryError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def dist(node: Node) -> Path:
    """The pages as they are built."""
    assert node
    build(print)
    return DIST


@dataclass(frozen=True, slots=True)
class Served:
    """A running demo: its address, such as http://127.0.0.1:40123, its database, and what it sends."""

    address: str
    database: Database
    emails: Path

    @property
    def api(self) -> str:
        """Where the API is; paths begin after /v1."""
        return f"{self.address}/api/v1"


@pytest.fixture(scope="session")
def served(cluster: Cluster, dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    """The demo, with everything that runs beside it. `{role}@{tenant}.example` signs in with `PASSWORD`."""
    directory = tmp_path_factory.mktemp("served")
    with new_database(cluster) as database, serve_aws(directory) as aws, serve_queue(aws) as queue:
        seed(database.owner)
        keep_images(directory / "objects")
        add_demo_people(database.owner, TENANTS, PASSWORD)
        functions = {
            "DATABASE_URL": database.app,
            "BERTH_SIGNING_KEYS": "test:" + "s" * 32,
            "BERTH_VAPID_KEY": key_text(new_key()),
            "BERTH_VAPID_SUBJECT": "mailto:push@berth.example",
            **MANY_GUESTS,
            **aws,
            **queue,
        }
        jobs = {"BERTH_JOBS_DATABASE_URL": database.jobs, "BERTH_POOL_SIZE": "4"}
        with (
            serve(
                "127.0.0.1",
                0,
                1,
                functions,
                access_log=directory / "access.log",
                images=directory / "objects" / BUCKET / "images",
                web=dist,
                sockets=SocketSettings("gateway", "k" * 32),
            ) as gateway,
            Background(gateway.variables | functions | jobs),
        ):
            gateway.wait_until_ready()
            yield Served(gateway.address, database, directory / "emails")


@pytest.fixture(scope="session")
def client(served: Served) -> Generator[httpx.Client]:
    """A client of its API; paths begin after /v1."""
    with httpx.Client(base_url=served.api, timeout=60) as connected:
        yield connected


class MakeTenant(Protocol):
    """Makes a tenant that offers this, and says its slug."""

    def __call__(
        self, *offers: Offer, timezone: str = "UTC", currency: str = "EUR", site: Json | None = None
    ) -> str: ...


@pytest.fixture(scope="session")
def make_tenant(served: Served) -> MakeTenant:
    """Make a tenant that no other test reserves at."""

    def make(*offers: Offer, timezone: str = "UTC", currency: str = "EUR", site: Json | None = None) -> str:
        slug = f"tenant-{uuid4().hex[:12]}"
        add_tenant(served.database.owner, slug, offers, timezone=timezone, currency=currency, site=site)
        return slug

    return make


@pytest.fixture(scope="session")
def chromium(pytestconfig: pytest.Config) -> Generator[Chromium]:
    """A real Chromium; without one, the tests of pages are skipped, which is said at the end."""
    program = find_chromium()
    if program is None:
        pytestconfig.stash[NOT_LOOKED_AT] = True
        pytest.skip(NO_BROWSER)
    with running_chromium(program) as chromium:
        yield chromium


class OpenVisit(Protocol):
    """Opens a window of somebody who was never there before."""

    def __call__(
        self,
        size: Size = DESKTOP,
        *,
        locale: str = "en-US",
        scheme: Scheme = "light",
        timezone: str = FAR_ZONE,
        motion: bool = False,
        worker: bool = False,
    ) -> Visit: ...


@pytest.fixture
def visit(chromium: Chromium, served: Served) -> Generator[OpenVisit]:
    """Open windows; at the end they are closed, and nothing may have gone wrong in any."""
    opened: list[Visit] = []
    with chromium.at_work() as browser:

        def open_visit(
            size: Size = DESKTOP,
            *,
            locale: str = "en-US",
            scheme: Scheme = "light",
            timezone: str = FAR_ZONE,
            motion: bool = False,
            worker: bool = False,
        ) -> Visit:
            opened.append(
                Visit(
                    browser,
                    served.address,
                    size,
                    locale=locale,
                    scheme=scheme,
                    timezone=timezone,
                    motion=motion,
                    worker=worker,
                )
            )
            return opened[-1]

        yield open_visit
        faults = [fault for one in opened for fault in one.close()]
    assert faults == []
