"""What a request has to prove is asked with its first statements, and nothing of it is told or stored before."""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from chalicelib.core.errors import AuthenticationError, BerthError, NotFoundError
from chalicelib.database.errors import TryAgainError
from chalicelib.database.transaction import Database, Transaction
from tests.offers import add_tenant
from tools.bench.round_trips import counting_proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from chalicelib.database.pipeline import Pending, Pipeline
    from tests import databases

TENANT, OTHER = "harbour", "island"
CHANGE = "UPDATE words SET word = 'changed'"


@dataclass(frozen=True, slots=True)
class Holds:
    """A proof that counts how often it is asked."""

    holds: bool
    tenant: str = TENANT
    asked: list[str] = field(default_factory=list[str])

    def ask(self, pipeline: Pipeline) -> Pending:
        self.asked.append("asked")
        return pipeline.send("SELECT current_setting('app.tenant_id', true) AS tenant_id", {})

    def check(self, rows: Sequence[Any]) -> None:
        assert rows[0].tenant_id
        if not self.holds:
            message = "It does not hold."
            raise AuthenticationError(message)


@pytest.fixture(scope="module")
def stage(module_database: databases.Database) -> databases.Database:
    for slug in (TENANT, OTHER):
        add_tenant(module_database.owner, slug, [])
    with psycopg.connect(module_database.owner) as owner:
        owner.execute("CREATE TABLE words (word text)")
        owner.execute("INSERT INTO words VALUES ('as it was')")
        owner.execute("GRANT SELECT, UPDATE ON words TO berth_app")
    return module_database


@pytest.fixture
def application(stage: databases.Database) -> Generator[Database]:
    with closing(Database(stage.app, pool_size=2, request_seconds=10)) as opened:
        yield opened


def word(stage: databases.Database) -> str:
    with psycopg.connect(stage.owner) as owner:
        row = owner.execute("SELECT word FROM words").fetchone()
    assert row is not None
    return row[0]


def read(transaction: Transaction) -> str:
    return transaction.row("SELECT word FROM words", {}).word


def ask(transaction: Transaction) -> Pending:
    return transaction.ask("SELECT word FROM words", {})


def change_unseen(transaction: Transaction) -> Pending:
    """A change that nothing is expected of, as only a mistake would make it."""
    return transaction.ask(CHANGE, {})


def change(transaction: Transaction) -> None:
    transaction.write(CHANGE, {})


def change_at_once(transaction: Transaction) -> int:
    return transaction.touch(CHANGE, {})


def do_nothing(_: Transaction) -> None:
    pass


def go_on_whatever_is_refused(transaction: Transaction) -> None:
    for _ in range(3):
        with suppress(BerthError):
            transaction.touch(CHANGE, {})


WORKS: list[Callable[[Transaction], object]] = [
    read,
    ask,
    change,
    change_at_once,
    change_unseen,
    do_nothing,
    go_on_whatever_is_refused,
]


@pytest.mark.parametrize("work", WORKS)
def test_work_of_a_request_that_proves_nothing_is_refused_and_leaves_nothing(
    stage: databases.Database, application: Database, work: Callable[[Transaction], object]
) -> None:
    unproven = application.proving(Holds(holds=False))
    for _ in range(2):
        with pytest.raises(AuthenticationError):
            unproven.run(TENANT, work)
    assert word(stage) == "as it was"


def test_what_belongs_to_another_tenant_or_to_none_comes_after_the_proof(application: Database) -> None:
    unproven = application.proving(Holds(holds=False))
    with pytest.raises(AuthenticationError):
        unproven.run(OTHER, read)
    with pytest.raises(AuthenticationError):
        unproven.run_without_tenant(read)
    with pytest.raises(AuthenticationError):
        unproven.prove()


def test_it_is_asked_once_whichever_view_of_the_database_begins(application: Database) -> None:
    proof = Holds(holds=True)
    proving = application.proving(proof)
    view = proving.uncounted()
    assert (view.run(TENANT, read), proving.run(TENANT, read), view.run_without_tenant(read)) == ("as it was",) * 3
    proving.prove()
    assert proof.asked == ["asked"]


def test_an_attempt_that_is_lost_before_the_answer_is_seen_asks_again(application: Database) -> None:
    proof, attempts = Holds(holds=True), iter(range(3))

    def lost_at_first(transaction: Transaction) -> str:
        if next(attempts) < 2:
            raise TryAgainError
        return read(transaction)

    assert application.proving(proof).run(TENANT, lost_at_first) == "as it was"
    assert len(proof.asked) == 3


def test_an_unknown_tenant_is_told_first(application: Database) -> None:
    with pytest.raises(NotFoundError):
        application.proving(Holds(holds=False, tenant="nowhere")).run("nowhere", read)


def test_it_takes_no_round_trip_of_its_own(stage: databases.Database) -> None:
    server = conninfo_to_dict(stage.app)
    with (
        counting_proxy(str(server["host"]), int(str(server["port"]))) as (port, turns),
        closing(Database(make_conninfo(stage.app, port=port), pool_size=1, request_seconds=10)) as application,
    ):
        counts: list[int] = []
        for database in (application, application, application.proving(Holds(holds=True))):
            turns.take()
            database.run(TENANT, read)
            counts.append(turns.take())
    assert counts[1:] == [2, 2]
