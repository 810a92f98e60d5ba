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

from chalicelib.jobs.registry import JOBS
from chalicelib.jobs.running import run_on
from chalicelib.storage import jobs, outbox
from chalicelib.storage.transaction import Database
from local.aws.serve import serve_aws
from local.background import scheduled_functions
from local.environment import DEFAULT_PATH, open_database, read_functions
from local.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Generator

    from chalicelib.storage.jobs import Run

SECONDS = 60
MOST_RUNS = 20
MOST_DEAD = 50


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
        elif options.command == "dead":
            _show_dead(database)
        elif options.command == "retry":
            _retry(database, again)
        else:
            _list(database)
    return 0


def _list(database: Database) -> None:
    last = database.run_without_tenant(jobs.last_runs)
    table = _table("job", "when", "last run", "took", "changed", "error")
    for one in scheduled_functions(importlib.import_module("app")):
        run = last.get(one.name)
        told = ("never", "", "", "") if run is None else (_ago(run.started_at), *_cells(run))
        table.add_row(one.name, one.expression, *told)
    Console().print(table)
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
    table = _table("job", "began (UTC)", "", "took", "changed", "error")
    for run in runs:
        table.add_row(run.name, f"{run.started_at:%Y-%m-%d %H:%M:%S}", _ago(run.started_at), *_cells(run))
    Console().print(table)


def _table(name: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False)  # 80 columns hold it
    table.add_column(name, no_wrap=True)  # it is typed after `run`
    for other in others:
        table.add_column(other, no_wrap=other != "error")
    return table


def _cells(run: Run) -> tuple[str, str, str]:
    took = (run.finished_at - run.started_at).total_seconds()
    return f"{took * 1000:.0f} ms" if took < 1 else f"{took:.1f} s", str(run.changed), run.error or ""


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
    parser.add_argument("command", nargs="?", choices=["list", "run", "last", "dead", "retry"], default="list")
    parser.add_argument("name", nargs="?", help="of the job, for run and last; for retry the id of a delivery")
    parser.add_argument("--all", action="store_true", help="for retry: every dead delivery")
    parser.add_argument("--seconds", type=float, default=SECONDS, help=f"for how long it may go on ({SECONDS})")
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_PATH, help="whose database (.local)")
    return parser
