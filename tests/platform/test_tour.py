"""The tours of README.md and docs/API.md run as printed, and again: what they left yesterday is not in their way."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.platform.running import ROOT

if TYPE_CHECKING:
    from tests.platform.conftest import ServedDemo

pytestmark = pytest.mark.timeout(300)
README = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## A tour with curl\n")[1].split("\n## ")[0]
TOURS = {"README.md": README, "docs/API.md": (ROOT / "docs" / "API.md").read_text(encoding="utf-8")}
# Each request tells its status, and its body goes to a file; what the README pipes elsewhere goes there, too.
CURL = """curl() {
  local answer; answer=$(command curl -w '%{stderr}%{http_code} %{method} %{url}\\n' "$@")
  echo "$answer" >> "$ANSWERS"; echo "$answer"
}
"""


@pytest.mark.parametrize("day", ["the first", "the second"])
@pytest.mark.parametrize("paper", TOURS)
def test_the_blocks_run_in_order_as_printed(served_demo: ServedDemo, tmp_path: Path, paper: str, day: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip(f"There is no curl here, so on {day} day nobody can follow {paper}.")
    address, data = served_demo.address.removeprefix("http://"), served_demo.data
    blocks = blocks_of(paper)
    script = "\n".join([CURL, *blocks, "wait"])
    for printed, meant in meant_here(address, data).items():
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
    statuses = re.findall(r"^(\d{3}) (?:GET|POST|PATCH|DELETE) ", done.stderr, re.MULTILINE)
    assert len(statuses) == len(re.findall(r"\bcurl -", "".join(blocks))) > 20
    refused = [status for status in statuses if not status.startswith("2")]
    assert refused == re.findall(r"# (4\d\d)\b", "".join(blocks)) != [], done.stderr
    bodies = [json.loads(line) for line in answers.read_text().splitlines() if line.startswith("{")]
    (month,) = [body["items"] for body in bodies if any("occupied" in one for one in body.get("items", [])[:1])]
    assert any(one["occupied"] for one in month)
    assert "idempotent-replayed: true" in answers.read_text().lower()
    told = [json.loads(message) for message in re.findall(r"< ({.*})", done.stdout)]
    assert told
    for shown in blocks_of(paper, "json"):
        assert any(has_members_of(json.loads(shown), body) for body in [*bodies, *told]), shown


def blocks_of(paper: str, language: str = "") -> list[str]:
    """The blocks of a language; those that are to be run name none."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", TOURS[paper], re.MULTILINE | re.DOTALL)
    return [text for named, text in found if named == language]


def meant_here(address: str, data: Path) -> dict[str, str]:
    """What is printed for a reader who runs `./dev demo`, and what it is where tests run."""
    return {
        ".venv/bin/python": sys.executable,
        "127.0.0.1:8000": address,
        ".local/": f"{data}/",
        "./dev token": f"{sys.executable} -m tools token --data-dir {data}",
        "sleep 20": "sleep 12",
        "sleep 2\n": "sleep 4\n",
    }


def has_members_of(shown: Any, answered: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether an answer has every member that is shown of it, and says the words that are for programs alike."""
    if isinstance(shown, dict):
        members = cast("dict[str, Any]", shown).items()
        return isinstance(answered, dict) and all(
            name in answered and has_members_of(value, answered[name]) for name, value in members
        )
    if isinstance(shown, list):
        there = cast("list[Any]", answered) if isinstance(answered, list) else []
        return all(any(has_members_of(one, other) for other in there) for one in cast("list[Any]", shown))
    return shown == answered or not re.fullmatch(r"[a-z]+([._][a-z]+)*", str(shown))


def test_there_is_something_to_run() -> None:
    printed = "".join(block for paper in TOURS for block in blocks_of(paper))
    assert [len(blocks_of(paper)) >= 8 for paper in TOURS] == [True, True]
    assert [text for text in meant_here("", Path()) if text not in printed] == []
