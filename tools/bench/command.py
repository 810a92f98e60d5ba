"""`./dev bench [NAME …]`: figures as ratios within one run, with the machine they were taken on."""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from local.errors import CommandError
from tools.bench import (
    create,
    growth,
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
    "imports": imports.run,
    "reads": reads.run,
    "create": create.run,
    "processor": processor.run,
    "hot": hot.run,
    "growth": growth.run,
    "people": people.run,
    "jobs": jobs.run,
    "realtime": realtime.run,
    "share": share.run,
    "protections": protections.run,
    "tenants": tenants.run,
}


TOLERATED = 0.05


def main(arguments: list[str]) -> int:
    """Run the named benches, or all; 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="./dev bench", description="Measure, as ratios within one run.")
    parser.add_argument("names", nargs="*", type=_bench, metavar="NAME", help=f"which of {', '.join(BENCHES)} (all)")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="write the figures down, as JSON")
    parser.add_argument("--compare", type=Path, metavar="FILE", help="show the run that was kept there beside this one")
    parser.add_argument(
        "--strict", action="store_true", help=f"with --compare: fail for what got worse by more than {TOLERATED:.0%}"
    )
    chosen = parser.parse_args(arguments)
    if chosen.strict and chosen.compare is None:
        parser.error("--strict compares with a run before: name it by --compare FILE.")
    before = {} if chosen.compare is None else read_kept(chosen.compare)
    names = chosen.names or list(BENCHES)
    console = Console()
    with _stage() as stage:
        console.print(f"{machine()}, PostgreSQL {stage.cluster.major}, {os.cpu_count()} gateway workers")
        figures = [figure for name in names for figure in BENCHES[name](stage)]
    table = Table("figure", "reached", "target", "", *(("before", "worse by") if before else ()))
    worse: list[str] = []
    for figure in figures:
        shown = [figure.name, figure.reached, figure.target, "[green]met" if figure.met else "[red]missed"]
        if before:
            known = before.get(figure.name)
            by = None if known is None else figure.worse_by(known)
            shown += ["" if known is None else f"{known:g}", "" if by is None else f"{by:+.0%}"]
            if by is not None and by > TOLERATED:
                worse.append(f"{figure.name} by {by:.0%}")
        table.add_row(*shown)
    console.print(table)
    if worse:
        console.print(f"Worse by more than {TOLERATED:.0%}: {'; '.join(worse)}.")
    if chosen.keep is not None:
        kept = {figure.name: figure.value for figure in figures if figure.value is not None}
        chosen.keep.write_text(json.dumps({"machine": machine(), "figures": kept}, indent=2) + "\n", encoding="utf-8")
    if chosen.compare is not None:
        return 1 if worse and chosen.strict else 0
    return 0 if all(figure.met for figure in figures) else 1


def read_kept(file: Path) -> dict[str, float]:
    """Return the figures of a run that was kept. Raises `CommandError`."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))["figures"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{file} holds no figures of a run; write them there by ./dev bench --keep {file}."
        raise CommandError(message) from error


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
