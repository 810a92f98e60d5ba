"""`./dev replay FILE`: plays the file in one setting or in all, checks the database, and reports."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from chalicelib.access.model.people import Role
from chalicelib.adapters.tokens import Tokens
from chalicelib.config import Config
from local.environment import MANY_GUESTS
from local.errors import CommandError
from local.gateway.serve import serve
from tools.command_line import HOST, interrupt_once, port_number, positive_number
from tools.consistency import check
from tools.people import access_token
from tools.replay.bookings import Booking, read_bookings
from tools.replay.books import books_of_berth
from tools.replay.endings import compare_endings
from tools.replay.hotel import SLUG, ZONE, add_hotel
from tools.replay.jobs import Jobs, jobs_to_run
from tools.replay.oracle import Oracle, Verdict
from tools.replay.player import EventOutcome, Player
from tools.replay.report import MOST_SHOWN, Proven, Report, make_report, show
from tools.replay.settings import SettingName, setting_named
from tools.replay.simulation import open_simulation
from tools.replay.statistics import statistics_differ
from tools.replay.timeline import Step, events, steps

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from tools.replay.hotel import Hotel
    from tools.replay.simulation import Simulation

DEFAULT_PATH = Path(".local-replay")
TOKEN_LIFETIME = timedelta(days=1)
"""Longer than any replay: tokens live by the real clock."""
SPEED_SECONDS = 20.0
"""How far back the rate looks."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    file: Path
    setting: SettingName | None
    moves: bool
    life: bool
    rows: int | None
    port: int
    workers: int
    concurrency: int
    data_dir: Path
    report: Path | None


def main(arguments: list[str]) -> int:
    """Replay. Returns 0 when Berth did everywhere what counting says and every proof holds."""
    options = Options(**vars(_parser().parse_args(arguments)))
    names = _settings(options)
    bookings = read_bookings(options.file, options.rows)
    console = Console()
    reports: list[Report] = []
    _write(reports, options)  # whether that is possible is better known before than after
    interrupt_once()
    try:
        for name in names:
            reports.append(_replay(bookings, name, options, console))
            show(reports[-1], console)
            _write(reports, options)  # after each, so that an interrupted next one loses nothing
    except KeyboardInterrupt:
        console.print("Stopped; nothing is left running. A replay always starts over: give the same command once more.")
        return 130
    return 0 if all(report.good for report in reports) else 1


def _write(reports: Sequence[Report], options: Options) -> None:
    """Write the figures so far, if a file for them is named. Raises `CommandError`."""
    if options.report is None:
        return
    try:
        options.report.write_text(json.dumps([report.json() for report in reports], indent=2) + "\n")
    except OSError as error:
        message = f"The report cannot be written to {options.report}: {error.strerror}."
        raise CommandError(message) from error


def reception_token(owner_dsn: str, variables: Mapping[str, str]) -> str:
    """A token of the hotel's reception, signed as the functions with these environment variables would."""
    tokens = Tokens(Config.from_environment(variables).signing_keys)
    return access_token(owner_dsn, tokens, SLUG, Role.AGENT, TOKEN_LIFETIME)


def _replay(bookings: Sequence[Booking], name: SettingName, options: Options, console: Console) -> Report:
    """Play all events of the bookings in one setting, on a data directory and a server of its own."""
    happened = events(bookings, moves=options.moves, life=options.life)
    # As many rooms in either mode: what the hotel had does not depend on who marks that nobody came.
    setting = setting_named(name, events(bookings, moves=options.moves), moves=options.moves)
    planned = list(steps(happened))
    console.rule(f"Setting {name}")
    with open_simulation(options.data_dir / name, planned[0].at(ZONE)) as simulation, ExitStack() as stack:
        environment, connection = simulation.environment, simulation.connection
        hotel = add_hotel(connection, setting, bookings, life=options.life)
        jobs = None
        if options.life:
            jobs = stack.enter_context(Jobs(environment.cluster.jobs_dsn(), connection, jobs_to_run()))
        variables = environment.functions() | MANY_GUESTS
        access_log = environment.directory.path / "access.log"
        with serve(HOST, options.port, options.workers, variables, access_log=access_log) as gateway:
            gateway.wait_until_ready()
            console.print(f"PostgreSQL {environment.cluster.major}, data in {options.data_dir / name}")
            console.print(f"API at {gateway.address}/api/v1")
            token = reception_token(environment.cluster.owner_dsn(), variables)
            player = Player(setting, hotel, token, jobs)
            with _progress(console, len(happened)) as advance, asyncio.Runner() as runner:
                runner.get_loop().set_exception_handler(_tell)
                played = runner.run(
                    player.play(gateway.address, simulation.clock, planned, options.concurrency, advance)
                )
        books = books_of_berth(connection, hotel.tenant_id)
        proofs = _proofs(simulation, hotel, console)
        life = None
        if jobs is not None:
            proofs.append(_seals(jobs, console))
            life = compare_endings(connection, hotel.tenant_id, bookings, played.outcomes, jobs.runs)
    expected = Oracle(setting).play(happened)
    return make_report(setting, bookings, played, expected, books, proofs, moves=options.moves, life=life)


