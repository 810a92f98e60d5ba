"""The README's tour runs as it is printed, and runs again: what it left yesterday is not in its way."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from tests.platform.running import ROOT, free_port, processes_with, running

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = pytest.mark.timeout(300)
TOUR = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## A tour with curl\n")[1].split("\n## ")[0]
BLOCKS = re.findall(r"^```\n(.*?)^```$", TOUR, re.MULTILINE | re.DOTALL)
# Each request tells its status, and its body goes to a file; what the README pipes elsewhere goes there, too.
CURL = """curl() {
  local answer; answer=$(command curl -w '%{stderr}%{http_code} %{method} %{url}\\n' "$@")
  echo "$answer" >> "$ANSWERS"; echo "$answer"
}
"""


@pytest.fixture(scope="module")
def demo() -> Generator[tuple[str, Path]]:
    """Where a demo answers, and its data directory."""
    with TemporaryDirectory(prefix="berth-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        data, port = folder / "data", free_port()
        command = [sys.executable, "-m", "local", "demo", "--workers=1", f"--port={port}", f"--data-dir={data}"]
        with running(command, folder / "output") as started:
            started.wait_for("^Berth is ready")
            yield f"127.0.0.1:{port}", data
        assert processes_with(name) == []


@pytest.mark.parametrize("day", ["the first", "the second"])
def test_the_blocks_run_in_order_as_printed(demo: tuple[str, Path], tmp_path: Path, day: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip(f"There is no curl here, so on {day} day nobody can follow the README.")
    address, data = demo
    here = {
        ".venv/bin/python": sys.executable,
        "127.0.0.1:8000": address,
        ".local/": f"{data}/",
        "./dev token": f"{sys.executable} -m local token --data-dir {data}",
        "sleep 20": "sleep 4",
    }
    script = "\n".join([CURL, *BLOCKS, "wait"])
    for printed, meant in here.items():
        assert printed in script
        script = script.replace(printed, meant)
    answers = tmp_path / "answers"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ROOT,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin", "ANSWERS": str(answers)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    statuses = re.findall(r"^(\d{3}) (?:GET|POST|DELETE) ", done.stderr, re.MULTILINE)
    assert len(statuses) == len(re.findall(r"\bcurl -", "".join(BLOCKS))) > 20
    unexpected = [line for line in done.stderr.splitlines() if re.match(r"\d{3} ", line) and line[0] != "2"]
    assert [line[:3] for line in unexpected] == ["409"] == re.findall(r"# (4\d\d) ", TOUR), done.stderr
    bodies = [json.loads(line) for line in answers.read_text().splitlines() if line.startswith("{")]
    (month,) = [body["items"] for body in bodies if "occupied" in str(body.get("items", [{}])[:1])]
    assert any(one["occupied"] for one in month)
    assert "idempotent-replayed: true" in answers.read_text().lower()


def test_there_is_something_to_run() -> None:
    assert len(BLOCKS) >= 8
