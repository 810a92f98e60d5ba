"""One execution environment: AWS's runtime interface client in a process of its own, fed by our Runtime API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.localstack import sandbox as module
from local.localstack.sandbox import FunctionCode, InitError, Sandbox
from tests.artefact.sandbox import install_runtime
from tests.eventually import eventually
from tests.platform.running import is_running

if TYPE_CHECKING:
    from collections.abc import Generator

HANDLERS = """
import json, os, pathlib, sys, threading, time
print("loading")
count = 0

def echo(event, context):
    global count
    count += 1
    print("handling", context.aws_request_id)
    return {"event": event, "count": count, "left": context.get_remaining_time_in_millis(), "arn":
            context.invoked_function_arn, "variable": os.environ.get("SAID"), "folder": os.getcwd()}

def fail(event, context):
    raise ValueError("it failed")

def leave(event, context):
    os._exit(3)

def hang(event, context):
    print("hanging", flush=True)
    pathlib.Path(event["sign"]).touch()
    time.sleep(60)

def choose(event, context):
    return globals()[event["handler"]](event, context)

def print_much(event, context):
    print("x" * 100_000)

def look(event, context):
    from importlib.util import find_spec
    return {"path": sys.path, "modules": [name for name in ("pytest", "local", "sandbox") if find_spec(name)]}
