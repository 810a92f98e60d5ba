"""Builds what handlers need, once per container."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cache
from threading import Lock
from typing import Any

from chalicelib.adapters.connections import Connections
from chalicelib.adapters.images import ImageStore
from chalicelib.adapters.mail import Mailer
from chalicelib.adapters.oidc import Issuer
from chalicelib.adapters.queue import Nudges
from chalicelib.adapters.tokens import Tokens
from chalicelib.config import Config, ConfigurationError
from chalicelib.services.guest_links import GuestLinks
from chalicelib.services.tenant_origins import OriginsMemory
from chalicelib.services.terms import TermsMemory
from chalicelib.storage.transaction import Database


@dataclass(frozen=True, slots=True)
class Container:
    """The adapters of one container, shared by all its requests."""

    config: Config
    database: Database
    tokens: Tokens
    terms: TermsMemory
    origins: OriginsMemory
    mail: Mailer
    images: ImageStore
    issuer: Issuer | None
    nudges: Nudges
    connections: Connections

    @property
    def guest_links(self) -> GuestLinks:
        """How guests' emails lead back to their reservations."""
        return GuestLinks(self.config.manage_url, self.tokens.issue_manage_token)


_building = Lock()
ANSWER_SECONDS = 0.5
"""What is kept of a function's time for saying that the rest was not enough."""


def container() -> Container:
    """The container's own instance, built at the first request so that importing reads no environment."""
    with _building:  # the embedded gateway has several threads, whose first requests may come together
        return build_container()


@cache
def build_container() -> Container:
    """Read the environment and make the adapters. Raises `ConfigurationError`."""
    config = Config.from_environment()
    nudges = Nudges(config.queue_url, background=config.nudge_in_background)
    return Container(
        config=config,
        database=Database(
            config.database_url,
            pool_size=config.pool_size,
            request_seconds=config.request_seconds,
            prepare_after=config.prepare_after,
            on_events=nudges.nudge,
        ),
        nudges=nudges,
        connections=Connections(config.connections_key),
        tokens=Tokens(config.signing_keys),
        terms=TermsMemory(),
        origins=OriginsMemory(),
        mail=Mailer(config.mail_from),
        images=ImageStore(config.images_bucket),
        issuer=None if config.oidc is None else Issuer(*config.oidc),
    )


def request_container(lambda_context: Any) -> Container:  # noqa: ANN401 - Lambda's, which has no type of its own
    """Return the container for one request: all that it does in the database is over when its time is.

    That is when its own seconds are over, or shortly before the function is stopped.
    """
    services = container()
    until_stopped = lambda_context.get_remaining_time_in_millis() / 1000
    seconds = min(services.config.request_seconds, until_stopped - ANSWER_SECONDS)
    return replace(services, database=services.database.until(time.monotonic() + seconds))


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
        on_events=services.nudges.nudge,
    )
