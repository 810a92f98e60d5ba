"""`./dev test`: everything that decides whether a change is good. With names, or pytest's arguments: pytest alone.

`./dev test --rest` runs the checks and tests that take long, the quick ones with coverage on the oldest PostgreSQL that
is installed, and what needs a database on every version between.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from local.postgres.programs import choose_programs, installed_programs
from tools.memory import temporary_files_in_memory
from tools.named_tests import find_tests, split_names

if TYPE_CHECKING:
    from typing import IO

ROOT = Path(__file__).resolve().parent.parent
STATEMENTS = [
    str(file.relative_to(ROOT))
    for file in sorted((ROOT / "chalicelib").rglob("*.sql"))
    if file.parent.name != "migrations" and file.name != "schema.sql"
]
"""The files of named statements, each beside its module."""
CHECKS = {
    "lint": ["ruff", "check"],
    "format": ["ruff", "format", "--check"],
    "types": ["basedpyright"],
    "layers": ["lint-imports", "--no-cache"],
    "patterns": ["ast-grep", "scan", "--report-style=short"],
    "tests of patterns": ["ast-grep", "test", "--skip-snapshot-tests"],
    "infrastructure": ["cfn-lint", "infra/edge.yaml", "infra/pipeline.yaml", "infra/composed/*.yaml"],
    "workflows": ["zizmor", "--offline", "--no-progress", ".github/workflows"],
    "migrations": ["squawk", "chalicelib/database/migrations/[0-9]*.sql"],
}
CHECKS_OF_REST = {"statements": ["sqlfluff", "lint", "--disable-progress-bar", *STATEMENTS]}
"""How they are written. That Postgres takes each of them is tested in every run."""
HTTP = "tests/api"
STARTED = [f"tests/{name}" for name in ("platform", "gateway", "realtime", "races", "jobs")]
"""Tests that wait for much of their time, for what they start."""
PAGES = "tests/web"
PARTS = {
    "others": [f"--ignore={name}" for name in (HTTP, PAGES, *STARTED)],
    "HTTP": [HTTP],
    "commands and servers": STARTED,
    "pages": [PAGES],
}
"""A process each: two cores always have something to do, though tests wait."""
ONCE = [f"--ignore=tests/{name}" for name in ("replay", "realtime", "platform", "combinations", "demo")]
"""Whole runs of commands and of the gateway: the statements that they use are tested on every version elsewhere."""
QUICK = ("-m", "not slow and not emulator", "--hypothesis-profile=quick")
COVERED = "chalicelib/core/*,chalicelib/*/model/*,chalicelib/*/*.py"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many checks and tests ended how."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Both counted together."""
        return Tally(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        """The last line of the run, by which others read its outcome."""
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


PASSED = Tally(passed=1)
FAILED = Tally(failed=1)
TOLD_TO_STOP = Event()
"""Set by Ctrl-C and SIGTERM."""


HELP = """usage: ./dev test [NAME ...] [option of pytest ...]
       ./dev test --checks
       ./dev test --rest

Without arguments: every check and test, on the newest PostgreSQL that is installed. The last line counts them.

  NAME    a folder of tests/, or a file of it with or without test_: waitlist, waiting, reservations/holds;
          with ::test_name one test. What follows from the first - on is for pytest: -x, -k WORD, --durations=20
  --checks  what needs no test: lint, types, layers, SQL; part of a run without arguments
  --rest    what takes long, coverage, and what needs a database on other versions of PostgreSQL"""


def main(arguments: list[str]) -> int:
    """Run everything, or pytest with the arguments. Returns 0 when nothing failed."""
    if {"-h", "--help"} & set(arguments):
        print(HELP)
        return 0
    if arguments == ["--rest"]:
        return rest()
    if arguments == ["--checks"]:
        return checks_alone()
    if arguments:
        return _run_part(*split_names(arguments))
    newest = choose_programs().major
    with ThreadPoolExecutor(1) as beside:
        # One after the other, and beside the tests: these wait for much of their time.
        checks = [beside.submit(_check, *check) for check in CHECKS.items()]
        with temporary_files_in_memory() as variables:
            runs = [_TestRun(name, newest, ["pytest", *QUICK, *paths], variables) for name, paths in PARTS.items()]
            tally = _tests(runs)
        tally += sum((check.result() for check in checks), Tally())
    print(tally)
    return 1 if tally.failed else 0


def _run_part(names: Sequence[str], options: Sequence[str]) -> int:
    """Run what is named, or with pytest's options whatever these say. Raises `CommandError` for an unknown name."""
    paths = [path for name in names for path in find_tests(name, ROOT)]
    if paths != names:  # somebody who spells out paths has chosen already; a later -m takes precedence
        print(f"{' '.join(paths)} (the slow ones with -m slow)", file=sys.stderr, flush=True)
        options = [*QUICK, *options]
    return _run(["pytest", *paths, *options])


def checks_alone() -> int:
    """Run what needs no test. Returns 0 when nothing was found."""
    tally = sum((_check(*check) for check in CHECKS.items()), Tally())
    print(tally)
    return 1 if tally.failed else 0


def rest() -> int:
    """Run the slow tests, and the others once more on other versions. Returns 0 when nothing failed.

    Coverage is measured here, as it costs a quarter of the processor's time: of all quick tests, on the oldest version.
    """
    newest = choose_programs().major
    others = sorted({programs.major for programs in installed_programs()} - {newest})
    if not others:
        print(f"Only PostgreSQL {newest} is installed: nothing else to test on. (Debian: apt install postgresql)")
    oldest = min([newest, *others])
    database = ["pytest", "-m", "database and not slow", "--hypothesis-profile=quick", *ONCE]
    with ThreadPoolExecutor(1) as beside, temporary_files_in_memory() as variables:
        checks = [beside.submit(_check, *check) for check in CHECKS_OF_REST.items()]
        tally = _measured_tests(oldest, variables)
        # Not beside those: of both, some measure time, and two cores have enough to do with either.
        runs = [_TestRun("slow ones", newest, ["pytest", "-m", "slow or examples"], variables)]
        between = [major for major in others if major != oldest]
        tally += _tests([*runs, *(_TestRun(f"PostgreSQL {major}", major, database, variables) for major in between)])
        tally += sum((check.result() for check in checks), Tally())
    # By itself: LocalStack and the stack's functions have the machine's cores to themselves, as their time is limited.
    tally += _tests([_TestRun("LocalStack", newest, ["pytest", "-m", "emulator"], {})])
    print(tally)
    return 1 if tally.failed else 0


def _measured_tests(major: int, variables: Mapping[str, str]) -> Tally:
    """Run the quick tests with coverage, on that version of PostgreSQL."""
    with tempfile.TemporaryDirectory() as folder:
        measured = Path(folder, "coverage")
        # By the variable, so that tests can have the processes that they start measured, too.
        variables = {**variables, "COVERAGE_FILE": str(measured)}
        command = ["coverage", "run", "-m", "pytest", *QUICK]
        tally = _tests(
            [
                _TestRun(f"PostgreSQL {major}, {name}", major, [*command, *paths], variables)
                for name, paths in PARTS.items()
            ]
        )
        data_file = f"--data-file={measured}"
        tally += _check("coverage of all processes", ["coverage", "combine", "--quiet", data_file, folder])
        return tally + _check("coverage", ["coverage", "report", data_file, f"--include={COVERED}", *REPORT])


# A hundred is aimed at. This floor keeps what there is from getting lost.
REPORT = ["--fail-under=98", "--show-missing", "--skip-covered", "--skip-empty"]


def _check(name: str, command: Sequence[str]) -> Tally:
    """Run one tool; show what it says only when it finds something. Once somebody stops it all, none begins."""
    if TOLD_TO_STOP.is_set():
        return FAILED
    began = time.monotonic()
    done = subprocess.run(
        _located(command), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    _report(name, done.returncode == 0, began, done.stdout if done.returncode else "")
    return FAILED if done.returncode else PASSED


@dataclass(frozen=True, slots=True)
class _TestRun:
    """Pytest on one version of PostgreSQL."""

    name: str
    major: int
    command: Sequence[str]
    variables: Mapping[str, str]


def _tests(runs: Sequence[_TestRun]) -> Tally:
    """Run them beside each other, as they mostly wait; show the progress of the first, and what the others said.

    Once somebody stops it all, none begins.
    """
    if TOLD_TO_STOP.is_set():
        return FAILED
    began, tally = time.monotonic(), Tally()
    print(f"        tests: {', '.join(run.name for run in runs)} …", flush=True)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as files:
        processes: list[subprocess.Popen[bytes]] = []
        for run in runs:
            options = ["--continue-on-collection-errors", f"--junitxml={Path(folder, f'{run.name}.xml')}"]
            said = files.enter_context(Path(folder, f"{run.name}.log").open("wb")) if processes else None
            variables = {"BERTH_TEST_POSTGRES": str(run.major), **run.variables}
            processes.append(_start([*run.command, *options], variables, said))
        codes = _wait(processes)
        for run, code in zip(runs, codes, strict=True):
            results, log = Path(folder, f"{run.name}.xml"), Path(folder, f"{run.name}.log")
            counted = _counted(results) if results.exists() else Tally()
            if code and not counted.failed:  # it could not even collect, or was interrupted
                counted += FAILED
            output = log.read_text(encoding="utf-8", errors="replace") if counted.failed and log.exists() else ""
            _report(f"tests: {run.name}: {counted}", not counted.failed, began, output)
            tally += counted
    return tally


def _counted(results: Path) -> Tally:
    tally = Tally()
    for suite in ElementTree.parse(results).getroot().iter("testsuite"):  # noqa: S314 - pytest wrote it just now
        counts = {name: int(suite.get(name, 0)) for name in ("tests", "errors", "failures", "skipped")}
        failed = counts["errors"] + counts["failures"]
        tally += Tally(counts["tests"] - failed - counts["skipped"], failed, counts["skipped"])
    return tally


def _report(name: str, good: bool, began: float, output: str = "") -> None:  # noqa: FBT001 - read right where it is said
    print(
        f"{'ok' if good else 'FAILED':<7} {name} ({time.monotonic() - began:.1f} s)",
        output,
        sep="\n",
        end="",
        flush=True,
    )


def _run(command: Sequence[str]) -> int:
    """Run a command that shows its own progress."""
    return _wait([_start(command, {}, None)])[0]


def _start(command: Sequence[str], variables: Mapping[str, str], said: IO[bytes] | None) -> subprocess.Popen[bytes]:
    """Start a command; what it says goes to a file if there is one."""
    return subprocess.Popen(
        _located(command), cwd=ROOT, env={**os.environ, **variables}, stdout=said, stderr=said and subprocess.STDOUT
    )


def _wait(processes: Sequence[subprocess.Popen[bytes]]) -> list[int]:
    """Wait for all of them. Ctrl-C reaches them as well and they end by themselves; a SIGTERM is passed on."""

    def pass_on(number: int, _: object) -> None:
        TOLD_TO_STOP.set()
        if number == signal.SIGTERM:
            for process in processes:
                process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)
    try:
        return [process.wait() for process in processes]
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _located(command: Sequence[str]) -> list[str]:
    """The command with its program from this environment."""
    return [str(Path(sys.executable).with_name(command[0])), *command[1:]]
