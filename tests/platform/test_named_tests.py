"""`./dev test NAME` finds the part that is meant, and says which are near when there is none."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from local.errors import CommandError
from tests.platform.running import ROOT
from tools.named_tests import find_tests, split_names


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("waiting", ["tests/waiting"]),
        ("docs", ["tests/api/test_docs.py"]),
        ("api", ["tests/api"]),
        ("api/limits", ["tests/api/limits"]),
        ("holds", ["tests/reservations/test_holds.py"]),
        ("test_holds", ["tests/reservations/test_holds.py"]),
        ("reservations/test_holds", ["tests/reservations/test_holds.py"]),
        ("reservations/holds.py", ["tests/reservations/test_holds.py"]),
        ("test_holds.py", ["tests/reservations/test_holds.py"]),
        ("cross-origin", ["tests/api/test_cross_origin.py"]),
        ("tests/waiting/test_pending.py", ["tests/waiting/test_pending.py"]),
        ("tests/waiting/", ["tests/waiting/"]),
        ("holds::test_some[a/b]", ["tests/reservations/test_holds.py::test_some[a/b]"]),
        ("waitlist", ["tests/api/test_waitlist.py", "tests/races/test_waitlist.py", "tests/waiting/test_waitlist.py"]),
        ("reservations", ["tests/api/test_reservations.py", "tests/reservations"]),
    ],
)
def test_a_name_means_the_folders_and_files_that_are_called_so(name: str, paths: list[str]) -> None:
    assert find_tests(name, ROOT) == paths


def test_every_capability_with_a_folder_of_tests_is_a_name() -> None:
    capabilities = {path.name for path in (ROOT / "chalicelib").iterdir() if path.is_dir()}
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}
    assert len(capabilities & folders) > 5
    for name in capabilities & folders:
        assert f"tests/{name}" in find_tests(name, ROOT)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("waitlst", r"Near are: waitlist\b"),
        ("tenants", r"Near are: .*tenant_share"),
        ("reservations/test_hold", r"Near are: .*\bholds\b"),
        ("races/holds", r"Near are: holds\b"),
        ("zzzzz", r"There are: access, accounts, "),
    ],
)
def test_a_name_that_means_nothing_is_answered_with_near_ones(name: str, said: str) -> None:
    with pytest.raises(CommandError, match=f"^No tests are named {re.escape(repr(name))}\\. {said}"):
        find_tests(name, ROOT)


@pytest.mark.parametrize(
    ("arguments", "names", "options"),
    [
        (["waitlist"], ["waitlist"], []),
        (["waitlist", "holds", "-x"], ["waitlist", "holds"], ["-x"]),
        (["-k", "waitlist"], [], ["-k", "waitlist"]),
        (["api", "-k", "waitlist"], ["api"], ["-k", "waitlist"]),
    ],
)
def test_names_come_first_and_the_rest_is_for_pytest(
    arguments: list[str], names: list[str], options: list[str]
) -> None:
    assert split_names(arguments) == (names, options)


def test_the_command_runs_what_a_name_means_without_the_slow_ones() -> None:
    collected = collected_by("time_ranges", "text", "benches")
    slow = collected_by("benches", "-m", "slow")
    files = {test.partition("::")[0] for test in collected}
    assert files == {"tests/core/test_time_ranges.py", "tests/core/test_text.py", "tests/platform/test_benches.py"}
    assert slow, "Control: there are slow ones by that name."
    assert not slow & collected


def test_the_command_says_so_where_a_name_means_nothing() -> None:
    done = dev_test("waitlst")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("No tests are named 'waitlst'. Near are: waitlist")


def collected_by(*arguments: str) -> set[str]:
    done = dev_test(*arguments, "--collect-only", "-q")
    assert done.returncode == 0, done.stderr
    return {line for line in done.stdout.splitlines() if "::" in line}


def dev_test(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools", "test", *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_help_speaks_of_names_and_of_the_rest() -> None:
    asked = [sys.executable, "-m", "tools", "test", "--help"]
    said = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "NAME" in said
    assert "--rest" in said
