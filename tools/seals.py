"""`./dev seals seal|verify`: seal what happened, and check that nothing was changed since."""

from __future__ import annotations

import argparse
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from chalicelib.core.errors import NotFoundError
from chalicelib.database.transaction import Database
from chalicelib.reporting.seal_events import list_tenants, seal_events, verify_events
from local.environment import DEFAULT_PATH, open_database
from local.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Generator

    from chalicelib.reporting.seal_events import SealsVerdict


def main(arguments: list[str]) -> int:
    """Seal or verify; 1 where a seal does not hold."""
    options = _parser().parse_args(arguments)
    with _jobs(options.data_dir) as database:
        tenants = [options.tenant] if options.tenant else list_tenants(database)
        try:
            return _seal(database, tenants) if options.command == "seal" else _verify(database, tenants)
        except NotFoundError as error:
            raise CommandError(error.detail) from error


def seal_all(jobs_dsn: str) -> int:
    """Seal what happened in all tenants; return how many events."""
    database = Database(jobs_dsn, pool_size=1, request_seconds=60)
    try:
        return sum(seal_events(database, tenant) for tenant in list_tenants(database))
    finally:
        database.close()


def _seal(database: Database, tenants: list[str]) -> int:
    for tenant in tenants:
        print(f"{tenant}: {seal_events(database, tenant)} events sealed")
    return 0


def _verify(database: Database, tenants: list[str]) -> int:
    console = Console()
    verdicts: list[SealsVerdict] = []
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("Checking the chains", total=len(tenants))
        for tenant in tenants:
            verdicts.append(verify_events(database, tenant))
            progress.advance(task)
    table = Table("tenant", "seals", "events", "archived", "verdict")
    for verdict in verdicts:
        holds = verdict.broken or ("holds" if verdict.seals else "nothing sealed yet")
        table.add_row(verdict.tenant, str(verdict.seals), str(verdict.events), str(verdict.archived), holds)
    console.print(table)
    for verdict in verdicts:
        print(f"HEAD  {verdict.tenant}: {verdict.head or 'none'}")  # whole: it is kept elsewhere and compared
    broken = [verdict for verdict in verdicts if verdict.broken]
    for verdict in broken:
        print(f"BROKEN  {verdict.tenant}: {verdict.broken}")
    return 1 if broken else 0


@contextmanager
def _jobs(data_dir: Path) -> Generator[Database]:
    with open_database(data_dir) as cluster:
        database = Database(cluster.jobs_dsn(), pool_size=1, request_seconds=60)
        try:
            yield database
        finally:
            database.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev seals", description="Seal the events of tenants, or check the seals.")
    parser.add_argument("command", choices=["seal", "verify"], help="seal: add to the chains; verify: check them")
    parser.add_argument("--tenant", help="of one tenant only (all)")
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_PATH, help="whose database (.local)")
    return parser
