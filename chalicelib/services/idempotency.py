"""A change that takes effect once, however often its request arrives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from chalicelib.domain.errors import (
    BerthError,
    DatabaseUnavailableError,
    IdempotencyInProgressError,
    IdempotencyMismatchError,
)
from chalicelib.storage import idempotency
from chalicelib.storage.errors import LockWaitError
from chalicelib.storage.idempotency import Answer, Claim, KeyTakenError
from chalicelib.storage.tenants import find_tenant
from chalicelib.storage.transaction import Database, Isolation, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to send, and whether it had been sent before."""

    answer: Answer
    replayed: bool


def run_once(
    database: Database,
    tenant: str,
    claim: Claim | None,
    work: Callable[[Transaction], T],
    render: Callable[[T], Answer],
    *,
    isolation: Isolation = Isolation.READ_COMMITTED,
    enters: bool = False,
) -> Outcome:
    """Run `work` and keep its rendered result under the key, in one transaction; or answer as the first time.

    `enters`: `work` enters the tenant itself, as operators do, who make and suspend it.

    The key is looked up only when the change did not happen: the first request, which is nearly every request, pays one
    INSERT and no read. Refusals are never kept: their reason may have gone by the next attempt.
    Raises what `work` refuses, `IdempotencyMismatchError`, `IdempotencyInProgressError`.
    """

    def attempt(transaction: Transaction) -> Answer:
        answer = render(work(transaction))
        if claim is not None:
            idempotency.claim_key(transaction, claim, answer)
        return answer

    try:
        if enters:
            return Outcome(database.run_without_tenant(attempt, isolation=isolation), replayed=False)
        return Outcome(database.run(tenant, attempt, isolation=isolation), replayed=False)
    except DatabaseUnavailableError:
        raise
    except (BerthError, KeyTakenError) as refusal:
        stored = None if claim is None else _stored_answer(database, tenant, claim, enters=enters)
        if stored is not None:
            return Outcome(stored, replayed=True)
        if claim is not None and (isinstance(refusal, KeyTakenError) or _waits_for_key(refusal)):
            message = "A request with this Idempotency-Key is still being worked on. Repeat it in a moment."
            raise IdempotencyInProgressError(message) from refusal
        raise


def _waits_for_key(refusal: Exception) -> bool:
    return isinstance(refusal, LockWaitError) and refusal.relation.startswith(idempotency.TABLE)


def forget_outcome(database: Database, tenant: str, claim: Claim | None) -> None:
    """Let a key be used again, since what its answer promises did not come about after all."""
    if claim is not None:
        database.run(tenant, lambda transaction: idempotency.forget_answer(transaction, claim))


def _stored_answer(database: Database, tenant: str, claim: Claim, *, enters: bool) -> Answer | None:
    def look(transaction: Transaction) -> tuple[bytes, Answer] | None:
        if enters and find_tenant(transaction, tenant) is None:
            return None
        return idempotency.find_answer(transaction, claim)

    found = database.run_without_tenant(look) if enters else database.run(tenant, look)
    if found is None:
        return None
    body_hash, answer = found
    if body_hash != claim.body_hash:
        message = (
            "This Idempotency-Key was used before with another body, or, by a guest, from another address. What was "
            "asked for then may have taken effect: the email to its guest says so. Use a new key for a new request."
        )
        raise IdempotencyMismatchError(message)
    return answer
