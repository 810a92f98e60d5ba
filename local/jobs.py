"""`./dev jobs [list|run|last]`: what happens without anybody asking; run it now; see how it went."""

from __future__ import annotations

import argparse
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from chalicelib.jobs import JOBS
from chalicelib.jobs.running import run_job
from chalicelib.storage.job_runs import JobRun, last_runs, list_runs
from chalicelib.storage.transaction import Database
from local.environment import DEFAULT_PATH, open_database
from local.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Generator


def main(arguments: list[str]) -> int:
    """List, run or look back; 1 where a job that is run fails."""
    options = _parser().parse_args(arguments)
    if options.name is not None and options.name not in JOBS:
        message = f"There is no job {options.name!r}. There are: {', '.join(JOBS)}."
        raise CommandError(message)
    with _database(options.data_dir) as database:
        if options.command == "run":
            return _run(database, options.name)
        if options.command == "last":
            _show(list_last(database, options.name, options.limit))
        else:
            _list(database)
    return 0


def list_last(database: Database, name: str | None, limit: int) -> list[JobRun]:
    """The latest runs, of one job or of all."""
    return database.run_without_tenant(lambda transaction: list_runs(transaction, name, limit))


def _list(database: Database) -> None:
    last = database.run_without_tenant(lambda transaction: last_runs(transaction, JOBS))
    table = Table("job", "schedule", "last run", "how it went")
    for job in JOBS.values():
        run = last.get(job.name)
        table.add_row(job.name, job.schedule, "never" if run is None else _when(run), "" if run is None else _how(run))
    Console().print(table)


def _show(runs: list[JobRun]) -> None:
    table = Table("job", "when (UTC)", "how it went")
    for run in runs:
        table.add_row(run.name, _when(run), _how(run))
    Console().print(table)


def _run(database: Database, name: str | None) -> int:
    if name is None:
        message = "Which job? Say ./dev jobs run NAME; ./dev jobs lists them."
        raise CommandError(message)
    try:
        changed = run_job(JOBS[name], database)
    except Exception as error:
        print(f"{name} failed. {type(error).__name__}: {error}")
        return 1
    print(f"{name}: {changed} changed")
    return 0


def _when(run: JobRun) -> str:
    return f"{run.started_at:%Y-%m-%d %H:%M:%S}"


def _how(run: JobRun) -> str:
    if run.seconds is None:
        return "under way, or killed"
    took = f"{run.seconds:.3f} s"
    return f"{run.changed} changed in {took}" if run.error is None else f"failed after {took}: {run.error}"


@contextmanager
def _database(data_dir: Path) -> Generator[Database]:
    with open_database(data_dir) as cluster:
        database = Database(cluster.jobs_dsn(), pool_size=1, request_seconds=60)
        try:
            yield database
        finally:
            database.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev jobs", description="What happens on a schedule, without being asked.")
    parser.add_argument("command", nargs="?", choices=["list", "run", "last"], default="list", help="list (default): "
        "all, with their last run; run: one of them now; last: how the latest runs went")  # fmt: skip
    parser.add_argument("name", nargs="?", help="which job")
    parser.add_argument("--limit", type=int, default=30, help="how many runs to look back at (30)")
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_PATH, help="whose database (.local)")
    return parser
