"""`./dev bench [NAME …]`: figures as ratios within one run, with the machine they were taken on."""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from tools.bench import (
    create,
    history,
    hot,
    imports,
    jobs,
    people,
    processor,
    protections,
    reads,
    realtime,
    share,
    tenants,
)
from tools.bench.stage import Stage, open_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from tools.bench.stage import Figure

BENCHES: dict[str, Callable[[Stage], list[Figure]]] = {
    "import": imports.run,
    "reads": reads.run,
    "create": create.run,
    "processor": processor.run,
    "hot": hot.run,
    "history": history.run,
    "people": people.run,
    "jobs": jobs.run,
    "realtime": realtime.run,
    "share": share.run,
    "protections": protections.run,
    "tenants": tenants.run,
}


def main(arguments: list[str]) -> int:
    """Run the named benches, or all; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measure, as ratios within one run.")
    parser.add_argument("names", nargs="*", type=_bench, metavar="NAME", help=f"which of {', '.join(BENCHES)} (all)")
    names = parser.parse_args(arguments).names or list(BENCHES)
    console = Console()
    with _stage() as stage:
        console.print(f"{machine()}, PostgreSQL {stage.cluster.major}, {os.cpu_count()} gateway workers")
        figures = [figure for name in names for figure in BENCHES[name](stage)]
    table = Table("figure", "reached", "target", "")
    for figure in figures:
        table.add_row(figure.name, figure.reached, figure.target, "[green]met" if figure.met else "[red]missed")
    console.print(table)
    return 0 if all(figure.met for figure in figures) else 1


def _bench(text: str) -> str:
    if text not in BENCHES:
        message = f"there is no bench {text!r}; there are {', '.join(BENCHES)}."
        raise argparse.ArgumentTypeError(message)
    return text


def machine() -> str:
    """The processor, its cores and the Python."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    return f"{os.cpu_count()} cores of {model}, Python {platform.python_version()}"


@contextmanager
def _stage() -> Generator[Stage]:
    with tempfile.TemporaryDirectory(prefix="berth-bench-") as folder:
        Path(folder).chmod(0o755)  # root's Postgres runs as somebody else, who has to get in
        with open_stage(Path(folder) / "data") as stage:
            yield stage
