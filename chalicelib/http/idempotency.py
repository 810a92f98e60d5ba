"""A change that takes effect once, however often its request arrives."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from chalicelib.access.storage.tenant_access import find_tenant
from chalicelib.core.errors import (
    BerthError,
    DatabaseUnavailableError,
    IdempotencyInProgressError,
    IdempotencyMismatchError,
    NoCapacityError,
    RuleViolationsError,
)
from chalicelib.database.errors import LockWaitError
from chalicelib.database.transaction import Database, Isolation, Transaction
from chalicelib.http import stored_answers
from chalicelib.http.stored_answers import Answer, Claim, KeyTakenError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
Explained = (NoCapacityError, RuleViolationsError)
"""What is refused with what its caller could have instead."""


class Explain(Protocol):
    """Completes a refusal with that, as the transaction sees it."""

    def __call__(self, transaction: Transaction, *, refusal: NoCapacityError | RuleViolationsError) -> None:
        """Read, and set the attributes of the refusal."""
        ...


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
    explain: Explain | None = None,
) -> Outcome:
    """Run `work` and render its result once it is committed; with a key, answer as the first time.

    Under a key the answer is rendered and kept in the transaction itself: what a replay gets is what was committed.

    `enters`: `work` enters the tenant itself, as operators do, who make and suspend it.

    `explain` completes what `work` refuses for a rule or for want of room. It reads in the refused transaction itself
    where nothing was written yet, and the key is looked up there as well: such a refusal costs one transaction.

    The key is looked up only when the change did not happen: the first request, which is nearly every request, pays one
    INSERT and no read. Refusals are never kept: their reason may have gone by the next attempt.
    Raises what `work` refuses, `IdempotencyMismatchError`, `IdempotencyInProgressError`.
    """
    run = partial(database.run, tenant) if not enters else database.run_without_tenant
    refused = _Refused(claim, explain, isolation)
    work = refused.explaining(work)

    def attempt(transaction: Transaction) -> Answer:
        answer = render(work(transaction))
        if claim is not None:
            stored_answers.claim_key(transaction, claim, answer)
        return answer

    try:
        if claim is None:
            return Outcome(render(run(work, isolation=isolation)), replayed=False)
        return Outcome(run(attempt, isolation=isolation), replayed=False)
    except DatabaseUnavailableError:
        raise
    except (BerthError, KeyTakenError) as refusal:
        if refusal is refused.explained:
            raise
        stored = None if claim is None else _stored_answer(database, tenant, claim, enters=enters)
        if stored is not None:
            return Outcome(stored, replayed=True)
        if isinstance(refusal, KeyTakenError) or _waits_for_key(refusal):
            message = "A request with this Idempotency-Key is still being worked on. Repeat it in a moment."
            raise IdempotencyInProgressError(message) from refusal
        if explain is not None and isinstance(refusal, Explained):
            database.run(tenant, partial(explain, refusal=refusal), isolation=Isolation.SNAPSHOT)
        raise


def try_out(
    database: Database,
    tenant: str,
    work: Callable[[Transaction], T],
    *,
    isolation: Isolation = Isolation.READ_COMMITTED,
    explain: Explain | None = None,
) -> T:
    """Return what `work` comes to, and take all of it back: the database has judged it, and nothing is stored or told.

    Raises what `work` refuses, explained as in `run_once`.
    """
    refused = _Refused(None, explain, isolation)
    work = refused.explaining(work)

    def attempt(transaction: Transaction) -> None:
        found = work(transaction)
        transaction.settle()
        raise _TriedOutError(found)

    try:
        database.run(tenant, attempt, isolation=isolation)
    except _TriedOutError as tried:
        return cast("T", tried.found)
    except Explained as refusal:
        if explain is not None and refusal is not refused.explained:
            database.run(tenant, partial(explain, refusal=refusal), isolation=Isolation.SNAPSHOT)
        raise
    message = "what is tried out always ends with its answer"
    raise AssertionError(message)


class _TriedOutError(BerthError):
    """Ends the transaction of what is tried out, so that nothing of it stays."""

    def __init__(self, found: object) -> None:
        super().__init__("tried out")
        self.found = found


class _Refused:
    """Explains a refusal in the transaction that is refused, so that it needs no other."""

    def __init__(self, claim: Claim | None, explain: Explain | None, isolation: Isolation) -> None:
        self._claim = claim
        # What a serializable transaction reads besides would be in the way of others.
        self._explain = explain if isolation is Isolation.READ_COMMITTED else None
        self.explained: BerthError | None = None

    def explaining(self, work: Callable[[Transaction], T]) -> Callable[[Transaction], T]:
        """The same work. Raises `KeyTakenError` in place of a refusal where the answer of the first time is kept."""
        explain = self._explain
        if explain is None:
            return work

        def explained(transaction: Transaction) -> T:
            try:
                return work(transaction)
            except Explained as refusal:
                if transaction.changes:  # what is queued would be sent with the questions
                    raise
                kept = None if self._claim is None else stored_answers.ask_answer(transaction, self._claim)
                explain(transaction, refusal=refusal)  # what it asks first travels with the question for the key
                if kept is not None and kept.row() is not None:
                    raise KeyTakenError from refusal
                self.explained = refusal
                raise

        return explained


def _waits_for_key(refusal: Exception) -> bool:
    return isinstance(refusal, LockWaitError) and refusal.relation.startswith(stored_answers.TABLE)


def forget_outcome(database: Database, tenant: str, claim: Claim | None) -> None:
    """Let a key be used again, since what its answer promises did not come about after all."""
    if claim is not None:
        database.run(tenant, lambda transaction: stored_answers.forget_answer(transaction, claim))


def _stored_answer(database: Database, tenant: str, claim: Claim, *, enters: bool) -> Answer | None:
    def look(transaction: Transaction) -> tuple[bytes, Answer] | None:
        if enters and find_tenant(transaction, tenant) is None:
            return None
        transaction.tells_position = True
        return stored_answers.find_answer(transaction, claim)

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
