"""The job that makes the months to come of events and archives old ones: alone, beside others, and in their way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.config import Config, ConfigurationError
from chalicelib.database import transaction
from chalicelib.database.errors import LockWaitError
from chalicelib.jobs.budget import Budget
from chalicelib.jobs.make_partitions import make_partitions
from chalicelib.reporting.seal_events import seal_events, verify_events
from tests.consistency.world import TENANT, make_world
from tests.eventually import eventually
from tests.months import add_event, age_events, all_partitions, begin_three_months_ago
from tools.consistency import check
from tools.seals import main as seals

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.databases import Database

WAITING = """
SELECT count(*) FROM pg_locks AS lock JOIN pg_database AS ours ON ours.oid = lock.database
WHERE ours.datname = current_database() AND NOT lock.granted
"""
REQUIRED = {"DATABASE_URL": "postgresql:///", "BERTH_SIGNING_KEYS": f"k:{'x' * 32}"}


@pytest.fixture
def jobs(database: Database) -> Generator[transaction.Database]:
    way = transaction.Database(database.jobs, pool_size=4, request_seconds=10)
    try:
        yield way
    finally:
        way.close()


@pytest.fixture
def old(database: Database, jobs: transaction.Database) -> transaction.Database:
    """A database in which all happened, and was sealed, five months ago; its first partition ended three months ago."""
    begin_three_months_ago(database)
    make_world(database)
    age_events(database, 5)
    assert seal_events(jobs, TENANT) > 20
    return jobs


def archived(database: Database) -> int:
    with psycopg.connect(database.jobs) as connection:
        row = connection.execute("SELECT count(*) FROM archived_events").fetchone()
        assert row is not None
        return row[0]


def test_this_month_and_the_next_two_are_made_once(jobs: transaction.Database) -> None:
    assert make_partitions(jobs, Budget(20), None) == 3
    made = all_partitions(jobs)
    assert len(made) == 4
    assert make_partitions(jobs, Budget(20), None) == 0
    assert all_partitions(jobs) == made


def test_a_month_at_a_time_when_the_budget_is_spent(jobs: transaction.Database) -> None:
    for number in range(2, 5):
        assert make_partitions(jobs, Budget(0), None) == 1
        assert len(all_partitions(jobs)) == number
    assert make_partitions(jobs, Budget(0), None) == 0


def test_jobs_at_the_same_time_make_each_month_once(old: transaction.Database) -> None:
    with ThreadPoolExecutor(4) as threads:
        made = [threads.submit(make_partitions, old, Budget(20), 2) for _ in range(4)]
        assert sum(one.result() for one in made) == 4
    assert len(all_partitions(old)) == 4


def test_a_job_gives_way_to_who_reads_or_writes_and_says_so(database: Database, jobs: transaction.Database) -> None:
    before = all_partitions(jobs)
    with psycopg.connect(database.owner) as busy:
        busy.execute("SELECT FROM events")
        with pytest.raises(LockWaitError):
            make_partitions(jobs, Budget(0.1), None)
        assert all_partitions(jobs) == before
        with ThreadPoolExecutor(1) as threads:
            job = threads.submit(make_partitions, jobs, Budget(20), None)
            for _ in range(3):  # others wait for one attempt, and not until the job is through
                eventually(lambda: busy.execute(WAITING).fetchone() != (0,), "the job waits for who reads")
                with psycopg.connect(database.jobs) as other:
                    other.execute("SELECT FROM events, tenants")
            assert not job.done()
            busy.rollback()
            assert job.result() == 3


def test_nothing_is_archived_unless_it_is_asked_for(database: Database, old: transaction.Database) -> None:
    assert make_partitions(old, Budget(20), None) == 3
    assert make_partitions(old, Budget(20), 4) == 0  # it ended three months before this one
    assert archived(database) == 0


def test_archived_events_are_proved_and_sealed_like_the_others(database: Database, old: transaction.Database) -> None:
    before = verify_events(old, TENANT)
    assert (before.broken, before.archived) == (None, 0)
    assert make_partitions(old, Budget(20), 2) == 4
    assert archived(database) == before.events
    after = verify_events(old, TENANT)
    assert (after.broken, after.archived, after.head) == (None, before.events, before.head)
    assert {verdict.broken for verdict in check(database.jobs)} == {0}
    with psycopg.connect(database.owner) as owner:
        add_event(owner, 0, TENANT)
    assert seal_events(old, TENANT) == 1
    assert verify_events(old, TENANT).events == before.events + 1
    with psycopg.connect(database.app) as application:
        application.execute("SELECT set_config('app.tenant_id', id::text, true) FROM tenants WHERE slug = %s", [TENANT])
        assert application.execute("SELECT count(*) FROM events").fetchone() == (1,)


def test_the_audit_tells_archived_events_from_missing_ones(
    database: Database, old: transaction.Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.owner)
    make_partitions(old, Budget(20), 2)
    count = archived(database)
    assert seals(["verify", "--tenant", TENANT]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "holds" in line)
    assert [cell.strip() for cell in row.split("│")[1:-1]] == [TENANT, "1", str(count), str(count), "holds"]
    with psycopg.connect(database.owner) as owner:
        owner.execute("SET session_replication_role = replica")
        gone = owner.execute(
            "DELETE FROM events_first"
            " WHERE id = (SELECT id FROM events_first ORDER BY transaction_id, id LIMIT 1) RETURNING id"
        ).fetchall()
    assert seals(["verify", "--tenant", TENANT]) == 1
    assert f"BROKEN  {TENANT}: event {gone[0][0]}, under seal 1, is gone" in capsys.readouterr().out


@pytest.mark.parametrize("waits", ["outbox", "deliveries"])
def test_what_is_not_delivered_yet_keeps_its_month(database: Database, old: transaction.Database, waits: str) -> None:
    statements = {
        "outbox": "INSERT INTO outbox SELECT tenant_id, id FROM events ORDER BY id LIMIT 1",
        "deliveries": """INSERT INTO deliveries (tenant_id, id, event_id, channel, next_attempt_at, created_at)
            SELECT tenant_id, gen_random_uuid(), id, 'some_way', now(), now() FROM events ORDER BY id LIMIT 1""",
    }
    settled = {
        "outbox": "DELETE FROM outbox",
        "deliveries": "UPDATE deliveries SET outcome = 'dead', settled_at = now()",
    }
    with psycopg.connect(database.owner) as owner:
        owner.execute(statements[waits].encode())
    assert make_partitions(old, Budget(20), 2) == 3
    assert archived(database) == 0
    with psycopg.connect(database.owner) as owner:
        owner.execute(settled[waits].encode())
    assert make_partitions(old, Budget(20), 2) == 1
    assert archived(database) > 20


def test_an_id_of_an_archived_month_finds_no_place(database: Database, old: transaction.Database) -> None:
    """Nobody slips an event into what is archived."""
    make_partitions(old, Budget(20), 2)
    with psycopg.connect(database.owner) as owner, pytest.raises(psycopg.errors.CheckViolation):
        add_event(owner, -5, TENANT)


def test_how_many_months_are_kept_is_configured() -> None:
    assert Config.from_environment(REQUIRED).keep_months is None
    assert Config.from_environment(REQUIRED | {"BERTH_KEEP_MONTHS": "13"}).keep_months == 13
    with pytest.raises(ConfigurationError, match="BERTH_KEEP_MONTHS"):
        Config.from_environment(REQUIRED | {"BERTH_KEEP_MONTHS": "a year"})
