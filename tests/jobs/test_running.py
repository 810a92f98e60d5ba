"""Jobs run on their schedules, write down how it went, and can be looked at and run by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import app
from chalicelib.jobs import JOBS, Job
from chalicelib.jobs.running import run_job
from chalicelib.storage import transaction
from chalicelib.storage.job_runs import begin_run, last_runs, list_runs
from local.errors import CommandError
from local.jobs import main
from tests.check.world import make_world

if TYPE_CHECKING:
    from collections.abc import Generator

    from chalicelib.services.budget import Budget
    from chalicelib.storage.job_runs import JobRun
    from tests.databases import Database


@pytest.fixture
def jobs(database: Database) -> Generator[transaction.Database]:
    application = transaction.Database(database.jobs, pool_size=2, request_seconds=10)
    try:
        yield application
    finally:
        application.close()


def runs(jobs: transaction.Database, name: str | None = None) -> list[JobRun]:
    return jobs.run_without_tenant(lambda work: list_runs(work, name, 10))


def test_app_declares_each_job_under_its_name_and_with_its_schedule() -> None:
    declared = {
        source.name: source.schedule_expression
        for source in app.app.event_sources
        if hasattr(source, "schedule_expression")
    }
    assert declared == {job.name: job.schedule for job in JOBS.values()}


def test_a_run_says_when_how_long_and_how_much(jobs: transaction.Database) -> None:
    seven = Job("seven", "rate(1 minute)", lambda _database, _budget: 7)
    assert [run_job(seven, jobs), run_job(seven, jobs)] == [7, 7]
    latest, first = runs(jobs, "seven")
    assert (latest.name, latest.changed, latest.error) == ("seven", 7, None)
    assert latest.seconds is not None
    assert latest.seconds >= 0
    assert first.started_at <= latest.started_at
    assert jobs.run_without_tenant(lambda work: last_runs(work, ["seven", "never"])) == {"seven": latest}


def test_a_failure_is_recorded_without_what_it_quotes_and_goes_on_to_whoever_called(jobs: transaction.Database) -> None:
    def fail(_database: transaction.Database, _budget: Budget) -> int:
        message = "the third one broke\nDETAIL: ada@example.org"
        raise RuntimeError(message)

    with pytest.raises(RuntimeError):
        run_job(Job("failing", "rate(1 minute)", fail), jobs)
    (run,) = runs(jobs)
    assert (run.changed, run.error) == (None, "RuntimeError: the third one broke")


def test_a_run_that_was_killed_stays_unfinished(jobs: transaction.Database) -> None:
    jobs.run_without_tenant(lambda work: begin_run(work, "killed"))
    (run,) = runs(jobs)
    assert (run.seconds, run.changed, run.error) == (None, None, None)


def test_jobs_are_listed_run_and_looked_back_at(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", database.owner)
    monkeypatch.setenv("COLUMNS", "120")
    make_world(database)
    assert main(["run", "seal_events"]) == 0
    assert "events" not in (said := capsys.readouterr().out)
    assert int(said.removeprefix("seal_events: ").removesuffix(" changed\n")) > 20
    assert main([]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in JOBS)
    assert "never" in listed
    assert main(["last", "seal_events"]) == 0
    assert "changed in" in capsys.readouterr().out


def test_a_job_that_is_none_is_one_sentence() -> None:
    with pytest.raises(CommandError, match="There is no job 'tidy'"):
        main(["run", "tidy"])
