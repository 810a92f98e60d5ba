"""Every scheduled function: run twice, by several at once, and killed half-way, the same comes of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

import app
from chalicelib.database.transaction import Database
from chalicelib.http.idempotency import run_once
from chalicelib.http.stored_answers import Answer, Claim
from chalicelib.jobs.budget import Budget
from chalicelib.reservations.model.reservations import Action
from chalicelib.scheduled import JOBS
from local.background import scheduled_functions
from tests.databases import new_database
from tests.eventually import all_transactions_end
from tests.stage import MINUTE, TENANT, Stage, hours, offer, open_stage, reopen_stage
from tests.waiting.test_waitlist import join

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from local.postgres.cluster import Cluster
    from tests import databases

HELD = offer("held", {"kind": "hold", "hold_minutes": 10}, capacity=50)
ROOM = offer("room", {"kind": "pending"})
WATCHED = offer("watched", capacity=50, no_show_after_minutes=15)
OPEN = offer("open", capacity=50)
DERIVED = ("job_runs", "statistics_progress", "event_seals")
"""What tells of runs, or of transactions by their numbers, differs from one database to another."""
CONTENT = """
SELECT count(*), coalesce(sum(hashtextextended(row_text, 0)), 0) FROM (
    SELECT (to_jsonb(one) - '{ignored}'::text[])::text AS row_text FROM {table} AS one
) AS rows
"""
IGNORED = (
    "id,event_id,occurred_at,transaction_id,oldest_running,updated_at,next_attempt_at,created_at,settled_at,attempts,"
    "actor_id"
)


DEAD_CONNECTION = """
WITH desk AS (
    INSERT INTO connections (id, tenant_id, role, user_id, session_id, name, connected_at, last_seen_at, counted_from)
    SELECT 'dead', id, 'agent', gen_random_uuid(), gen_random_uuid(), 'Ada', clock_now(), clock_now(), clock_now()
    FROM tenants WHERE slug = %(tenant)s
    RETURNING *
)
INSERT INTO edit_locks (
    tenant_id, id, resource_id, during, holder_id, holder_name, connection_id, fencing, acquired_at, expires_at
)
SELECT tenant_id, gen_random_uuid(), %(resource)s, tstzrange('2030-01-01 00:00+00', '2030-01-02 00:00+00'), user_id,
    name, id, 1, clock_now(), clock_now() + interval '1 minute'
FROM desk
"""


PROVEN_DOMAIN = """
UPDATE tenants SET
    domain = slug || '.example.com', domain_token = 'x',
    domain_verified_at = clock_now() - interval '2 days', domain_checked_at = clock_now() - interval '2 days'
