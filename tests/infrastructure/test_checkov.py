"""checkov reads the templates: what it finds is mended, or has its reason in infra/checkov.yaml."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tools.infrastructure import INFRA
from tools.template import COMPOSED

if TYPE_CHECKING:
    from pathlib import Path

# It brings a hundred packages, which are installed apart and kept by uv.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CHECKOV = ["uv", "tool", "run", "--quiet", "--python-preference=only-system", "--from", "checkov==3.3.30", "checkov"]
UNREACHABLE = ("Failed to fetch", "error sending request", "dns error")
FILES = [str(path) for path in (COMPOSED / "production.yaml", INFRA / "edge.yaml", INFRA / "pipeline.yaml")]


def checked(*files: str) -> subprocess.CompletedProcess[str]:
    """What checkov says of files, with what we leave out."""
    config = ["--config-file", str(INFRA / "checkov.yaml")]
    done = subprocess.run([*CHECKOV, *config, "--file", *files], capture_output=True, text=True, check=False)
    if any(word in done.stderr for word in UNREACHABLE):
        pytest.skip("No registry can be reached, and checkov is not here yet.")
    return done


def test_checkov_finds_nothing_that_is_not_explained() -> None:
    done = checked(*FILES)
    assert done.returncode == 0, done.stdout + done.stderr


def test_checkov_finds_what_is_not_left_out(tmp_path: Path) -> None:
    text = (COMPOSED / "production.yaml").read_text(encoding="utf-8")
    opened = tmp_path / "opened.yaml"
    opened.write_text(text.replace("BlockPublicPolicy: true", "BlockPublicPolicy: false", 1), encoding="utf-8")
    done = checked(str(opened))
    assert done.returncode == 1
    assert "CKV_AWS_54" in done.stdout
