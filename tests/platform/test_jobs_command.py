"""`./dev jobs`: what runs on a schedule, one of them now, and how the last runs went."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from chalicelib.jobs.registry import JOBS

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.databases import Database


def test_jobs_are_listed_run_and_looked_back_at(
    database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def jobs(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "local", "jobs", *arguments, f"--data-dir={tmp_path}"]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    monkeypatch.setenv("DATABASE_URL", database.owner)
    monkeypatch.setenv("COLUMNS", "80")
    listed = jobs().stdout.splitlines()
    assert [line.split()[0] for line in listed[1:]] == list(JOBS)
    assert all("never" in line for line in listed[1:])
    assert "No run is recorded." in jobs("last").stdout
    ran = jobs("run", "expire_holds")
    assert (ran.returncode, ran.stdout) == (0, "expire_holds: 0 changed\n"), ran.stderr
    (line,) = (line for line in jobs().stdout.splitlines() if line.startswith("expire_holds "))
    assert "rate(1 minute)" in line
    assert " ago " in line
    assert len(jobs("last", "expire_holds").stdout.splitlines()) == 2
    wrong = jobs("run", "sleep")
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("There is no job 'sleep'; there are expire_holds, ")
