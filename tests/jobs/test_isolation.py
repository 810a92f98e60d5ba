"""One bad row is one bad row: each item of each scheduled function fails in turn, and all others are done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import psycopg
import pytest

from chalicelib.availability import waitlist_precedence
from chalicelib.core.errors import ContentionError
from chalicelib.database.errors import TryAgainError
from chalicelib.database.transaction import Database
from chalicelib.http.idempotency import run_once
from chalicelib.http.stored_answers import Answer, Claim
from chalicelib.jobs.budget import Budget
from chalicelib.reservations.model.reservations import Action
from chalicelib.run_jobs import run_on
from chalicelib.scheduled import JOBS
from tests.jobs.test_every_job import PROVEN_DOMAIN
from tests.jobs.test_every_job import emails as emails  # the fixture for whatever sends
from tests.stage import MINUTE, TENANT, Stage, hours, offer, open_stage
from tests.waiting.test_waitlist import join

if TYPE_CHECKING:
    from chalicelib.database.transaction import Transaction
    from tests import databases

OFFERS = (
    offer("held", {"kind": "hold", "hold_minutes": 10}, capacity=50),
    offer("room", {"kind": "pending"}, capacity=50),
    offer("watched", capacity=50, no_show_after_minutes=15),
    offer("open", capacity=50),
    offer("pool", capacity=3),
)
BREAK = """
CREATE FUNCTION break_it() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'broken on purpose';
END
$$;
"""
TENANTS = """
WITH added AS (
    INSERT INTO tenants (id, slug, name, timezone, currency)
    SELECT gen_random_uuid(), 'house-' || number, 'House', 'UTC', 'EUR' FROM generate_series(1, 2) AS number
    ON CONFLICT DO NOTHING
)
SELECT 1
"""
EVENTS = """
INSERT INTO events (tenant_id, id, type, entity_kind, entity_id, actor_kind, occurred_at)
SELECT id, gen_random_uuid(), 'tenant.updated', 'tenant', id, 'system', clock_now() FROM tenants
"""
CONNECTION = """
INSERT INTO connections (id, tenant_id, role, user_id, session_id, name, connected_at, last_seen_at, counted_from)
SELECT %s, id, 'agent', gen_random_uuid(), gen_random_uuid(), 'Ada', clock_now(), clock_now(), clock_now()
FROM tenants WHERE slug = %s
"""
LOCK = """
INSERT INTO edit_locks (tenant_id, id, resource_id, during, holder_id, holder_name, fencing, acquired_at, expires_at)
SELECT id, %s, %s, tstzrange(%s, %s), gen_random_uuid(), 'Ada', nextval('edit_lock_fencing'), clock_now(),
    clock_now() - interval '1 second'
