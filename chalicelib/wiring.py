"""Builds what handlers need, once per container."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from threading import Lock

from chalicelib.adapters.images import ImageStore
from chalicelib.adapters.mail import Mailer
from chalicelib.adapters.oidc import Issuer
from chalicelib.adapters.tokens import Tokens
from chalicelib.config import Config, ConfigurationError
from chalicelib.services.terms import TermsMemory
from chalicelib.storage.transaction import Database


@dataclass(frozen=True, slots=True)
class Container:
    """The adapters of one container, shared by all its requests."""

    config: Config
    database: Database
    tokens: Tokens
    terms: TermsMemory
    mail: Mailer
    images: ImageStore
    issuer: Issuer | None


_building = Lock()


def container() -> Container:
    """The container's own instance, built at the first request so that importing reads no environment."""
    with _building:  # the embedded gateway has several threads, whose first requests may come together
        return build_container()


@cache
def build_container() -> Container:
    """Read the environment and make the adapters. Raises `ConfigurationError`."""
    config = Config.from_environment()
    return Container(
        config=config,
        database=Database(
            config.database_url,
            pool_size=config.pool_size,
            request_seconds=config.request_seconds,
            prepare_after=config.prepare_after,
        ),
        tokens=Tokens(config.signing_keys),
        terms=TermsMemory(),
        mail=Mailer(config.mail_from),
        images=ImageStore(config.images_bucket),
        issuer=None if config.oidc is None else Issuer(*config.oidc),
    )


def jobs_database() -> Database:
    """The database as scheduled functions reach it: in the role berth_jobs. Raises `ConfigurationError`."""
    config = container().config
    with _building:
        return _build_jobs_database(config)


@cache
def _build_jobs_database(config: Config) -> Database:
    if not config.jobs_database_url:
        message = "BERTH_JOBS_DATABASE_URL is not set; it must be a postgresql:// address of the role berth_jobs."
        raise ConfigurationError(message)
    return Database(
        config.jobs_database_url,
        pool_size=config.pool_size,
        request_seconds=config.request_seconds,
        prepare_after=config.prepare_after,
    )
