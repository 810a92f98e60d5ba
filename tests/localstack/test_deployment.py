"""Stacks that come up on the real emulator, and those that cannot: one sentence, and nothing left."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.data_directory import Purpose, open_data_directory
from local.environment import Environment
from local.errors import DISK_FULL, CommandError
from local.localstack.emulator import run_emulator
from local.localstack.installation import ROOT
from local.localstack.stack import DeploymentError, check_functions, deploy, remove
from local.postgres.cluster import Cluster
from local.postgres.server import free_port
from tests.eventually import eventually
from tests.localstack.conftest import HERE, function
from tests.platform.running import dev, is_running
from tools.localstack import deploy_all, make_key, packaged, socket_parameters

if TYPE_CHECKING:
    from collections.abc import Generator

    from local.localstack.emulator import Emulator
    from local.localstack.installation import Installation
    from tests.localstack.conftest import SmallPackage

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(300)]

CODE = """
import os, time
print("loading")
def well(event, context): return {"said": os.environ.get("SAID")}
def slow(event, context): time.sleep(30)
def leave(event, context): os._exit(9)
def fail(event, context): raise RuntimeError("the bucket has no bottom")
"""
BUCKET = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"}
LOGS = {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "Retain"}


def silent(_text: str) -> None:
    pass


def left(emulator: Emulator) -> list[Any]:
    """What is still there of functions, buckets and logs of stacks."""
    clients = emulator.clients()
    functions = clients.client("lambda").list_functions()["Functions"]
    buckets = clients.client("s3").list_buckets()["Buckets"]
    own = [one["Name"] for one in buckets if not one["Name"].startswith("awslambda-")]
    logs = clients.client("logs").describe_log_groups()["logGroups"]
    kept = [one["logGroupName"] for one in logs if "Kept" in one["logGroupName"]]
    return [*(one["FunctionName"] for one in functions), *own, *kept]


def tried(emulator: Emulator, package: Path) -> str:
    """Deploy and check as the command does; return what a person would read."""
    try:
        stack = deploy(emulator.clients(), package, {}, silent)
        try:
            check_functions(stack, silent)
        finally:
            remove(emulator.clients())
    except DeploymentError as error:
        return str(error)
    pytest.fail("The stack came up.")


def test_a_stack_comes_up_answers_and_leaves_nothing(emulator: Emulator, small: SmallPackage) -> None:
    variables = {"Environment": {"Variables": {"SAID": {"Ref": "Word"}}}}
    package = small.write(CODE, {"Well": function("well", variables), "Kept": BUCKET, "KeptLogs": LOGS})
    stack = deploy(emulator.clients(), package, {"Word": "another"}, silent)
    check_functions(stack, silent)
    client = emulator.clients().client("lambda")
    answer = client.invoke(FunctionName=stack.functions["Well"], LogType="Tail")
    assert json.loads(answer["Payload"].read()) == {"said": "another"}
    assert "START RequestId" in base64.b64decode(answer["LogResult"]).decode()
    remove(emulator.clients())
    assert left(emulator) == []


def test_what_an_earlier_try_left_is_removed_first(emulator: Emulator, small: SmallPackage) -> None:
    cloudformation = emulator.clients().client("cloudformation")
    half = {"Resources": {"Kept": BUCKET, "Broken": {"Type": "AWS::SQS::Queue", "Properties": {"RedrivePolicy": "no"}}}}
    cloudformation.create_stack(StackName="berth", TemplateBody=json.dumps(half))
    emulator.clients().client("s3").create_bucket(Bucket="berth-packages")
    stack = deploy(emulator.clients(), small.write(CODE, {"Well": function("well")}), {}, silent)
    assert list(stack.functions) == ["Well"]
    remove(emulator.clients())
    assert left(emulator) == []


@pytest.mark.parametrize(
    ("handler", "sentence"),
    [
        ("fail", "The function Broken cannot run: the bucket has no bottom"),
        ("missing", "The function Broken cannot run: Handler 'missing' missing on module 'app'"),
        ("slow", "Task timed out after 3.00 seconds"),
        ("leave", "Runtime exited with error: exit status 9"),
    ],
)
def test_a_broken_function_ends_in_one_sentence_with_nothing_left(
    emulator: Emulator, small: SmallPackage, handler: str, sentence: str
) -> None:
    said = tried(emulator, small.write(CODE, {"Broken": function(handler), "Kept": BUCKET, "KeptLogs": LOGS}))
    assert sentence in said
    assert "\n" not in said
    assert left(emulator) == []
    assert sentence.removeprefix("The function Broken cannot run: ") in emulator.log.read_text(errors="replace")


def test_the_wrong_python_for_the_package_is_said(emulator: Emulator, small: SmallPackage) -> None:
    other = "3.12" if HERE != "3.12" else "3.13"
    said = tried(emulator, small.write(CODE, {"Broken": function("well", python=other)}))
    assert f"The package is for python{other}, and functions run here on python{HERE}." in said
    assert left(emulator) == []


def test_a_missing_secret_is_said(emulator: Emulator, small: SmallPackage) -> None:
    wanted = "{{resolve:secretsmanager:nobody/has/made/this:SecretString:password}}"
    broken = function("well", {"Environment": {"Variables": {"PASSWORD": wanted}}})
    said = tried(emulator, small.write(CODE, {"Broken": broken, "Kept": BUCKET}))
    assert "secret" in said.lower()
    assert left(emulator) == []


def test_a_wrong_address_of_the_database_is_said_and_what_was_made_is_removed(
    installation: Installation, emulator: Emulator, tmp_path: Path
) -> None:
    """With the package as it is deployed: nobody listens where its database should be."""
    assert installation.functions_version == HERE
    package, port = packaged(HERE, silent), free_port()
    nowhere = Cluster(18, "berth", {"host": "127.0.0.1", "port": str(port), "user": "postgres", "password": "x"}, {})
    with open_data_directory(tmp_path / "data", purpose=Purpose.NORMAL, fresh=False) as directory:
        environment = Environment(directory, nowhere, [])
        sockets = socket_parameters("http://127.0.0.1:9", "http://127.0.0.1:9", make_key())
        with pytest.raises(DeploymentError) as raised:
            deploy_all(environment, (emulator.address, emulator.address), package, sockets, silent)
    said = str(raised.value)
    assert said.startswith("The stack could not be made: Schema (Migrate) failed: ")
    assert f'connection to server at "127.0.0.1", port {port} failed: Connection refused' in said
    assert "\n" not in said
    assert "password" not in said
    assert left(emulator) == []


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """A disk of 64 MiB for all that LocalStack writes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk], check=False).returncode:
        pytest.skip("Only root can make a small disk.")
    monkeypatch.setattr("tempfile.tempdir", str(disk))
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_disk_that_is_full_while_deploying_is_said_and_room_made_again(
    installation: Installation, small: SmallPackage, small_disk: Path
) -> None:
    with run_emulator(installation, free_port(), small_disk / "log") as emulator:
        free = shutil.disk_usage(small_disk).free
        package = small.write(f"{CODE}\n# {' ' * (80 << 20)}", {"Well": function("well"), "Kept": BUCKET})
        said = tried(emulator, package)
        assert "Well (AWS::Lambda::Function) failed" in said
        assert DISK_FULL in said
        assert left(emulator) == []
        assert shutil.disk_usage(small_disk).free > free - (8 << 20)
        assert "\n" not in said
        check_functions(deploy(emulator.clients(), small.write(CODE, {"Well": function("well")}), {}, silent), silent)


