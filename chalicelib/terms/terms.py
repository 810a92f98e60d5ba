"""Under which terms something is reserved: the one way to them, for reservations and for new claims alike.

A reservation is judged, priced, confirmed, refunded and explained by the policy and version it was made under, and by
its resource as it is, archived or not: `terms_of`. Who wants something of a resource for the first time, or moves
there, comes under what it is offered under at present: `offered_terms`.

Those on offer are remembered between requests. What range a reservation blocks, and which isolation its rules need,
must be known before the transaction begins; the transaction's first read tells whether they still hold, so memory can
save a round trip but never decide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from chalicelib.core.errors import ContentionError, NotFoundError
from chalicelib.core.memories import Memory
from chalicelib.database.identifiers import uuid_of
from chalicelib.database.transaction import Isolation
from chalicelib.terms.storage.terms import ask_versions, read_kept_terms, read_terms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from uuid import UUID

    from chalicelib.database.transaction import Database, Transaction
    from chalicelib.reservations.model.reservations import WaitingChange
    from chalicelib.terms.model.terms import Terms, TermsKey

T = TypeVar("T")
MOST_REMEMBERED = 10_000
MOST_CHANGES_SEEN = 5


class UnderTerms(Protocol):
    """What was made under terms and keeps them: a reservation."""

    @property
    def resource_id(self) -> UUID:
        """Where it is."""
        ...

    @property
    def policy_id(self) -> UUID:
        """The policy that it was made under."""
        ...

    @property
    def policy_version(self) -> int:
        """Which version of that."""
        ...


def terms_of(transaction: Transaction, reservation: UnderTerms) -> Terms:
    """Return the terms of a reservation where it stands."""
    return all_terms_of(transaction, [reservation])[terms_key(reservation)]


def all_terms_of(
    transaction: Transaction, reservations: Iterable[UnderTerms], more: Iterable[TermsKey] = ()
) -> Mapping[TermsKey, Terms]:
    """Return the terms of reservations where they stand, and `more`, by `terms_key`: one query."""
    return read_kept_terms(transaction, [*map(terms_key, reservations), *more])


def terms_key(reservation: UnderTerms) -> TermsKey:
    """Return what names the terms of a reservation."""
    return reservation.resource_id, reservation.policy_id, reservation.policy_version


def offered_terms(transaction: Transaction, named: UUID | str) -> Terms:
    """Return what the resource with this id or slug is offered under at present.

    Raises `NotFoundError`, for an archived one, too.
    """
    resource_id = uuid_of(named) if isinstance(named, str) else named
    slugs = [named] if isinstance(named, str) else []
    found = read_terms(transaction, resource_ids=[] if resource_id is None else [resource_id], slugs=slugs)
    if not found:
        message = "There is no such resource."
        raise NotFoundError(message)
    return found[0]


def target_terms(transaction: Transaction, reservation: UnderTerms, resource_id: UUID | None) -> Terms:
    """Return the terms of a change: a reservation's own where it stays, those on offer where it is moved to.

    Raises `NotFoundError`.
    """
    if resource_id is None or resource_id == reservation.resource_id:
        return terms_of(transaction, reservation)
    return offered_terms(transaction, resource_id)


def waiting_terms(transaction: Transaction, reservation: UnderTerms, change: WaitingChange) -> Terms:
    """Return the terms of a change that waits: those under which it was asked for, where that is still on offer.

    Raises `NotFoundError`.
    """
    if change.resource_id == reservation.resource_id:
        return terms_of(transaction, reservation)
    offered = offered_terms(transaction, change.resource_id)
    key = change_key(change)
    return offered if key is None else read_kept_terms(transaction, [key])[key]


def change_key(change: WaitingChange) -> TermsKey | None:
    """Return what names the terms under which a change was asked for; None where they were not kept."""
    if change.policy_id is None or change.policy_version is None:
        return None
    return change.resource_id, change.policy_id, change.policy_version


def room_terms(transaction: Transaction, reservation: UnderTerms, resource_id: UUID) -> Terms:
    """Return the terms of a guest who is here and changes rooms: their own, on another resource.

    What was agreed for the stay goes on; the other resource has to be on offer. Raises `NotFoundError`.
    """
    offered = offered_terms(transaction, resource_id)
    key = (offered.resource.id, reservation.policy_id, reservation.policy_version)
    return read_kept_terms(transaction, [key])[key]


class AllOffered:
    """What the caller may see of all that a tenant offers, in its order.

    It is remembered under the versions of all of it, so that one row is read where nothing has changed. `guess` is
    what was found for the tenant the last time: who asks about that meanwhile saves a round trip, if it is still so.
    """

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._versions = ask_versions(transaction)
        self.guess: Sequence[Terms] = _offered.find(transaction.tenant) or ()

    def all(self) -> Sequence[Terms]:
        """Return it; the very `guess` where that is right."""
        tenant, versions = self._transaction.tenant, self._versions.row().fingerprint
        found = _offered.find((tenant, versions))
        if found is None:
            found = read_terms(self._transaction, every=True)
            _offered.keep((tenant, versions), found, len(found))
        if found is not self.guess:
            _offered.keep(tenant, found, 1)
        return found


_offered: Memory[Sequence[Terms]] = Memory(MOST_REMEMBERED)
"""By tenant and versions, and the last ones by tenant alone."""


class StaleTermsError(Exception):
    """The remembered terms are not the present ones."""


class TermsMemory:
    """The terms last seen, by tenant and resource. Safe to share between threads: entries are immutable."""

    def __init__(self) -> None:
        self._terms: dict[tuple[str, UUID | str], Terms] = {}

    def find(self, tenant: str, named: UUID | str) -> Terms | None:
        """Return what is remembered under an id or a slug, or None."""
        return self._terms.get((tenant, named))

    def forget(self, tenant: str, named: UUID | str) -> None:
        """Drop stale terms."""
        self._terms.pop((tenant, named), None)

    def present(self, database: Database, tenant: str, named: UUID | str) -> Terms:
        """Return remembered terms, or read them and keep them until they turn out to be stale.

        Raises `NotFoundError`.
        """
        remembered = self.find(tenant, named)
        if remembered is None:
            remembered = database.uncounted().run(tenant, lambda transaction: offered_terms(transaction, named))
            if len(self._terms) >= MOST_REMEMBERED:
                self._terms.clear()
            self._terms[tenant, named] = remembered
        return remembered


def under_terms(
    database: Database, memory: TermsMemory, tenant: str, named: UUID | str, work: Callable[[Terms, Isolation], T]
) -> T:
    """Call `work` with the terms and the isolation their rules need; again with fresh ones when they proved stale."""
    for _ in range(MOST_CHANGES_SEEN):
        terms = memory.present(database, tenant, named)
        isolation = Isolation.SERIALIZABLE if terms.policy.reads_reservations else Isolation.READ_COMMITTED
        try:
            return work(terms, isolation)
        except StaleTermsError:
            memory.forget(tenant, named)
    message = "The terms of this resource are being changed. Nothing was stored; please try again."
    raise ContentionError(message)