"""


class KilledError(BaseException):
    """What stops a job between two statements, whatever it would catch."""


class Fragile(Database):
    """A database whose next transactions are lost just before their COMMIT."""

    losses = 0

    def run_without_tenant(self, work: Callable[..., Any], **isolation: Any) -> Any:  # noqa: ANN401 - as it was
        return super().run_without_tenant(self._lost(work), **isolation)

    def run(self, tenant: str, work: Callable[..., Any], **isolation: Any) -> Any:  # noqa: ANN401 - as it was
        return super().run(tenant, self._lost(work), **isolation)

    def _lost(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def attempt(transaction: Any) -> Any:  # noqa: ANN401 - passed on
            answer = work(transaction)
            transaction.settle()
            if transaction.changes and self.losses:
                self.losses -= 1
                raise KilledError
            return answer

        return attempt


def fill(stage: Stage) -> None:
    """Something is due for every job."""
    for number in range(6):
        stage.reserve("held", hours(5, 6))
        stage.reserve("room", hours(5 + number // 2, 6 + number // 2))
        stage.reserve("watched", hours(0.5, 1))
        stage.reserve("open", hours(0.5, 1))
    come = stage.reserve("watched", hours(1, 2))
    join(stage, "open", hours(0.5, 1), quantity=45)
    full = stage.reserve("open", hours(80, 81), quantity=50)
    for _ in range(3):
        join(stage, "open", hours(80, 81), quantity=20)
    stage.step(full, Action.CANCEL)
    with psycopg.connect(stage.databases.owner) as owner:
        owner.execute(DEAD_CONNECTION.encode(), {"tenant": TENANT, "resource": stage.resources["room"]})
        owner.execute(PROVEN_DOMAIN)
    stage.pass_by(60 * MINUTE)
    stage.step(come, Action.CHECK_IN)
    claim = Claim("anyone:", "POST /", "old", b"hash")
    run_once(stage.application, TENANT, claim, lambda _: None, lambda _: Answer(200, {}, ""))
    stage.pass_by(timedelta(days=2))


def content(stage: Stage) -> Mapping[str, Any]:
    """What every table holds, but for ids and instants of its own."""
    with psycopg.connect(stage.databases.owner) as owner:
        query = "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        tables = sorted(name for (name,) in owner.execute(query) if name not in DERIVED)
        return {
            table: owner.execute(
                CONTENT.replace("{table}", table).replace("{ignored}", "{" + IGNORED + "}").encode()
            ).fetchone()
            for table in tables
        }


def outcome(stage: Stage) -> list[tuple[str, str, int]]:
    """How the reservations stand, and how many events tell of them: the same however a job came to its end."""
    with psycopg.connect(stage.databases.owner) as owner:
        query = """
        SELECT resource.slug, reservation.state, count(*)::int FROM reservations AS reservation
        JOIN resources AS resource ON resource.id = reservation.resource_id GROUP BY 1, 2
        UNION ALL SELECT 'events', type, count(*)::int FROM events GROUP BY 2
        UNION ALL SELECT 'allocations', owner_kind, count(*)::int FROM allocations GROUP BY 2
        UNION ALL SELECT 'keys', '', count(*)::int FROM idempotency_keys
        UNION ALL SELECT 'deliveries', coalesce(outcome, ''), count(*)::int FROM deliveries GROUP BY 2
        UNION ALL SELECT 'waitlist', state, count(*)::int FROM waitlist_entries GROUP BY 2
        UNION ALL SELECT 'outbox', '', count(*)::int FROM outbox
        UNION ALL SELECT 'connections', '', count(*)::int FROM connections
        UNION ALL SELECT 'edit locks', '', count(*)::int FROM edit_locks
        UNION ALL SELECT 'months', name::text, 1 FROM event_partitions
        ORDER BY 1, 2"""
        return owner.execute(query).fetchall()


def no_records(_name: str) -> frozenset[str]:
    """What the DNS says."""
    return frozenset()


class CountingSender:
    """Counts the emails, and sends none."""

    def __init__(self) -> None:
        self.sent: list[object] = []

    def __call__(self, email: object, until: float = 0) -> bool:
        del until
        self.sent.append(email)
        return True


@pytest.fixture(autouse=True)
def emails(monkeypatch: pytest.MonkeyPatch) -> CountingSender:
    from chalicelib import consume_queue
    from chalicelib.delivery.channels.guest_emails import NAME, GuestEmails
    from chalicelib.jobs import make_partitions
    from chalicelib.realtime import reap_dead_connections
    from chalicelib.tenants import recheck_domains

    post = CountingSender()
    by_email = {NAME: GuestEmails(post, lambda _tenant, _id, _generation: None, "berth@example.org")}
    monkeypatch.setattr(make_partitions, "keep_months", lambda: None)
    monkeypatch.setattr(reap_dead_connections, "close_connection", CountingSender())
    monkeypatch.setattr(recheck_domains, "read_records", no_records)
    monkeypatch.setattr(consume_queue, "channels", lambda: by_email)
    return post


@pytest.fixture(scope="module")
def filled(module_database: databases.Database) -> tuple[str, dict[str, UUID]]:
    """A database in which something is due for every job, to be copied, and the ids of its resources."""
    with open_stage(module_database, HELD, ROOM, WATCHED, OPEN) as stage:
        fill(stage)
    return module_database.name, stage.resources


def alone(stage: Stage, name: str) -> None:
    JOBS[name].work(stage.jobs, Budget(30))


def twice(stage: Stage, name: str) -> None:
    alone(stage, name)
    before = content(stage)
    assert JOBS[name].work(stage.jobs, Budget(30)) == 0
    assert content(stage) == before


def at_once(stage: Stage, name: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(JOBS[name].work, stage.jobs, Budget(30)) for _ in range(4)]:
            done.result()
    alone(stage, name)  # rows that two looked at together were left to the next run


def killed(stage: Stage, name: str) -> None:
    fragile = Fragile(stage.databases.jobs, pool_size=1, request_seconds=10)
    try:
        for losses in (1, 2):
            fragile.losses = losses
            for _ in range(losses):
                with pytest.raises(KilledError):
                    JOBS[name].work(fragile, Budget(30))
                all_transactions_end(stage.databases.owner)  # until then the next run leaves its rows to it
    finally:
        fragile.close()
    alone(stage, name)


@pytest.mark.parametrize("name", JOBS)
def test_however_a_job_runs_the_same_comes_of_it(
    cluster: Cluster, filled: tuple[str, dict[str, UUID]], name: str
) -> None:
    template, resources = filled
    found: dict[str, Any] = {}
    for way in (alone, twice, at_once, killed):
        with new_database(cluster, template) as copy, reopen_stage(copy, resources) as stage:
            way(stage, name)
            found[way.__name__] = outcome(stage)
            assert stage.broken() == []
    for way, came in found.items():
        assert came == found["alone"], way


def test_every_job_is_scheduled_and_everything_scheduled_is_a_job() -> None:
    assert {one.name for one in scheduled_functions(app)} == set(JOBS)
