"""What a cold start pays before it can answer: the CPU time of `import app`."""

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
CODE = "import time; began = time.process_time(); import app; print((time.process_time() - began) * 1000)"


def run(_stage: Stage) -> list[Figure]:
    """Seven fresh interpreters; the first one is not counted, since it may have to compile."""
    times = [float(_python("-c", CODE).stdout) for _ in range(RUNS + 1)][1:]
    report = _python("-X", "importtime", "-c", "import app").stderr.splitlines()[1:]
    slowest = sorted((tuple(line.removeprefix("import time:").split("|")) for line in report), key=_own, reverse=True)
    for line in slowest[:10]:
        print(f"import: {int(line[0]) / 1000:6.1f} ms in {line[2].strip()} itself")
    reached = median(times)
    return [Figure("import app, CPU", f"{reached:.0f} ms", "< 350 ms", reached < 350)]


def _own(line: tuple[str, ...]) -> int:
    return int(line[0])


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True, cwd=ROOT)
