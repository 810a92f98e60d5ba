"""What handlers need, as one container of a function has it: the environment, the database, an adapter each.

How it is built stands in `chalicelib.wiring`, which hands it in by `provide`: what answers requests knows what it
needs, and not where that comes from.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar, cast

from chalicelib.access.guest_links import GuestLinks
from chalicelib.adapters.connections import Connections
from chalicelib.adapters.dns import TxtRecords
from chalicelib.adapters.image_store import ImageStore
from chalicelib.adapters.mail import Mailer, Mailing
from chalicelib.adapters.oidc import Issuer
from chalicelib.adapters.queue import QueueNotifier
from chalicelib.adapters.text_file import TextFile
from chalicelib.adapters.tokens import Tokens
from chalicelib.config import Config
from chalicelib.database.replica import Replica
from chalicelib.database.transaction import Database

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
ANSWER_SECONDS = 0.5
"""What is kept of a function's time for saying that the rest was not enough."""


@dataclass(frozen=True, slots=True)
class Container:
    """The adapters of one container, shared by all its requests."""

    config: Config
    database: Database
    tokens: Tokens
    mail: Mailer
    images: ImageStore
    issuer: Issuer | None
    notifier: QueueNotifier
    connections: Connections
    txt_records: TxtRecords
    page: TextFile
    replica: Replica | None = None
    _remembered: dict[object, object] = field(default_factory=dict[object, object], compare=False, repr=False)

    @property
    def mailing(self) -> Mailing:
        """How emails with links into the web leave."""
        return Mailing(self.config.public_url, self.mail.send)

    @property
    def guest_links(self) -> GuestLinks:
        """How guests' emails lead back to their reservations."""
        return GuestLinks(self.config.manage_url, self.tokens.issue_manage_token)

    def memory(self, kind: Callable[[], T]) -> T:
        """Return what a capability remembers between requests: one of its kind, made when it is first asked for."""
        if kind not in self._remembered:
            self._remembered.setdefault(kind, kind())  # two threads may come at once: the first one's is kept
        return cast("T", self._remembered[kind])


_building = Lock()
_builders: list[Callable[[], Container]] = []


def provide(build: Callable[[], Container]) -> None:
    """Say how the container is built: once, when the first request comes, so that importing reads no environment."""
    _builders[:] = [build]


def container() -> Container:
    """The container's own instance."""
    with _building:  # the embedded gateway has several threads, whose first requests may come together
        return _builders[0]()


def request_container(lambda_context: Any) -> Container:  # noqa: ANN401 - Lambda's, which has no type of its own
    """Return the container for one request: all that it does in the database is over when its time is.

    That is when its own seconds are over, or shortly before the function is stopped.
    """
    services = container()
    until_stopped = lambda_context.get_remaining_time_in_millis() / 1000
    seconds = min(services.config.request_seconds, until_stopped - ANSWER_SECONDS)
    return replace(services, database=services.database.until(time.monotonic() + seconds))