"""
ARN = "arn:aws:lambda:us-east-1:000000000000:function:sample"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("functions")
    install_runtime(folder / "runtime")
    (folder / "task").mkdir()
    (folder / "task" / "sample.py").write_text(HANDLERS)
    (folder / "task" / "broken.py").write_text("print('about to fail')\nimport nothing_of_this_name\n")
    (folder / "task" / "leaving.py").write_text("import os\nprint('leaving', flush=True)\nos._exit(7)\n")
    return folder


def made(folder: Path, handler: str, *, timeout_seconds: float = 30) -> Sandbox:
    code = FunctionCode(sys.executable, folder / "runtime", folder / "task", handler)
    return Sandbox(code, {"SAID": "from the template"}, timeout_seconds=timeout_seconds, memory_mb=512)


@pytest.fixture
def sandbox(folder: Path) -> Generator[Sandbox]:
    started = made(folder, "sample.choose")
    started.start()
    yield started
    started.stop()


@pytest.fixture
def hasty(folder: Path) -> Generator[Sandbox]:
    """Its functions have little time."""
    started = made(folder, "sample.choose", timeout_seconds=1.5)
    started.start()
    yield started
    started.stop()


def invoke(sandbox: Sandbox, handler: str, **event: object) -> tuple[Any, bool, str]:
    outcome = sandbox.invoke(f"request-{handler}", ARN, json.dumps({"handler": handler, **event}).encode())
    return json.loads(outcome.payload), outcome.is_error, outcome.log


def test_a_process_answers_one_invocation_after_the_other(sandbox: Sandbox, folder: Path) -> None:
    first, is_error, log = invoke(sandbox, "echo")
    assert not is_error
    assert first["event"] == {"handler": "echo"}
    assert first["arn"] == ARN
    assert 0 < first["left"] <= 30_000
    assert (first["count"], first["variable"]) == (1, "from the template")
    assert first["folder"] == str(folder / "task")
    assert log.startswith(
        "loading\nSTART RequestId: request-echo Version: $LATEST\nhandling request-echo\nEND RequestId:"
    )
    assert "\tMemory Size: 512 MB\tMax Memory Used: " in log
    assert "Init Duration" in log
    second, _, log = invoke(sandbox, "echo")
    assert second["count"] == 2
    assert "loading" not in log
    assert "Init Duration" not in log


def test_an_exception_is_an_outcome_and_the_process_stays(sandbox: Sandbox) -> None:
    before = sandbox.process_id
    error, is_error, log = invoke(sandbox, "fail")
    assert is_error
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "it failed")
    assert "[ERROR] ValueError: it failed" in log
    assert invoke(sandbox, "echo")[0]["count"] == 1
    assert sandbox.process_id == before


def test_a_process_that_ends_is_an_error_and_another_takes_its_place(sandbox: Sandbox) -> None:
    before = sandbox.process_id
    error, is_error, log = invoke(sandbox, "leave")
    assert is_error
    assert error == {
        "errorType": "Runtime.ExitError",
        "errorMessage": "RequestId: request-leave Error: Runtime exited with error: exit status 3",
    }
    assert "Runtime exited with error: exit status 3" in log
    again, _, log = invoke(sandbox, "echo")
    assert again["count"] == 1
    assert log.startswith("loading\n")
    assert sandbox.process_id != before


def test_a_process_that_ends_between_two_invocations_is_replaced(sandbox: Sandbox) -> None:
    assert invoke(sandbox, "echo")[0]["count"] == 1
    before = sandbox.process_id
    assert before is not None
    os.kill(before, 9)
    with suppress(ChildProcessError):  # the sandbox has noticed already
        os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT)  # with all of its threads
    again, is_error, _ = invoke(sandbox, "echo")
    assert (again["count"], is_error) == (1, False)


def test_a_process_that_is_killed_in_the_middle_is_an_error(sandbox: Sandbox, tmp_path: Path) -> None:
    sign = tmp_path / "sign"
    process_id = sandbox.process_id
    assert process_id is not None

    def kill() -> None:
        eventually(sign.exists, "the function hangs")
        os.kill(process_id, 9)

    killer = threading.Thread(target=kill)
    killer.start()
    error, is_error, _ = invoke(sandbox, "hang", sign=str(sign))
    killer.join()
    assert is_error
    assert error["errorMessage"].endswith("Runtime exited with error: signal: SIGKILL")


def test_a_function_that_takes_too_long_is_ended_and_starts_anew(hasty: Sandbox, tmp_path: Path) -> None:
    before = hasty.process_id
    assert before is not None
    error, is_error, log = invoke(hasty, "hang", sign=str(tmp_path / "sign"))
    assert is_error
    assert error == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": "RequestId: request-hang Error: Task timed out after 1.50 seconds",
    }
    assert "hanging\n" in log
    assert "Task timed out after 1.50 seconds" in log
    assert not is_running(before)
    assert invoke(hasty, "echo")[0]["count"] == 1


@pytest.mark.parametrize(
    ("handler", "kind", "printed"),
    [
        ("sample.missing", "Runtime.HandlerNotFound", "loading"),
        ("broken.handler", "Runtime.ImportModuleError", "about to fail"),
        ("leaving.handler", "Runtime.ExitError", "leaving"),
    ],
)
def test_a_handler_that_cannot_be_loaded_is_an_init_error(folder: Path, handler: str, kind: str, printed: str) -> None:
    sandbox = made(folder, handler)
    with pytest.raises(InitError) as raised:
        sandbox.start()
    assert json.loads(raised.value.payload)["errorType"] == kind
    assert printed in raised.value.log
    assert sandbox.process_id is None
    sandbox.stop()


def test_a_start_that_takes_too_long_is_an_init_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "task" / "sleeping.py").write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(module, "INIT_SECONDS", 0.3)
    with pytest.raises(InitError, match=r"The start took over 0\.3 seconds"):
        made(folder, "sleeping.handler").start()


def test_stopping_ends_a_function_in_the_middle(folder: Path, tmp_path: Path) -> None:
    sandbox = made(folder, "sample.hang")
    sandbox.start()
    process_id, sign = sandbox.process_id, tmp_path / "sign"
    assert process_id is not None

    def stop() -> None:
        eventually(sign.exists, "the function hangs")
        sandbox.stop()

    stopping = threading.Thread(target=stop)
    stopping.start()
    outcome = sandbox.invoke("one", ARN, json.dumps({"sign": str(sign)}).encode())
    stopping.join()
    assert outcome.is_error
    assert not is_running(process_id)
    with pytest.raises(InitError, match="stopped"):
        sandbox.invoke("two", ARN, b"{}")


def test_a_function_finds_nothing_of_this_environment_and_nothing_of_ours(sandbox: Sandbox, folder: Path) -> None:
    found, _, _ = invoke(sandbox, "look")
    assert found["modules"] == []
    assert str(folder / "task") in found["path"]


def test_a_long_log_is_passed_on_once_and_does_not_grow(sandbox: Sandbox) -> None:
    for _ in range(12):
        _, _, log = invoke(sandbox, "print_much")
        assert log.count("x" * 100_000) == 1
        assert len(log) < 101_000
    output = Path(f"/proc/{sandbox.process_id}/fd/1")
    assert output.stat().st_size <= module.KEPT_LOG + 101_000


PARENT = """
import json, sys, threading, time
from pathlib import Path
from local.localstack.sandbox import FunctionCode, Sandbox
folder, sign = Path(sys.argv[1]), sys.argv[2]
code = FunctionCode(sys.executable, folder / "runtime", folder / "task", "sample.hang")
sandbox = Sandbox(code, {}, timeout_seconds=60)
sandbox.start()
print(sandbox.process_id, flush=True)
sandbox.invoke("one", "arn", json.dumps({"sign": sign}).encode())
"""


def test_a_function_in_the_middle_ends_with_the_emulator_however_that_ends(folder: Path, tmp_path: Path) -> None:
    sign = tmp_path / "sign"
    parent = subprocess.Popen([sys.executable, "-c", PARENT, folder, sign], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    with parent.stdout as said:
        process_id = int(said.readline())
        eventually(sign.exists, "the function hangs")
        assert is_running(process_id)
        parent.kill()
        parent.wait()
        eventually(lambda: not is_running(process_id), "the function has ended")