def _proofs(simulation: Simulation, hotel: Hotel, console: Console) -> list[Proven]:
    """Check the database in SQL alone, and its statistics by another calculation."""
    cluster = simulation.environment.cluster
    proofs = [Proven(verdict.proof.claim, verdict.examined, verdict.broken) for verdict in check(cluster.jobs_dsn())]
    compared, differing = statistics_differ(simulation.connection, cluster.app_dsn(), SLUG, hotel.tenant_id, ZONE)
    for difference in differing[:MOST_SHOWN]:
        console.print(f"Statistics: {difference}")
    return [*proofs, Proven("the statistics are what plain counting says", compared, len(differing))]


def _seals(jobs: Jobs, console: Console) -> Proven:
    """Check the chain that a job made of the events meanwhile."""
    seals = jobs.seals(SLUG)
    if seals.broken is not None:
        console.print(f"Seals: {seals.broken}")
    return Proven("the events are as they were sealed", seals.events, int(seals.broken is not None))


def _tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what goes wrong beside the replay; not that Ctrl-C came in the middle of a task, which `main` hears of."""
    if not isinstance(context.get("exception"), KeyboardInterrupt):
        loop.default_exception_handler(context)


@contextmanager
def _progress(console: Console, total: int) -> Generator[Callable[[Step, Sequence[EventOutcome]], None]]:
    """A bar with the day that is being played, or where no terminal shows bars a line for each of its months.

    Yields what to call after each step.
    """
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[refused]:,} refused for room"),
    )
    shown = console.is_terminal
    with Progress(*columns, console=console, speed_estimate_period=SPEED_SECONDS, disable=not shown) as progress:
        bar = progress.add_task("", total=total, rate="", refused=0)
        began, done, refused, month = time.monotonic(), 0, 0, ""

        def advance(step: Step, outcomes: Sequence[EventOutcome]) -> None:
            nonlocal done, refused, month
            done += len(outcomes)
            refused += sum(outcome.verdict is Verdict.NO_ROOM for outcome in outcomes)
            rate = f"{done / (time.monotonic() - began):,.0f} per second"
            progress.update(bar, completed=done, description=f"{step.on}", rate=rate, refused=refused)
            if not shown and f"{step.on:%Y-%m}" != month:
                month = f"{step.on:%Y-%m}"
                console.print(f"{month}: {done:,} of {total:,} events, {rate}, {refused:,} refused for room")

        yield advance


def _settings(options: Options) -> list[SettingName]:
    """The settings to play. Raises `CommandError` for a combination that means nothing."""
    if options.moves and options.setting is SettingName.POOL:
        message = "--moves are changes of the room type, and the setting pool has only one. Choose another setting."
        raise CommandError(message)
    if options.setting is not None:
        return [options.setting]
    return [name for name in SettingName if not (options.moves and name is SettingName.POOL)]


def _parser() -> argparse.ArgumentParser:
    cores = os.cpu_count() or 1
    parser = argparse.ArgumentParser(
        prog="./dev replay",
        description="Play a hotel's real bookings against the running API, in the order in which they happened, and"
        " compare with plain counting and with what the hotel did, on data directories and servers of its own."
        " Exits with 1 where they disagree, a proof does not hold, or (--life) a difference has no reason.",
    )
    parser.add_argument("file", type=Path, help="resort_hotel.csv.gz")
    parser.add_argument("--setting", type=SettingName, choices=list(SettingName), help="how many rooms there are (all)")
    parser.add_argument("--moves", action="store_true", help="also change room types on arrival as the hotel did")
    parser.add_argument(
        "--life",
        action="store_true",
        help="run the scheduled functions as time passes: they mark who did not come and complete what is over, and the"
        " end is compared with the file's own counts per status",
    )
    parser.add_argument("--rows", type=positive_number, help="play only the first rows of the file")
    parser.add_argument("--port", type=port_number, default=0, help=f"where to listen on {HOST} (0: any free port)")
    parser.add_argument("--workers", type=positive_number, default=cores, help=f"processes (one per core: {cores})")
    parser.add_argument("--concurrency", type=positive_number, default=8, help="requests at once (8)")
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_PATH, help=f"thrown away first ({DEFAULT_PATH})")
    parser.add_argument("--report", type=Path, help="write the figures to this file, as JSON")
    return parser
