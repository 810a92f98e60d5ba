"""The package in an execution environment of Lambda, as `./dev localstack` has them."""

from __future__ import annotations

import importlib.metadata
import json
import re
import shutil
import sys
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

from local.localstack.sandbox import FunctionCode, Sandbox

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping
    from pathlib import Path

    from local.localstack.sandbox import Outcome

ARN = "arn:aws:lambda:us-east-1:000000000000:function:berth"
PATIENCE_SECONDS = 60


@contextmanager
def started(task: Path, runtime: Path, handler: str, variables: Mapping[str, str]) -> Generator[Sandbox]:
    """A container whose handler is loaded. Raises `InitError`."""
    code = FunctionCode(sys.executable, runtime, task, handler)
    sandbox = Sandbox(code, {**variables, "TZ": ":UTC"}, timeout_seconds=PATIENCE_SECONDS)
    try:
        sandbox.start()
        yield sandbox
    finally:
        sandbox.stop()


def invoke(sandbox: Sandbox, event: object) -> Outcome:
    """Run one invocation."""
    return sandbox.invoke(str(uuid.uuid4()), ARN, json.dumps(event).encode())


def install_runtime(target: Path) -> None:
    """Copy awslambdaric and what it needs, and nothing else, from the installed distributions."""
    for name in ("awslambdaric", *_needs("awslambdaric")):
        distribution = importlib.metadata.distribution(name)
        for file in distribution.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                destination = target / file
                destination.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(str(file.locate()), destination)


def _needs(name: str) -> Iterator[str]:
    for requirement in importlib.metadata.requires(name) or ():
        if "extra ==" not in requirement:
            yield re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
