"""Builds what handlers need, once per container. Importing it is enough: app.py and `run_jobs` do."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from chalicelib.adapters.connections import Connections
from chalicelib.adapters.dns import TxtRecords
from chalicelib.adapters.image_store import ImageStore
from chalicelib.adapters.mail import Mailer
from chalicelib.adapters.oidc import Issuer
from chalicelib.adapters.queue import QueueNotifier
from chalicelib.adapters.text_file import TextFile
from chalicelib.adapters.tokens import Tokens
from chalicelib.availability.waitlist_offers import make_offers_by
from chalicelib.config import Config, ConfigurationError
from chalicelib.database.replica import Replica
from chalicelib.database.transaction import Database
from chalicelib.http.container import Container, container, provide

if TYPE_CHECKING:
    from uuid import UUID

PAGE = Path(__file__).resolve().parent.parent / "web" / "dist" / "public.html"
"""Where the build leaves the page of the public sites, and where the package of the functions has it."""
_building = Lock()
REPLICA_WAIT_SECONDS = 1.0
"""For a connection: the primary, which answers otherwise, needs what is left of the request."""


@cache
def build_container() -> Container:
    """Read the environment and make the adapters. Raises `ConfigurationError`."""
    config = Config.from_environment()
    notifier = QueueNotifier(config.queue_url, background=config.notify_in_background)
    return Container(
        config=config,
        database=Database(
            config.database_url,
            pool_size=config.pool_size,
            request_seconds=config.request_seconds,
            prepare_after=config.prepare_after,
            on_events=notifier.notify,
        ),
        notifier=notifier,
        connections=Connections(config.connections_key),
        txt_records=TxtRecords(config.dns_resolver),
        page=TextFile(Path(config.page or PAGE)),
        tokens=Tokens(config.signing_keys),
        mail=Mailer(config.mail_from),
        images=ImageStore(config.images_bucket),
        issuer=None if config.oidc is None else Issuer(*config.oidc),
        replica=_build_replica(config),
    )


def _build_replica(config: Config) -> Replica | None:
    if not config.replica_url:
        return None
    return Replica(
        Database(
            config.replica_url,
            pool_size=config.pool_size,
            request_seconds=config.request_seconds,
            prepare_after=config.prepare_after,
            connection_seconds=REPLICA_WAIT_SECONDS,
        )
    )


provide(build_container)


def _offer_places(database: Database, tenant: str, resource_id: UUID) -> int:
    """Imported when an entry of the waitlist waits for what comes free: it is the largest part of most functions."""
    from chalicelib.waiting.offer_places import offer_places

    return offer_places(database, tenant, resource_id)


make_offers_by(_offer_places)


def jobs_database() -> Database:
    """The database as scheduled functions use it, over all tenants. Raises `ConfigurationError`."""
    services = container()
    with _building:
        return _build_jobs_database(services)


@cache
def _build_jobs_database(services: Container) -> Database:
    if not services.config.jobs_database_url:
        message = "BERTH_JOBS_DATABASE_URL is not set; it must be a postgresql:// address of the role berth_jobs."
        raise ConfigurationError(message)
    return Database(
        services.config.jobs_database_url,
        pool_size=services.config.pool_size,
        request_seconds=services.config.job_seconds,
        prepare_after=services.config.prepare_after,
        on_events=services.notifier.notify,
    )
