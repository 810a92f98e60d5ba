"""LocalStack, once for all tests that need no more than small functions."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from local.localstack.emulator import Emulator, run_emulator
from local.localstack.installation import Installation, install
from local.postgres.server import free_port

if TYPE_CHECKING:
    from collections.abc import Generator

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
Json = dict[str, Any]


@pytest.fixture(scope="session")
def installation() -> Installation:
    return install(sys.executable, HERE, print)


@pytest.fixture(scope="module")
def emulator(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Generator[Emulator]:
    with run_emulator(installation, free_port(), tmp_path_factory.mktemp("emulator") / "log") as running:
        yield running


@dataclass(frozen=True)
class SmallPackage:
    """A package as `deploy` takes it, of functions that are a few lines."""

    folder: Path

    def write(self, code: str, resources: Json) -> Path:
        archive = io.BytesIO()
        with ZipFile(archive, "w", ZIP_DEFLATED) as packed:
            packed.writestr("app.py", code)
        (self.folder / "deployment.zip").write_bytes(archive.getvalue())
        template = {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Transform": "AWS::Serverless-2016-10-31",
            "Parameters": {"Word": {"Type": "String", "Default": "a word"}},
            "Resources": resources,
            "Outputs": {},
        }
        (self.folder / "sam.json").write_text(json.dumps(template))
        return self.folder


@pytest.fixture
def small(tmp_path: Path) -> SmallPackage:
    return SmallPackage(tmp_path)


def function(handler: str, properties: Json | None = None, *, python: str = HERE) -> Json:
    settings = {"Runtime": f"python{python}", "Handler": f"app.{handler}", "CodeUri": "./deployment.zip", "Timeout": 3}
    return {"Type": "AWS::Serverless::Function", "Properties": {**settings, **(properties or {})}}
