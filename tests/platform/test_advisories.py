from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tools import advisories

if TYPE_CHECKING:
    from pathlib import Path

CLEAN: dict[str, object] = {"name": "idna", "version": "3.20", "vulns": []}
VULNERABLE = {
    "name": "pillow",
    "version": "12.2.0",
    "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["12.3.0"], "aliases": [], "description": "…"}],
}
LEFT_OUT = {"name": "typer", "skip_reason": "Dependency not found and could not be audited: typer (0.29.2)"}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([CLEAN], "no known vulnerability in 1 distributions"),
        ([CLEAN, LEFT_OUT], "no known vulnerability in 1 distributions; not looked up: typer"),
        (
            [CLEAN, VULNERABLE],
            "1 known vulnerabilities in 2 distributions\n  pillow 12.2.0: PYSEC-2026-1, mended in 12.3.0",
        ),
        ([LEFT_OUT], "not run: the advisories know none of 1 distributions; is the service reachable?"),
    ],
)
def test_what_was_not_looked_up_is_never_called_clean(told: list[object], said: str) -> None:
    assert advisories.summary(advisories.read({"dependencies": told, "fixes": []})) == said


@pytest.mark.parametrize(
    ("program", "code", "said"),
    [
        (f"echo '{json.dumps({'dependencies': [VULNERABLE]})}'; exit 1", 1, "1 known vulnerabilities"),
        (f"echo '{json.dumps({'dependencies': [CLEAN]})}'", 0, "no known vulnerability"),
        ("echo 'ERROR: the service is unreachable' >&2; exit 1", 0, "not run: ERROR: the service is unreachable"),
        ("exit 3", 0, "not run: pip-audit said nothing"),
    ],
)
def test_a_vulnerability_fails_the_command_and_silence_says_that_it_did_not_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    program: str,
    code: int,
    said: str,
) -> None:
    (tmp_path / "pip-audit").write_text(f"#!/bin/sh\n{program}\n")
    (tmp_path / "pip-audit").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert advisories.main([]) == code
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith("  ")] == [
        line for line in lines if line.startswith(tuple(f"{lock}: {said}" for lock in advisories.LOCKS))
    ]


def test_the_installed_program_takes_these_arguments() -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "pip_audit", "--help"], capture_output=True, text=True, check=True
    ).stdout
    for option in ("--no-deps", "--disable-pip", "--progress-spinner", "--format", "--timeout", "--requirement"):
        assert option in asked