FROM tenants WHERE slug = %s
"""


SUSPEND = "UPDATE tenants SET suspended_at = clock_now(), suspended_reason = 'unpaid'"
RESTORE = "UPDATE tenants SET suspended_at = NULL, suspended_reason = NULL"


@dataclass(frozen=True)
class Case:
    """Something that is due several times: how it is made, where it is broken, and how it is seen to be undone."""

    make: Callable[[Stage, int], Sequence[object]]
    breaks: str
    left: str


def ask(stage: Stage, query: str, *values: object) -> list[tuple[object, ...]]:
    with psycopg.connect(stage.databases.owner) as owner:
        found = owner.execute(query.encode(), values)
        return found.fetchall() if found.description else []


def reserved(slug: str, ends_in: timedelta) -> Callable[[Stage, int], Sequence[object]]:
    def make(stage: Stage, turn: int) -> Sequence[object]:
        first = 1 + 3 * turn
        made = [stage.reserve(slug, hours(first, first + 1)).id for _ in range(3)]
        stage.pass_by(ends_in)
        return made

    return make


def waiting(stage: Stage, turn: int) -> Sequence[object]:
    times = hours(40 + turn, 41 + turn)
    taken = stage.reserve("pool", times, quantity=3)
    entries = [join(stage, "pool", times).id for _ in range(3)]
    stage.step(taken, Action.CANCEL)
    return entries


def keys(stage: Stage, turn: int) -> Sequence[object]:
    made = [f"key-{turn}-{number}" for number in range(3)]
    for key in made:
        claim = Claim("anyone:", "POST /", key, b"hash")
        run_once(stage.application, TENANT, claim, lambda _: None, lambda _: Answer(200, {}, ""))
    stage.pass_by(timedelta(days=2))
    return made


def tenants(stage: Stage, turn: int) -> Sequence[object]:
    del turn
    ask(stage, TENANTS)
    ask(stage, EVENTS)
    return [row[0] for row in ask(stage, "SELECT id FROM tenants ORDER BY slug")]


def proven(stage: Stage, turn: int) -> Sequence[object]:
    made = tenants(stage, turn)
    ask(stage, PROVEN_DOMAIN + " RETURNING id")
    return made


def locks(stage: Stage, turn: int) -> Sequence[object]:
    made = [uuid4() for _ in range(3)]
    for number, lock_id in enumerate(made):
        times = hours(100 + 5 * turn + number, 101 + 5 * turn + number)
        ask(stage, LOCK, lock_id, stage.resources["open"], times.starts_at, times.ends_at, TENANT)
    return made


def lost(stage: Stage, turn: int) -> Sequence[object]:
    made = [f"lost-{turn}-{number}" for number in range(3)]
    for connection_id in made:
        ask(stage, CONNECTION, connection_id, TENANT)
    return made


RESERVATION = "UPDATE ON reservations FOR EACH ROW WHEN (old.id = '{item}')"
STATE = "SELECT id FROM reservations WHERE id = ANY(%s) AND state IN ('held', 'pending', 'confirmed') AND {left}"
CASES = {
    "expire_holds": Case(reserved("held", 10 * MINUTE), RESERVATION, STATE.format(left="true")),
    "promote_pending": Case(reserved("room", MINUTE), RESERVATION, STATE.format(left="state = 'pending'")),
    "mark_no_shows": Case(reserved("watched", timedelta(hours=3)), RESERVATION, STATE.format(left="true")),
    "complete_stays": Case(reserved("open", timedelta(hours=3)), RESERVATION, STATE.format(left="true")),
    "offer_waitlist_places": Case(
        waiting,
        "UPDATE ON waitlist_entries FOR EACH ROW WHEN (old.id = '{item}')",
        "SELECT id FROM waitlist_entries WHERE id = ANY(%s) AND state = 'waiting'",
    ),
    "remove_past_allocations": Case(
        reserved("open", timedelta(hours=3)),
        "DELETE ON allocations FOR EACH ROW WHEN (old.owner_id = '{item}')",
        "SELECT owner_id FROM allocations WHERE owner_id = ANY(%s)",
    ),
    "remove_old_records": Case(
        keys,
        "DELETE ON idempotency_keys FOR EACH ROW WHEN (old.key = '{item}')",
        "SELECT key FROM idempotency_keys WHERE key = ANY(%s)",
    ),
    "seal_events": Case(
        tenants,
        "INSERT ON event_seals FOR EACH ROW WHEN (new.tenant_id = '{item}')",
        "SELECT id FROM tenants WHERE id = ANY(%s) AND (SELECT count(*) FROM event_seals WHERE tenant_id = id)"
        " < (SELECT max(sealed) FROM (SELECT count(*) AS sealed FROM event_seals GROUP BY tenant_id) AS most)",
    ),
    "refresh_statistics": Case(
        tenants,
        "INSERT OR UPDATE ON statistics_progress FOR EACH ROW WHEN (new.tenant_id = '{item}')",
        "SELECT id FROM tenants AS tenant WHERE id = ANY(%s)"
        " AND NOT EXISTS (SELECT FROM statistics_progress AS progress WHERE tenant_id = tenant.id AND NOT EXISTS ("
        "SELECT FROM events WHERE events.tenant_id = tenant.id AND events.transaction_id >= progress.transaction_id))",
    ),
    "recheck_domains": Case(
        proven,
        "UPDATE ON tenants FOR EACH ROW WHEN (old.id = '{item}')",
        "SELECT id FROM tenants WHERE id = ANY(%s) AND domain_checked_at < clock_now() - interval '1 day'",
    ),
    "expire_edit_locks": Case(
        locks,
        "DELETE ON edit_locks FOR EACH ROW WHEN (old.id = '{item}')",
        "SELECT id FROM edit_locks WHERE id = ANY(%s)",
    ),
    "reap_connections": Case(
        lost,
        "DELETE ON connections FOR EACH ROW WHEN (old.id = '{item}')",
        "SELECT id FROM connections WHERE id = ANY(%s)",
    ),
}
OTHERWISE = {"make_partitions", "sweep_events"}
"""Each step of the one depends on the one before; each attempt of the other has its own outcome (test_outbox)."""


def test_every_job_is_tried() -> None:
    assert CASES.keys() | OTHERWISE == JOBS.keys()


def failures(stage: Stage) -> list[tuple[object, ...]]:
    return ask(stage, "SELECT job, item_id, attempts, error FROM job_failures ORDER BY item_id")


@pytest.fixture(autouse=True)
def only_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    def later(database: Database, queues: Sequence[tuple[str, UUID]]) -> None:
        del database, queues

    monkeypatch.setattr(waitlist_precedence, "offer_each", later)


@pytest.mark.parametrize("name", CASES)
def test_each_item_fails_in_turn_and_all_others_are_done(database: databases.Database, name: str) -> None:
    case = CASES[name]
    with open_stage(database, *OFFERS) as stage:
        ask(stage, BREAK)
        for turn in range(3):
            items = list(case.make(stage, turn))
            assert len(items) == 3
            broken = items[turn]
            ask(stage, f"CREATE TRIGGER broken BEFORE {case.breaks.format(item=broken)} EXECUTE FUNCTION break_it()")
            run_on(stage.jobs, name, 30)
            assert [row[0] for row in ask(stage, case.left, items)] == [broken]
            ((job, _, attempts, error),) = failures(stage)
            assert (job, attempts) == (name, 1)
            assert error == "RaiseException: broken on purpose"
            run_on(stage.jobs, name, 30)
            assert failures(stage)[0][2] == 1
            table = case.breaks.split(" ON ")[1].split()[0]
            ask(stage, f"DROP TRIGGER broken ON {table}")
            stage.pass_by(MINUTE)
            run_on(stage.jobs, name, 30)
            assert ask(stage, case.left, items) == []
            assert failures(stage) == []


def test_what_fails_again_is_tried_later_each_time(database: databases.Database) -> None:
    with open_stage(database, *OFFERS) as stage:
        (broken, *_) = CASES["expire_holds"].make(stage, 0)
        ask(stage, BREAK)
        ask(stage, f"CREATE TRIGGER broken BEFORE {RESERVATION.format(item=broken)} EXECUTE FUNCTION break_it()")
        waits: list[object] = []
        for minutes in (0, 1, 2, 4):
            stage.pass_by(minutes * MINUTE)
            run_on(stage.jobs, "expire_holds", 30)
            waits += ask(stage, "SELECT attempts, (next_attempt_at - failed_at)::text FROM job_failures")
        assert waits == [(1, "00:01:00"), (2, "00:02:00"), (3, "00:04:00"), (4, "00:08:00")]


def test_a_suspended_tenant_stops_nobody_else(database: databases.Database) -> None:
    """What is its own waits until it is restored: nothing of it changes, nothing is sent, nothing is sealed."""
    with open_stage(database, *OFFERS) as stage:
        suspended, *others = tenants(stage, 0)
        held = stage.reserve("held", hours(1, 2))
        ask(stage, SUSPEND + " WHERE id = %s", suspended)
        for name in JOBS:
            run_on(stage.jobs, name, 30)
        assert failures(stage) == []
        sealed = {row[0] for row in ask(stage, "SELECT tenant_id FROM event_seals")}
        assert sealed == set(others)
        assert {row[0] for row in ask(stage, "SELECT tenant_id FROM statistics_progress")} == set(others)
        ask(stage, RESTORE)
        ask(stage, SUSPEND + " WHERE slug = %s", TENANT)
        stage.pass_by(10 * MINUTE)
        run_on(stage.jobs, "expire_holds", 30)
        assert ask(stage, "SELECT state FROM reservations WHERE id = %s", held.id) == [("held",)]
        ask(stage, RESTORE)
        run_on(stage.jobs, "expire_holds", 30)
        assert ask(stage, "SELECT state FROM reservations WHERE id = %s", held.id) == [("expired",)]


def test_retries_end_with_the_time_of_a_run(database: databases.Database) -> None:
    def always_lost(transaction: Transaction) -> None:
        assert transaction.now
        raise TryAgainError

    # A transaction by itself would be repeated for an hour, and the test be stopped.
    with closing(Database(database.jobs, pool_size=1, request_seconds=3600)) as jobs, pytest.raises(ContentionError):
        jobs.until(Budget(0.1).ends_at).run_without_tenant(always_lost)