def test_a_function_of_an_old_configuration_is_replaced_and_runs(emulator: Emulator, small: SmallPackage) -> None:
    """The version before is cleaned up, and has the same code."""
    stack = deploy(emulator.clients(), small.write(CODE, {"Well": function("well")}), {}, silent)
    client = emulator.clients().client("lambda")
    name = stack.functions["Well"]
    client.update_function_configuration(FunctionName=name, Environment={"Variables": {"SAID": "changed"}})
    client.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert json.loads(client.invoke(FunctionName=name)["Payload"].read()) == {"said": "changed"}
    remove(emulator.clients())


def test_only_loopback_is_listened_on(emulator: Emulator) -> None:
    group = os.getpgid(emulator.process_id)
    sockets: set[str] = set()
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and _group_of(process) == group:
            with suppress(FileNotFoundError):  # a process, or what it has open, may be gone by now
                sockets.update(str(link.readlink()) for link in (process / "fd").iterdir())
    tables = [Path(f"/proc/net/{name}").read_text().splitlines()[1:] for name in ("tcp", "tcp6")]
    lines = [line.split() for table in tables for line in table]
    listening = [line[1] for line in lines if line[3] == "0A" and f"socket:[{line[9]}]" in sockets]
    assert listening
    assert [place for place in listening if not place.startswith("0100007F:")] == []


def _group_of(process: Path) -> int:
    try:
        return os.getpgid(int(process.name))
    except ProcessLookupError:
        return 0


def test_a_port_where_localstack_answers_is_refused(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    port = emulator.address.rpartition(":")[2]
    done = dev(capsys, "localstack", "--port", port)
    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"A LocalStack answers on port {port} already. Stop that one, or choose another with --port."
    )


def test_an_emulator_that_ends_is_noticed(installation: Installation, tmp_path: Path) -> None:
    with run_emulator(installation, free_port(), tmp_path / "log") as emulator:
        emulator.check()
        os.kill(emulator.process_id, signal.SIGKILL)
        with pytest.raises(CommandError, match="LocalStack has ended, with status -9"):
            eventually(emulator.check)


RUN = """
import sys, time
from pathlib import Path
from local.localstack.emulator import run_emulator
from local.localstack.installation import install
with run_emulator(install(sys.executable, sys.argv[1], print), int(sys.argv[2]), Path(sys.argv[3])) as emulator:
    print(emulator.process_id, emulator.folder, flush=True)
    time.sleep(600)
"""


def test_localstack_ends_with_who_started_it_however_that_ends(installation: Installation, tmp_path: Path) -> None:
    command = [sys.executable, "-c", RUN, HERE, str(free_port()), str(tmp_path / "log")]
    parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    with parent.stdout as said:
        process_id = int(said.readline().split()[0])
        assert is_running(process_id)
        parent.kill()
        parent.wait()
        eventually(lambda: not is_running(process_id), "LocalStack has ended")
