"""`./dev prove`: proofs that are worth more time than a test run has; each has a short version among the tests."""

from __future__ import annotations

import argparse
import secrets
import subprocess
import sys

from tools.command_line import positive_number
from tools.test_run import ROOT

PROOFS = {
    "combinations": "tests/combinations",
    "limits": "tests/api/limits",
    "shapes": "tests/api/test_schemathesis.py",
}
"""The tests of each proof. They take `--minutes`, `--seed` and, for combinations, `--without`."""
USUAL_MINUTES = 10


def main(arguments: list[str]) -> int:
    """Run a proof for some minutes. Returns 0 when nothing was found."""
    parser = argparse.ArgumentParser(prog="./dev prove", description=__doc__)
    parser.add_argument("proof", choices=sorted(PROOFS), help="what to prove")
    parser.add_argument("--minutes", type=positive_number, default=USUAL_MINUTES, help="how long (default %(default)s)")
    parser.add_argument("--seed", type=positive_number, help="begin with this seed, as a failure names it")
    parser.add_argument("--without", metavar="NAMES", help="take mends out in turn (or `all`): each has to be found")
    options = parser.parse_args(arguments)
    seed = options.seed or secrets.randbelow(1_000_000) + 1
    pytest = [sys.executable, "-m", "pytest", PROOFS[options.proof], "-x", "-q", "-s", "--no-header", "--timeout=0"]
    command = [*pytest, f"--minutes={options.minutes}", f"--seed={seed}"]
    if options.without is not None:
        command.append(f"--without={options.without}")
    return subprocess.run(command, cwd=ROOT, check=False).returncode
