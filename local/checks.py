"""`./dev test`: everything that decides whether a change is good. With arguments: pytest alone, with them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from local.postgres.programs import choose_programs, installed_programs

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
CHECKS = {
    "lint": ["ruff", "check"],
    "format": ["ruff", "format", "--check"],
    "types": ["basedpyright"],
    "layers": ["lint-imports", "--no-cache"],
    "statements": ["sqlfluff", "lint", "--disable-progress-bar", "chalicelib/storage/sql"],
    "migrations": ["squawk", "chalicelib/storage/migrations/[0-9]*.sql"],
}
COVERED = "chalicelib/domain/*,chalicelib/services/*"


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


def main(arguments: list[str]) -> int:
    """Run everything, or pytest with the arguments. Returns 0 when nothing failed."""
    if arguments:
        return _run(["pytest", *arguments])
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        tally = sum(threads.map(_check, CHECKS, CHECKS.values()), Tally())
    newest = choose_programs().major
    with tempfile.TemporaryDirectory() as folder:
        measured = Path(folder, "coverage")
        data_file = f"--data-file={measured}"
        # By the variable, so that tests can have the processes that they start measured as well.
        tally += _tests(["coverage", "run", "-m", "pytest"], newest, COVERAGE_FILE=str(measured))
        tally += _check("coverage of all processes", ["coverage", "combine", "--quiet", data_file, folder])
        tally += _check("coverage", ["coverage", "report", data_file, f"--include={COVERED}", *REPORT])
    for major in sorted({programs.major for programs in installed_programs()} - {newest}):
        tally += _tests(["pytest", "-m", "database"], major)
    print(tally)
    return 1 if tally.failed else 0


# STYLE asks for 100. This floor keeps what there is from getting lost.
REPORT = ["--fail-under=98", "--show-missing", "--skip-covered", "--skip-empty"]


def _check(name: str, command: Sequence[str]) -> Tally:
    """Run one tool; show what it says only when it finds something."""
    began = time.monotonic()
    done = subprocess.run(
        _located(command), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    _report(name, done.returncode == 0, began, done.stdout if done.returncode else "")
    return FAILED if done.returncode else PASSED


def _tests(command: Sequence[str], major: int, **variables: str) -> Tally:
    """Run pytest on one version of PostgreSQL, showing its progress; count what it counted."""
    name, began = f"tests on PostgreSQL {major}", time.monotonic()
    print(f"        {name} …", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder, "results.xml")
        options = ["--continue-on-collection-errors", f"--junitxml={results}"]
        code = _run([*command, *options], BERTH_TEST_POSTGRES=str(major), **variables)
        tally = _counted(results) if results.exists() else Tally()
    if code and not tally.failed:  # it could not even collect, or was interrupted
        tally += FAILED
    _report(name, not tally.failed, began)
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


def _run(command: Sequence[str], **variables: str) -> int:
    """Run a command that shows its own progress. Ctrl-C reaches it as well and it ends by itself: only wait for it."""
    process = subprocess.Popen(_located(command), cwd=ROOT, env={**os.environ, **variables})

    def pass_on(number: int, _: object) -> None:
        if number == signal.SIGTERM:
            process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)
    try:
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _located(command: Sequence[str]) -> list[str]:
    """The command with its program from this environment."""
    return [str(Path(sys.executable).with_name(command[0])), *command[1:]]
