from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from local.localstack.sandbox import InitError
from tests.artefact.sandbox import invoke, started

if TYPE_CHECKING:
    from pathlib import Path


# Whichever test comes first builds the package, which takes a while on a busy machine.
pytestmark = pytest.mark.timeout(300)


@pytest.mark.parametrize(
    ("handler", "kind", "message"),
    [
        ("app.nothing", "Runtime.HandlerNotFound", "Handler 'nothing' missing on module 'app'"),
        ("nothing.app", "Runtime.ImportModuleError", "Unable to import module 'nothing'"),
    ],
)
def test_handler_that_cannot_be_loaded_is_an_init_error(
    task: Path, runtime: Path, handler: str, kind: str, message: str
) -> None:
    with pytest.raises(InitError) as caught, started(task, runtime, handler, {}):
        pass
    said = json.loads(caught.value.payload)
    assert said["errorType"] == kind
    assert message in said["errorMessage"]


def test_event_that_api_gateway_never_sends_is_a_handler_error(task: Path, runtime: Path) -> None:
    event = {"requestContext": {"resourcePath": "/v1/health"}}
    with started(task, runtime, "app.app", {}) as sandbox:
        for _ in range(2):
            outcome = invoke(sandbox, event)
            assert outcome.is_error
            said = json.loads(outcome.payload)
            assert (said["errorType"], bool(said["stackTrace"])) == ("KeyError", True)
            assert "KeyError" in outcome.log


def test_runtime_finds_nothing_of_this_environment(task: Path, runtime: Path) -> None:
    found = {path.name for path in runtime.iterdir()} | {path.name for path in task.iterdir()}
    assert "uvicorn" not in found
    with pytest.raises(InitError, match=r"Runtime\.ImportModuleError"), started(task, runtime, "uvicorn.run", {}):
        pass
