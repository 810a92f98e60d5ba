"""What every use case is given: the caller, the tenant, and what the request says besides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from chalicelib.database.transaction import Database, Isolation
from chalicelib.events.event_log import Actor
from chalicelib.http.idempotency import run_once, try_out
from chalicelib.http.stored_answers import Claim

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.database.transaction import Transaction
    from chalicelib.http.idempotency import Explain, Outcome
    from chalicelib.http.stored_answers import Answer

T = TypeVar("T")
SYSTEM = Actor("system", None, None)
"""Who only reads needs no other name."""


@dataclass(frozen=True, slots=True)
class Context:
    """One call of a use case.

    `database` shows what the caller may see; `tenant` is a slug; `actor` is who acts, as events say it, with the
    request's id and the edit locks that it carries. `claim` is the request's Idempotency-Key, `expected_version` its
    If-Match; None without.
    """

    database: Database
    tenant: str
    actor: Actor = SYSTEM
    claim: Claim | None = None
    expected_version: int | None = None

    def run(self, work: Callable[[Transaction], T], *, isolation: Isolation = Isolation.READ_COMMITTED) -> T:
        """Run the work in one transaction of the tenant; see `Database.run`."""
        return self.database.run(self.tenant, work, isolation=isolation)

    def run_once(
        self,
        work: Callable[[Transaction], T],
        render: Callable[[T], Answer],
        *,
        isolation: Isolation = Isolation.READ_COMMITTED,
        enters: bool = False,
        explain: Explain | None = None,
    ) -> Outcome:
        """Run the work once, however often its request comes; see `run_once` of `chalicelib.http.idempotency`."""
        claim = self.claim
        return run_once(
            self.database, self.tenant, claim, work, render, isolation=isolation, enters=enters, explain=explain
        )

    def try_out(
        self,
        work: Callable[[Transaction], T],
        *,
        isolation: Isolation = Isolation.READ_COMMITTED,
        explain: Explain | None = None,
    ) -> T:
        """Return what the work comes to, and take it back; see `try_out` of `chalicelib.http.idempotency`."""
        return try_out(self.database, self.tenant, work, isolation=isolation, explain=explain)
