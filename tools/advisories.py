"""`./dev advisories`: known vulnerabilities of what is installed and of what Lambda gets.

Exits with 1 when there are any. Where the service that knows them cannot be asked, it says "not run" and why, and exits
with 0: a machine without a way out can then build, and nobody takes its silence for a finding of nothing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements-dev.txt", "requirements-uv.txt")
"""Between them every distribution that this project installs anywhere: what Lambda gets is part of the first."""
SECONDS = 120


@dataclass(frozen=True, slots=True)
class Findings:
    """What came of asking: how many were looked up, lines about vulnerabilities, names that were not looked up."""

    asked: int = 0
    vulnerable: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    """Ask about each lock file; 1 when something is vulnerable."""
    parser = argparse.ArgumentParser(prog="./dev advisories", description=__doc__)
    parser.parse_args(arguments)
    failed = False
    for lock in LOCKS:
        told = _ask(ROOT / lock)
        if isinstance(told, str):
            print(f"{lock}: not run: {told}")
            continue
        findings = read(told)
        print(f"{lock}: {summary(findings)}")
        failed = failed or bool(findings.vulnerable)
    return 1 if failed else 0


def read(told: dict[str, Any]) -> Findings:
    """Read the JSON of pip-audit."""
    findings = Findings(len(told["dependencies"]))
    for one in told["dependencies"]:
        if "skip_reason" in one:
            findings.left_out.append(one["name"])
        for known in one.get("vulns", ()):
            mended = ", ".join(known["fix_versions"]) or "no version yet"
            findings.vulnerable.append(f"{one['name']} {one['version']}: {known['id']}, mended in {mended}")
    return findings


def summary(findings: Findings) -> str:
    """Say it to a person: one line, and one for each vulnerability."""
    looked_up = findings.asked - len(findings.left_out)
    if not looked_up:
        return f"not run: the advisories know none of {findings.asked} distributions; is the service reachable?"
    left_out = f"; not looked up: {', '.join(findings.left_out)}" if findings.left_out else ""
    if not findings.vulnerable:
        return f"no known vulnerability in {looked_up} distributions{left_out}"
    known = f"{len(findings.vulnerable)} known vulnerabilities in {looked_up} distributions{left_out}"
    return "\n  ".join([known, *findings.vulnerable])


def _ask(lock: Path) -> dict[str, Any] | str:
    """Ask with pip-audit: its answer, or why there is none."""
    program = Path(sys.executable).with_name("pip-audit")
    command = [str(program), "--no-deps", "--disable-pip", "--progress-spinner=off", "--format=json", "--timeout=10"]
    try:
        done = subprocess.run(
            [*command, f"--requirement={lock}"], capture_output=True, text=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return f"no answer in {SECONDS} s"
    try:
        return json.loads(done.stdout)
    except ValueError:
        return (done.stderr.strip().splitlines() or ["pip-audit said nothing"])[-1]
