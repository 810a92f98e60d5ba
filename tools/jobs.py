"""`./dev jobs`: the scheduled functions, one of them now, how the last runs went, and what could not be delivered."""

from __future__ import annotations

import argparse
import importlib
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from rich.console import Console
from rich.table import Table

from chalicelib.database.transaction import Database
from chalicelib.delivery.storage import outbox
from chalicelib.jobs.storage import jobs
from chalicelib.run_jobs import run_on
from chalicelib.scheduled import JOBS
from local.aws.serve import serve_aws
from local.background import scheduled_functions
from local.environment import DEFAULT_PATH, open_database, read_functions
from local.errors import CommandError
from tools.command_line import positive_duration

if TYPE_CHECKING:
    from collections.abc import Generator

    from chalicelib.jobs.storage.jobs import Run

SECONDS = 60
MOST_RUNS = 20
MOST_DEAD = 50
MOST_FAILURES = 50


def main(arguments: list[str]) -> int:
    """List, run, look back, or see to what could not be delivered."""
    options = _parser().parse_intermixed_args(arguments)
    if options.command == "run" and options.name not in JOBS:
        message = f"There is no job {options.name!r}; there are {', '.join(JOBS)}."
        raise CommandError(message)
    again = _retried(options.name, every=options.all) if options.command == "retry" else None
    with _database(options.data_dir) as database:
        if options.command == "run":
            changed = run_on(database, options.name, options.seconds)
            print(f"{options.name}: {changed} changed")
        elif options.command == "last":
            found = database.run_without_tenant(lambda work: jobs.list_runs(work, options.name, MOST_RUNS))
            _show(found)
        elif options.command == "failures":
            _show_failures(database, options.name)
        elif options.command == "dead":
            _show_dead(database)
        elif options.command == "retry":
            _retry(database, again)
        else:
            _list(database)
    return 0


def _list(database: Database) -> None:
    last = database.run_without_tenant(jobs.last_runs)
    failing = database.run_without_tenant(jobs.count_failures)
    table = _table("job", "when", "last run", "took", "changed", "failing")
    errors: list[Run] = []
    for one in scheduled_functions(importlib.import_module("app")):
        run = last.get(one.name)
        told = ("never", "", "") if run is None else (_ago(run.started_at), *_cells(run))
        table.add_row(one.name, one.expression, *told, str(failing.get(one.name, "") or ""))
        errors += [run] if run is not None and run.error else []
    Console().print(table)
    _say_errors(errors)
    if failing:
        print(f"\nItems that fail: {sum(failing.values()):,} - see ./dev jobs failures")
    backlog = database.run_without_tenant(outbox.read_backlog)
    print()
    hint = " - see ./dev jobs dead" if backlog.dead else ""
    print(f"Events that wait in the outbox: {_counted(backlog.waiting, backlog.waiting_since)}")
    print(f"Dead deliveries: {_counted(backlog.dead, backlog.dead_since)}{hint}")
    for late in database.run_without_tenant(outbox.list_late):
        waited = f"{outbox.LATE_SECONDS} s in the outbox before the {late.found_by} found them"
        print(f"Events that waited more than {waited}: {late.count:,}, the last {_ago(late.last_at)}")


def _counted(count: int, since: datetime | None) -> str:
    return f"{count:,}" if since is None else f"{count:,}, the oldest {_ago(since)}"


def _show_dead(database: Database) -> None:
    found = database.run_without_tenant(lambda work: outbox.list_dead(work, MOST_DEAD))
    if not found:
        print("No delivery is dead.")
    for dead in found:
        print(f"{dead.id}  dead since {dead.dead_since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")
        print(f"  {dead.tenant}  {dead.type} {dead.entity_id}")
        print(f"  {dead.channel}, {dead.attempts} attempts: {dead.last_error or 'no error is known'}")
    if len(found) == MOST_DEAD:
        print(f"These are the latest {MOST_DEAD}.")


def _retried(name: str | None, *, every: bool) -> UUID | None:
    """Which delivery is to be tried again; None: all."""
    if (name is None) != every:
        message = "Say which delivery, by the id that ./dev jobs dead shows, or --all for every dead one."
        raise CommandError(message)
    try:
        return None if name is None else UUID(name)
    except ValueError as error:
        message = f"{name!r} is no id of a delivery; ./dev jobs dead shows them."
        raise CommandError(message) from error


def _retry(database: Database, delivery_id: UUID | None) -> None:
    count = database.run_without_tenant(lambda work: outbox.retry_dead(work, delivery_id))
    if delivery_id is not None and not count:
        message = f"No dead delivery has the id {delivery_id}; ./dev jobs dead shows those there are."
        raise CommandError(message)
    print(f"Due again: {count:,}. The next sweep_events tries them; ./dev jobs run sweep_events does so now.")


def _show(runs: list[Run]) -> None:
    if not runs:
        print("No run is recorded.")
        return
    table = _table("job", "began (UTC)", "", "took", "changed", "failed")
    for run in runs:
        began = f"{run.started_at:%Y-%m-%d %H:%M:%S}"
        table.add_row(run.name, began, _ago(run.started_at), *_cells(run), str(run.failed or ""))
    Console().print(table)
    _say_errors(runs)


def _say_errors(runs: list[Run]) -> None:
    """Below the table, each on lines of its own: a column of it would be a few characters wide."""
    for run in runs:
        if run.error:
            print(f"\n{run.name}, {run.started_at:%Y-%m-%d %H:%M:%S} UTC:\n  {run.error}")


def _show_failures(database: Database, job: str | None) -> None:
    found = database.run_without_tenant(lambda work: jobs.list_failures(work, job, MOST_FAILURES))
    if not found:
        print("Nothing fails.")
    for one in found:
        where = "" if one.tenant is None else f" of {one.tenant}"
        print(f"{one.job}: {one.item_id}{where}")
        print(f"  {one.attempts} times since {one.first_failed_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")
        print(f"  next attempt after {one.next_attempt_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")
        print(f"  {one.error}")
    if len(found) == MOST_FAILURES:
        print(f"These are the latest {MOST_FAILURES}.")


def _table(name: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False)  # 80 columns hold it
    table.add_column(name, no_wrap=True)  # it is typed after `run`
    for other in others:
        table.add_column(other, no_wrap=True)
    return table


def _cells(run: Run) -> tuple[str, str]:
    took = (run.finished_at - run.started_at).total_seconds()
    return f"{took * 1000:.0f} ms" if took < 1 else f"{took:.1f} s", str(run.changed)


def _ago(at: datetime) -> str:
    seconds = int((datetime.now(UTC) - at).total_seconds())
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit} ago"
    return f"{max(0, seconds)} s ago"


@contextmanager
def _database(data_dir: Path) -> Generator[Database]:
    with open_database(data_dir) as cluster, serve_aws(data_dir) as aws:
        os.environ.update(read_functions(data_dir, cluster) | aws)
        database = Database(cluster.jobs_dsn(), pool_size=4, request_seconds=SECONDS)
        try:
            yield database
        finally:
            database.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev jobs", description=__doc__)
    parser.add_argument(
        "command", nargs="?", choices=["list", "run", "last", "failures", "dead", "retry"], default="list"
    )
    parser.add_argument(
        "name", nargs="?", help="of the job, for run, last and failures; for retry the id of a delivery"
    )
    parser.add_argument("--all", action="store_true", help="for retry: every dead delivery")
    parser.add_argument(
        "--seconds", type=positive_duration, default=SECONDS, help=f"for how long it may go on ({SECONDS})"
    )
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_PATH, help="whose database (.local)")
    return parser
