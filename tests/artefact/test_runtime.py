from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.artefact.sandbox import Sandbox

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
    with Sandbox(task, runtime, handler, {}) as sandbox:
        outcome = sandbox.init_error()
    assert outcome.kind == "init/error"
    assert outcome.payload["errorType"] == kind
    assert message in outcome.payload["errorMessage"]


def test_event_that_api_gateway_never_sends_is_a_handler_error(task: Path, runtime: Path) -> None:
    with Sandbox(task, runtime, "app.app", {}) as sandbox:
        outcome = sandbox.invoke({"requestContext": {"resourcePath": "/v1/health"}})
        assert outcome.kind == "error"
        assert outcome.payload["errorType"] == "KeyError"
        assert outcome.payload["stackTrace"]
        assert sandbox.has_said("KeyError")
        again = sandbox.invoke({"requestContext": {"resourcePath": "/v1/health"}})
    assert again.kind == "error"


def test_runtime_finds_nothing_of_this_environment(task: Path, runtime: Path) -> None:
    found = {path.name for path in runtime.iterdir()} | {path.name for path in task.iterdir()}
    assert "uvicorn" not in found
    with Sandbox(task, runtime, "uvicorn.run", {}) as sandbox:
        assert sandbox.init_error().payload["errorType"] == "Runtime.ImportModuleError"
