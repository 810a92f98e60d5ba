"""`./dev jobs`: what runs on a schedule, one of them now, and how the last runs went."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest

from chalicelib.scheduled import JOBS
from tests.platform.running import ROOT, dev

if TYPE_CHECKING:
    from pathlib import Path

    from tests.databases import Database

Jobs = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def jobs(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Jobs:
    """The command in this process; where it runs a job, in one of its own, as it makes what handlers need again."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = ["jobs", *arguments, f"--data-dir={tmp_path}"]
        if arguments[:1] != ("run",):
            return dev(capsys, *command)
        return subprocess.run(
            [sys.executable, "-m", "tools", *command], capture_output=True, text=True, check=False, cwd=ROOT
        )

    monkeypatch.setenv("DATABASE_URL", database.owner)
    monkeypatch.setenv("COLUMNS", "80")
    return run


def test_jobs_are_listed_run_and_looked_back_at(jobs: Jobs) -> None:
    table, rest = jobs().stdout.split("\n\n")
    listed = table.splitlines()
    assert [line.split()[0] for line in listed[1:]] == list(JOBS)
    assert all("never" in line for line in listed[1:])
    assert rest.splitlines() == ["Events that wait in the outbox: 0", "Dead deliveries: 0"]
    assert "No run is recorded." in jobs("last").stdout
    ran = jobs("run", "expire_holds")
    assert (ran.returncode, ran.stdout) == (0, "expire_holds: 0 changed\n"), ran.stderr
    (line,) = (line for line in jobs().stdout.splitlines() if line.startswith("expire_holds "))
    assert "rate(1 minute)" in line
    assert " ago " in line
    assert len(jobs("last", "expire_holds").stdout.splitlines()) == 2
    wrong = jobs("run", "sleep")
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("There is no job 'sleep'; there are expire_holds, ")


FAILING = """
INSERT INTO job_failures (job, item_id, tenant, attempts, first_failed_at, failed_at, next_attempt_at, error)
VALUES ('promote_pending', 'the-item', 'oaks', 3, '2027-05-01 10:00+00', '2027-05-01 10:03+00', '2027-05-01 10:07+00',
    %(error)s);
"""
ENDED = """
INSERT INTO job_runs (id, name, started_at, finished_at, changed, failed, error)
VALUES (gen_random_uuid(), 'promote_pending', '2027-05-01 10:00+00', '2027-05-01 10:01+00', 7, 1, %(error)s)
"""


@pytest.mark.parametrize("name", ["sweep_events", "make_partitions"])
def test_those_that_need_what_handlers_need_run_without_the_application(jobs: Jobs, name: str) -> None:
    ran = jobs("run", name)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_what_fails_is_shown_with_its_id_and_its_whole_error(database: Database, jobs: Jobs) -> None:
    assert jobs("failures").stdout == "Nothing fails.\n"
    error = "RaiseException: " + "something that takes more than a line of eighty columns to say, " * 3
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute(FAILING, {"error": error})
        owner.execute(ENDED, {"error": error})
    shown = jobs("failures").stdout
    assert shown == (
        "promote_pending: the-item of oaks\n"
        "  3 times since 2027-05-01 10:00:00 UTC\n"
        "  next attempt after 2027-05-01 10:07:00 UTC\n"
        f"  {error}\n"
    )
    assert jobs("failures", "promote_pending").stdout == shown
    assert jobs("failures", "expire_holds").stdout == "Nothing fails.\n"
    for listed in (jobs().stdout, jobs("last").stdout):
        (line,) = (line for line in listed.splitlines() if line.startswith("promote_pending  "))
        assert line.split()[-2:] == ["7", "1"]
        assert f"promote_pending, 2027-05-01 10:00:00 UTC:\n  {error}\n" in listed
    assert "\nItems that fail: 1 - see ./dev jobs failures\n" in jobs().stdout


EVENTS = """
WITH tenant AS (
    INSERT INTO tenants (id, slug, name, timezone, currency)
    VALUES (gen_random_uuid(), 'oaks', 'Oaks', 'UTC', 'EUR') RETURNING id
)
INSERT INTO events (tenant_id, id, type, entity_kind, entity_id, actor_kind, occurred_at)
SELECT tenant.id, spread.id, 'reservation.created', 'reservation', spread.id, 'guest', now() - interval '3 hours'
FROM tenant, unnest(%s::uuid[]) AS spread (id)
"""
DEAD = """
INSERT INTO deliveries (tenant_id, id, event_id, channel, attempts, next_attempt_at, outcome, last_error, created_at,
    settled_at)
SELECT tenant_id, id, id, 'pigeons', 10, now() - interval '1 hour', 'dead', 'It is raining.', now(),
    now() - interval '2 days'
FROM events WHERE id = ANY(%s)
"""


def test_events_that_were_found_late_are_shown_by_who_found_them(database: Database, jobs: Jobs) -> None:
    with psycopg.connect(database.owner) as owner:
        owner.execute("INSERT INTO late_events VALUES ('sweep', 1234, now() - interval '2 hours')")
    late = "Events that waited more than 5 s in the outbox before the sweep found them: 1,234, the last 2 h ago"
    assert late in jobs().stdout.splitlines()


def test_dead_deliveries_are_counted_shown_and_made_due_again(database: Database, jobs: Jobs) -> None:
    one, other, waits = uuid4(), uuid4(), uuid4()
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute(EVENTS, [[one, other, waits]])
        owner.execute(DEAD, [[one, other]])
        owner.execute("DELETE FROM outbox WHERE event_id != %s", [waits])

        def due() -> list[tuple[Any, ...]]:
            query = "SELECT id, attempts FROM deliveries WHERE outcome IS NULL AND next_attempt_at <= now() ORDER BY id"
            return owner.execute(query).fetchall()

        counted = jobs().stdout
        assert "\nEvents that wait in the outbox: 1, the oldest 3 h ago\n" in counted
        assert "\nDead deliveries: 2, the oldest 2 d ago - see ./dev jobs dead\n" in counted
        shown = jobs("dead").stdout
        assert f"{one}  dead since " in shown
        assert f"  oaks  reservation.created {one}\n  pigeons, 10 attempts: It is raining.\n" in shown
        again = jobs("retry", str(one))
        assert (again.returncode, due()) == (0, [(one, 0)]), again.stderr
        assert str(one) not in jobs("dead").stdout
        assert jobs("retry", "--all").stdout.startswith("Due again: 1.")
        assert due() == sorted([(one, 0), (other, 0)])
    assert jobs("dead").stdout == "No delivery is dead.\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["retry"], "Say which delivery,"),
        (["retry", "--all", "019a9c1f-6e31-7a44-8d52-3f8e0b1f9f10"], "Say which delivery,"),
        (["retry", "all"], "'all' is no id of a delivery;"),
        (["retry", "019a9c1f-6e31-7a44-8d52-3f8e0b1f9f10"], "No dead delivery has the id 019a9c1f"),
    ],
    ids=["none", "both", "no id", "unknown"],
)
def test_what_cannot_be_retried_is_said(jobs: Jobs, arguments: list[str], message: str) -> None:
    done = jobs(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith(message)
