"""The API as the world meets it: the gateway in front of the functions, on Postgres as the application's role.

The gateway runs in this process, so that coverage sees what the functions do; its processes have tests of their own.
"""

from __future__ import annotations

import logging
import socket
import threading
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest
import uvicorn

import tests.endpoints  # pyright: ignore[reportUnusedImport] # noqa: F401 - before a test asks for one of them
from local.aws.serve import BUCKET, serve_aws
from local.environment import MANY_GUESTS
from local.gateway.serve import ROOT
from local.gateway.settings import WorkerSettings
from local.gateway.worker import build
from tests.api.documented import assert_documented
from tests.api.inbox import Inbox
from tests.api.issuer import CLIENT_ID, Issuer, running_issuer
from tests.api.management import Management, running_management
from tests.api.tenant import PUBLIC_URL, SIGNING_KEY, VAPID_KEY, Tenant
from tests.containers import container_of
from tests.databases import Database, new_database
from tests.dns_server import DnsServer, running_dns_server
from tests.offers import Json, Offer, add_tenant

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from local.postgres.cluster import Cluster

BUILT_PAGE = """\
<!doctype html>
<html lang="en">
  <head>
    <title>Reserve</title>
    <script type="module" crossorigin src="/assets/public-1.js"></script>
    <link rel="modulepreload" crossorigin href="/assets/react-1.js">
    <link rel="stylesheet" crossorigin href="/assets/public-1.css">
  </head>
  <body>
    <div id="page"></div>
    <noscript>This page needs JavaScript.</noscript>
  </body>
</html>
"""
CELLS = pytest.StashKey[int]()
"""How many cells of the authorization matrix were tried."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how large the authorization matrix is."""
    if cells := config.stash.get(CELLS, 0):
        terminalreporter.write_line(f"Authorization matrix: {cells} cells")


@pytest.fixture(scope="session")
def api_database(cluster: Cluster) -> Generator[Database]:
    """The database of all API tests; each of them makes tenants of its own."""
    with new_database(cluster) as database:
        yield database


@pytest.fixture(scope="session")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Inbox:
    """The emails that the API sends."""
    directory = tmp_path_factory.mktemp("aws") / "emails"
    directory.mkdir()
    return Inbox(directory)


@pytest.fixture(scope="session")
def issuer() -> Generator[Issuer]:
    """An external issuer, whose ID tokens the API accepts."""
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture(scope="session")
def dns_server() -> Generator[DnsServer]:
    """The DNS in which the API looks for the records of domains."""
    with running_dns_server() as server:
        yield server


@pytest.fixture(scope="session")
def management() -> Generator[Management]:
    """What the API sends to WebSocket connections."""
    with running_management() as management:
        yield management


@pytest.fixture(scope="session")
def aws(inbox: Inbox, management: Management) -> Generator[dict[str, str]]:
    """The AWS services that the API uses: the variables that lead there."""
    address = {"AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI": management.address}
    with serve_aws(inbox.directory.parent) as served, pytest.MonkeyPatch.context() as patch:
        variables = served | address
        for name, value in variables.items():
            patch.setenv(name, value)
        yield variables


@pytest.fixture(scope="session")
def built_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the functions fill: of the form that web/ builds."""
    page = tmp_path_factory.mktemp("web") / "public.html"
    page.write_text(BUILT_PAGE)
    return page


@pytest.fixture(scope="session")
def api_address(
    api_database: Database,
    tmp_path_factory: pytest.TempPathFactory,
    aws: dict[str, str],
    issuer: Issuer,
    inbox: Inbox,
    dns_server: DnsServer,
    built_page: Path,
) -> Generator[str]:
    """Where the API is served."""
    assert aws
    environment = {
        "BERTH_DNS_RESOLVER": dns_server.variable,
        "BERTH_VAPID_KEY": VAPID_KEY,
        "BERTH_VAPID_SUBJECT": "mailto:push@berth.example",
        "BERTH_OIDC_ISSUER": issuer.url,
        "BERTH_OIDC_CLIENT_ID": CLIENT_ID,
        "BERTH_OIDC_KEYS_URL": issuer.keys_url,
        "DATABASE_URL": api_database.app,
        "BERTH_SIGNING_KEYS": ":".join(SIGNING_KEY),
        "BERTH_PUBLIC_URL": PUBLIC_URL,
        "BERTH_POOL_SIZE": "8",
        "BERTH_WEBSOCKET_URL": "wss://live.berth.example/ws",
        "BERTH_IMAGES_BUCKET": BUCKET,
        "BERTH_PAGE": str(built_page),
        **MANY_GUESTS,
    }
    with container_of(environment):
        listener = socket.create_server(("127.0.0.1", 0))
        images = inbox.directory.parent / "objects" / BUCKET / "images"
        server = uvicorn.Server(_configuration(tmp_path_factory.mktemp("api") / "access.log", images))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="api")
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1"
        finally:
            server.should_exit = True
            thread.join()
            listener.close()


def _configuration(access_log: Path, images: Path) -> uvicorn.Config:
    settings = WorkerSettings(
        listener=-1,
        parent=-1,
        project=str(ROOT),
        threads=8,
        queue_limit=64,
        deadline_seconds=29,
        stuck_seconds=60,
        stop_seconds=5,
        access_log=str(access_log),
        images=str(images),
        public_url=PUBLIC_URL,
    )
    return uvicorn.Config(
        build(settings, logging.error), lifespan="off", interface="asgi3", log_config=None, access_log=False
    )


@pytest.fixture(scope="session")
def client(api_address: str) -> Generator[httpx.Client]:
    """A client of the API; paths begin after /v1."""
    hooks = {"response": [assert_documented]}
    with httpx.Client(base_url=api_address, timeout=30, event_hooks=hooks) as connected:
        yield connected


@pytest.fixture(scope="session")
def make_tenant(client: httpx.Client, api_database: Database) -> Callable[..., Tenant]:
    """Make a tenant that offers this, e.g. `make_tenant(Offer(…), timezone="Europe/Berlin")`."""

    def make(*offers: Offer, timezone: str = "UTC", currency: str = "EUR", site: Json | None = None) -> Tenant:
        slug = f"tenant-{uuid4().hex[:12]}"
        ids = add_tenant(api_database.owner, slug, offers, timezone=timezone, currency=currency, site=site)
        return Tenant(slug, ids, client, api_database)

    return make
