"""Terms remembered between requests.

What range a reservation blocks, and which isolation its rules need, must be known before the transaction begins. A
container remembers the terms it saw last; the transaction's first read tells whether they still hold, so memory can
save a round trip but never decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from chalicelib.domain.errors import ContentionError, NotFoundError
from chalicelib.storage.resources import Terms, read_terms
from chalicelib.storage.transaction import Isolation

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from chalicelib.storage.transaction import Database, Transaction

T = TypeVar("T")
MOST_REMEMBERED = 10_000
MOST_CHANGES_SEEN = 5


class StaleTermsError(Exception):
    """The remembered terms are not the present ones."""


class TermsMemory:
    """The terms last seen, by tenant and resource. Safe to share between threads: entries are immutable."""

    def __init__(self) -> None:
        self._terms: dict[tuple[str, UUID], Terms] = {}

    def find(self, tenant: str, resource_id: UUID) -> Terms | None:
        """Return what is remembered, or None."""
        return self._terms.get((tenant, resource_id))

    def remember(self, terms: Terms) -> None:
        """Keep the terms until they turn out to be stale."""
        if len(self._terms) >= MOST_REMEMBERED:
            self._terms.clear()
        self._terms[terms.tenant.slug, terms.resource.id] = terms

    def forget(self, tenant: str, resource_id: UUID) -> None:
        """Drop stale terms."""
        self._terms.pop((tenant, resource_id), None)

    def present(self, database: Database, tenant: str, resource_id: UUID) -> Terms:
        """Return remembered terms, or read them. Raises `NotFoundError`."""
        remembered = self.find(tenant, resource_id)
        if remembered is None:
            remembered = database.run(tenant, lambda transaction: _read(transaction, resource_id))
            self.remember(remembered)
        return remembered


def under_terms(
    database: Database, memory: TermsMemory, tenant: str, resource_id: UUID, work: Callable[[Terms, Isolation], T]
) -> T:
    """Call `work` with the terms and the isolation their rules need; again with fresh ones when they proved stale."""
    for _ in range(MOST_CHANGES_SEEN):
        terms = memory.present(database, tenant, resource_id)
        isolation = Isolation.SERIALIZABLE if terms.policy.reads_reservations else Isolation.READ_COMMITTED
        try:
            return work(terms, isolation)
        except StaleTermsError:
            memory.forget(tenant, resource_id)
    message = "The terms of this resource are being changed. Nothing was stored; please try again."
    raise ContentionError(message)


def _read(transaction: Transaction, resource_id: UUID) -> Terms:
    found = read_terms(transaction, resource_ids=[resource_id])
    if not found:
        message = "There is no such resource."
        raise NotFoundError(message)
    return found[0]
