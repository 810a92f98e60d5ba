"""What a cold start pays before it can answer: the processor time of importing what a function is.

app.py imports nothing by itself: what belongs to a function comes when its name is asked for, as Lambda does.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from typing import TYPE_CHECKING

from tools.bench.load import ROOT
from tools.bench.stage import Figure

if TYPE_CHECKING:
    from tools.bench.stage import Stage

RUNS = 7
CODE = "import time; began = time.process_time(); {}; print((time.process_time() - began) * 1000)"
HTTP = "from app import app"
SCHEDULED = "from app import expire_holds"
COMPARED = "import asyncio, decimal, json, ssl"
"""What nearly every Python program imports: how fast this machine is."""


def run(_stage: Stage) -> list[Figure]:
    """Seven fresh interpreters for each; the first one is not counted, since it may have to compile."""
    report = _python("-X", "importtime", "-c", HTTP).stderr.splitlines()[1:]
    slowest = sorted((tuple(line.removeprefix("import time:").split("|")) for line in report), key=_own, reverse=True)
    for line in slowest[:10]:
        print(f"import: {int(line[0]) / 1000:6.1f} ms in {line[2].strip()} itself")
    http, scheduled, compared = (_median(statement) for statement in (HTTP, SCHEDULED, COMPARED))
    return [
        Figure(f"{HTTP}, CPU", f"{http:.0f} ms", "< 300 ms", http < 300),
        Figure(f"{SCHEDULED}, CPU", f"{scheduled:.0f} ms", "< 200 ms", scheduled < 200),
        Figure(f"the first / {COMPARED}", f"{http / compared:.1f}", "(none)", met=True),
    ]


def _median(statement: str) -> float:
    return median([float(_python("-c", CODE.format(statement)).stdout) for _ in range(RUNS + 1)][1:])


def _own(line: tuple[str, ...]) -> int:
    return int(line[0])


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, cwd=ROOT)
