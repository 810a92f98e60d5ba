"""`./dev replay` and `./dev check` as somebody at a terminal uses them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chalicelib.reporting.storage.check import PROOFS
from local.errors import CommandError
from tests.folders import folder_for_clusters
from tests.platform.running import processes_with, running
from tests.replay.rows import SLICE
from tools.replay.command import main

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = pytest.mark.timeout(300)
DEV = [sys.executable, "-m", "tools"]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def folder() -> Generator[Path]:
    """A folder for data directories where the service user gets to; nothing runs in it when the test ends."""
    with folder_for_clusters() as path:
        yield path
        assert processes_with(str(path)) == []


def dev(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*DEV, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_replay_reports_and_leaves_a_database_that_can_be_checked(folder: Path) -> None:
    report = folder / "report.json"
    arguments = ["--setting=slept", "--rows=40", f"--data-dir={folder / 'data'}", f"--report={report}"]
    done = dev("replay", str(SLICE), *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Berth did on every row what plain counting says." in done.stdout
    [played] = json.loads(report.read_text())
    assert (played["setting"], played["rows"], played["good"]) == ("slept", 40, True)
    assert json.loads((folder / "data" / "slept" / "berth.json").read_text())["purpose"] == "simulated"

    checked = dev("check", f"--data-dir={folder / 'data' / 'slept'}")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.count("holds") == len(PROOFS)


@pytest.mark.parametrize("mode", [[], ["--life"]], ids=["as it happened", "with jobs"])
def test_ctrl_c_ends_a_replay_and_says_how_to_go_on(folder: Path, mode: list[str]) -> None:
    command = [*DEV, "replay", SLICE, "--setting=booked", f"--data-dir={folder / 'data'}", *mode]
    with running(command, folder / "output") as started:
        started.wait_for(r"^2016-\d\d: ")
        assert started.stop(signal.SIGINT) == 130
        assert "Stopped; nothing is left running." in started.said()
        assert "Traceback" not in started.said()


def test_a_short_replay_with_the_jobs_ends_with_the_file_s_own_counts(folder: Path) -> None:
    report = folder / "report.json"
    options = ["--rows=12", f"--data-dir={folder}/data", f"--report={report}"]
    done = dev("replay", str(SLICE), "--setting=booked", "--life", *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The file's own counts, less what is listed with its reason." in done.stdout
    [played] = json.loads(report.read_text())
    refused = sum(len(difference["rows"]) for difference in played["life"]["differences"])
    assert sum(count["berth"] for count in played["life"]["counts"]) == 12 - refused > 6
    assert "the events are as they were sealed" in {proof["claim"] for proof in played["proofs"]}


@pytest.mark.slow
def test_a_replay_with_the_jobs_ends_with_the_file_s_own_counts(folder: Path) -> None:
    report = folder / "report.json"
    done = dev("replay", str(SLICE), "--setting=booked", "--life", f"--data-dir={folder}/data", f"--report={report}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The file's own counts, less what is listed with its reason." in done.stdout
    [played] = json.loads(report.read_text())
    [difference] = played["life"]["differences"]
    assert (difference["ending"], difference["became"], len(difference["rows"])) == ("Check-Out", "refused", 7)
    assert {count["ending"]: count["berth"] for count in played["life"]["counts"]} == {
        "Check-Out": 253,
        "Canceled": 168,
        "No-Show": 4,
    }
    proofs = {proof["claim"]: (proof["examined"] > 0, proof["broken"]) for proof in played["proofs"]}
    assert proofs["the events are as they were sealed"] == (True, 0)


def test_a_report_that_cannot_be_written_is_known_before_anything_is_played(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        main([str(SLICE), f"--report={tmp_path / 'missing' / 'report.json'}", f"--data-dir={tmp_path / 'data'}"])
    assert not (tmp_path / "data").exists()


def test_moves_within_a_pool_of_equal_rooms_are_refused() -> None:
    with pytest.raises(CommandError, match="pool"):
        main([str(SLICE), "--setting=pool", "--moves"])
