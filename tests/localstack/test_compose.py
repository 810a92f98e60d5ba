"""What localstack-compose.yml starts, as processes: each container's command, with its places and addresses as here.

Then the same steps on LocalStack and on the embedded gateway, with the same data: the same answers.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
import pytest
import yaml

from demo.image_files import keep_images
from local.environment import open_environment
from local.localstack.emulator import Clients, answers
from local.localstack.installation import ROOT
from local.localstack.stack import PACKAGES, STACK, public_url
from local.postgres import throwaway_cluster
from local.postgres.server import free_port
from local.serve import serve_everything
from tests.eventually import all_transactions_end, eventually
from tests.localstack.conftest import HERE
from tests.platform.running import Command, running
from tools.smoke import Smoke
from tools.smoke_differences import differences
from tools.smoke_targets import OnLocalStack, OnThisMachine, Target

if TYPE_CHECKING:
    from collections.abc import Generator

    from local.localstack.installation import Installation

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(1500)]
DEPLOY_SECONDS = 900
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "localstack-compose.yml").read_text(encoding="utf-8"))["services"]


@dataclass(frozen=True)
class Started:
    """What compose would have started."""

    address: str
    owner: str
    data: Path
    group: int
    found_half: list[str]
    """Kinds of what the first try had made when it was killed."""

    @property
    def clients(self) -> Clients:
        return Clients(self.address)

    def function(self, logical_id: str) -> str:
        client = self.clients.client("cloudformation")
        found = client.describe_stack_resource(StackName=STACK, LogicalResourceId=logical_id)
        return found["StackResourceDetail"]["PhysicalResourceId"]

    @property
    def queue(self) -> str:
        """The address of the queue of notifications."""
        names = self.clients.client("lambda").get_function_configuration(FunctionName=self.function("APIHandler"))
        return names["Environment"]["Variables"]["BERTH_QUEUE_URL"]

    def functions_of(self, handler: str) -> list[int]:
        """The processes of functions with this handler."""
        found: list[int] = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if handler.encode() in words and os.getpgid(int(entry.name)) == self.group:
                    found.append(int(entry.name))
        return found

    @property
    def password(self) -> str:
        return json.loads((self.data / "secrets.json").read_text())["demo_password"]


@pytest.fixture(scope="module")
def started(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Generator[Started]:
    folder = tmp_path_factory.mktemp("compose")
    edge, sockets = free_port(), free_port()
    (folder / "runtime").mkdir()
    places = {
        "/opt/code/localstack/.venv/bin/python": str(installation.localstack_python),
        "/data/berth": str(folder / "data"),  # before the folder that its name ends with
        "/berth": str(ROOT),
        "/lambda-runtime": str(folder / "runtime"),
        "/usr/local/bin/python3.13": sys.executable,
        "3.13": HERE,
        "localstack:4566": f"127.0.0.1:{edge}",
        "0.0.0.0": "127.0.0.1",  # noqa: S104 - what a container listens on
        ":4566": f":{edge}",
        "sockets:4510": f"127.0.0.1:{sockets}",
        "4510": str(sockets),
    }

    def here(text: str) -> str:
        for there, place in places.items():
            text = text.replace(there, place)
        return text

    passwords = {role: token_hex(16) for role in ("postgres", "berth_app", "berth_jobs", "berth_readonly")}
    # One of its own: `migrate` gives its roles other passwords.
    with throwaway_cluster(passwords) as cluster, ExitStack() as processes:
        cluster.create_database()
        owner = cluster.owner_dsn()

        def start(name: str, more: dict[str, str]) -> Command:
            service = SERVICES[name]
            command = [here(word) for word in service.get("entrypoint", service.get("command"))]
            variables = {key: here(str(value)) for key, value in service.get("environment", {}).items()}
            environment = {**os.environ, **variables, **more}
            return processes.enter_context(running(command, folder / f"{name}.log", environment=environment))

        for name in ("HOME", "TMPDIR", "FILESYSTEM_ROOT"):
            (folder / name).mkdir()
        own = {name: str(folder / name) for name in ("HOME", "TMPDIR", "FILESYSTEM_ROOT")}
        localstack = start("localstack", {**own, "OVERRIDE_IN_DOCKER": "0"})  # the image's own place is not ours
        address = f"http://127.0.0.1:{edge}"
        eventually(lambda: answers(address), "LocalStack answers", 180)
        half = killed_half_way(address, start("deploy", {"DATABASE_URL": owner}))
        deploy = start("deploy", {"DATABASE_URL": owner})
        assert deploy.process.wait(DEPLOY_SECONDS) == 0, deploy.said()
        start("sockets", {}).wait_for("WebSockets at")
        yield Started(address, owner, folder / "data", localstack.process.pid, half)


def killed_half_way(address: str, deploy: Command) -> list[str]:
    """Kill a deployment as soon as there are functions, as a machine ends that loses its power; return what is left."""
    cloudformation = Clients(address).client("cloudformation")

    def made() -> list[str]:
        with suppress(cloudformation.exceptions.ClientError):  # there is no stack yet
            resources = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
            return [one["ResourceType"] for one in resources if one["ResourceStatus"] == "CREATE_COMPLETE"]
        return []

    eventually(lambda: "AWS::Lambda::Function" in made() or deploy.process.poll() is not None, "functions", 300)
    assert deploy.stop(signal.SIGKILL) == -signal.SIGKILL, deploy.said()
    return made()


def test_a_deployment_that_was_killed_half_way_is_removed_by_the_next(started: Started) -> None:
    assert "AWS::S3::Bucket" in started.found_half
    resources = started.clients.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    made = {one["PhysicalResourceId"] for one in resources}
    functions = started.clients.client("lambda").list_functions()["Functions"]
    buckets = started.clients.client("s3").list_buckets()["Buckets"]
    assert {one["FunctionName"] for one in functions} <= made
    assert {one["Name"] for one in buckets if not one["Name"].startswith("awslambda-")} - made == {PACKAGES}
    assert len(functions) > len([one for one in started.found_half if one == "AWS::Lambda::Function"])


def test_the_same_steps_have_the_same_answers_on_localstack_and_on_the_embedded_gateway(
    started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_localstack = Smoke(
        Target(public_url(started.address), started.password, OnLocalStack(started.address)), print
    ).run()
    monkeypatch.setenv("DATABASE_URL", started.owner)
    with open_environment(started.data) as environment:
        keep_images(started.data / "objects")
        with serve_everything(environment, "127.0.0.1", 0, 1) as runtime:
            here = Target(runtime.address, started.password, OnThisMachine(started.data, runtime.address))
            embedded = Smoke(here, print).run()
    assert len(on_localstack) > 12
    assert differences(on_localstack, {**on_localstack, "health": {"body": {"status": "tired"}}})
    assert differences(on_localstack, embedded) == []


def asked_stay(http: httpx.Client, email: str) -> dict[str, Any]:
    """Two nights that are free, for a guest."""
    today = datetime.now(UTC).date()
    resource = http.get("/tenants/pine-cabins/resources/lookout-treehouse").json()
    period = {"from": str(today + timedelta(90)), "until": str(today + timedelta(150))}
    free = http.get("/tenants/pine-cabins/resources/lookout-treehouse/availability", params=period).json()
    for night in free["nights"]:
        check_out_on = str(date.fromisoformat(night["on"]) + timedelta(2))
        stay = {"resource_id": resource["id"], "check_in_on": night["on"], "check_out_on": check_out_on}
        if night["remaining"] and http.post("/tenants/pine-cabins/quotes", json=stay).is_success:
            return {**stay, "party_size": 2, "guest": {"name": "Ada", "email": email}}
    pytest.fail("Nothing is free.")


@pytest.fixture
def http(started: Started) -> Generator[httpx.Client]:
    with httpx.Client(base_url=f"{public_url(started.address)}/api/v1", timeout=60, trust_env=False) as http:
        yield http


PATH = "/tenants/pine-cabins/reservations"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


def test_a_create_whose_function_is_killed_is_resolved_by_its_key(started: Started, http: httpx.Client) -> None:
    stay, headers = asked_stay(http, "killed@example.org"), {"Idempotency-Key": "killed-in-the-middle"}
    with psycopg.connect(started.owner) as owner, ThreadPoolExecutor(1) as pool:
        owner.execute("LOCK TABLE reservations IN EXCLUSIVE MODE")
        answer = pool.submit(http.post, PATH, json=stay, headers=headers)
        eventually(lambda: owner.execute(WAITING).fetchone() != (0,), "the create waits")
        for process in started.functions_of("app.app"):
            os.kill(process, signal.SIGKILL)
        assert answer.result().status_code == httpx.codes.BAD_GATEWAY
    all_transactions_end(started.owner)
    made = http.post(PATH, json=stay, headers=headers)
    assert made.status_code == httpx.codes.CREATED, made.text
    assert http.post(PATH, json=stay, headers=headers).content == made.content
    cancel(http, made.json())


TIMEOUT_SECONDS = 6
SLEEP_AT_COMMIT = """
CREATE FUNCTION sleep_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(2);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER sleep_at_commit AFTER INSERT ON reservations DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION sleep_at_commit();
"""
SLEEPING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
MADE = "SELECT count(*) FROM reservations r JOIN guests g ON g.id = r.guest_id WHERE g.email = %s"


@pytest.fixture
def hasty(started: Started) -> Generator[None]:
    """The API's function has little time."""
    client, name = started.clients.client("lambda"), started.function("APIHandler")
    usual = client.get_function_configuration(FunctionName=name)["Timeout"]
    for seconds in (TIMEOUT_SECONDS, usual):
        client.update_function_configuration(FunctionName=name, Timeout=seconds)
        client.get_waiter("function_updated_v2").wait(FunctionName=name)
        if seconds != usual:
            yield


@contextmanager
def frozen(started: Started) -> Generator[None]:
    """The processes of the API's function do nothing more; those that are there at the end go on."""
    processes = started.functions_of("app.app")
    assert processes
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)


@pytest.mark.parametrize("moment", ["before the commit", "during the commit"])
@pytest.mark.usefixtures("hasty")
def test_a_create_whose_function_runs_out_of_time_is_resolved_by_its_key(
    started: Started, http: httpx.Client, moment: str
) -> None:
    """Its process stands still, so that nothing of ours ends it in time: Lambda does."""
    email = f"{moment.split()[0]}@example.org"
    stay, headers = asked_stay(http, email), {"Idempotency-Key": f"out of time {moment}"}
    with psycopg.connect(started.owner) as owner, ThreadPoolExecutor(1) as pool:
        if moment == "during the commit":
            owner.execute(SLEEP_AT_COMMIT)
            owner.commit()
        else:
            owner.execute("LOCK TABLE reservations IN EXCLUSIVE MODE")
        answer = pool.submit(http.post, PATH, json=stay, headers=headers)
        reached = SLEEPING if moment == "during the commit" else WAITING
        eventually(lambda: owner.execute(reached).fetchone() != (0,), "the create has come so far")
        with frozen(started):
            owner.rollback()
            assert answer.result().status_code == httpx.codes.BAD_GATEWAY
    all_transactions_end(started.owner)
    with psycopg.connect(started.owner, autocommit=True) as owner:
        assert owner.execute(MADE, [email]).fetchone() == (int(moment == "during the commit"),)
        owner.execute("DROP FUNCTION IF EXISTS sleep_at_commit CASCADE")
        made = http.post(PATH, json=stay, headers=headers)
        assert made.status_code == httpx.codes.CREATED, made.text
        assert http.post(PATH, json=stay, headers=headers).content == made.content
        assert owner.execute(MADE, [email]).fetchone() == (1,)
    cancel(http, made.json())


def cancel(http: httpx.Client, made: dict[str, Any]) -> None:
    path = f"{PATH}/{made['id']}/cancel"
    http.post(path, headers={"Authorization": f"Bearer {made['manage_token']}", "Idempotency-Key": made["id"]})


def test_a_queue_that_delivers_twice_and_late_sends_one_email(started: Started, http: httpx.Client) -> None:
    stay = asked_stay(http, "twice@example.org")
    made = http.post(PATH, json=stay, headers={"Idempotency-Key": "delivered-twice"}).json()
    evidence = OnLocalStack(started.address)
    eventually(lambda: evidence.emails_to("twice@example.org"), "the email has left")
    record: dict[str, Any] = {
        "messageId": "late",
        "receiptHandle": "x",
        "body": "{}",
        "eventSource": "aws:sqs",
        "attributes": {},
    }
    event = json.dumps({"Records": [record, record]}).encode()
    name, client = started.function("DeliverEvents"), started.clients.client("lambda")
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(client.invoke, FunctionName=name, Payload=event) for _ in range(2)]
        assert [call.result().get("FunctionError") for call in calls] == [None, None]
    # The queue itself, which may deliver a notification again long after: here seconds, on AWS up to four days.
    queue, sqs = started.queue, started.clients.client("sqs")
    for _ in range(2):
        sqs.send_message(QueueUrl=queue, MessageBody="{}", DelaySeconds=2)
    eventually(lambda: messages(sqs, queue) == 0, "all notifications have been consumed")
    assert len(evidence.emails_to("twice@example.org")) == 1
    cancel(http, made)


def messages(sqs: Any, queue: str) -> int:  # noqa: ANN401 - a client
    """How many there are: to be delivered, later, and being consumed."""
    names = [f"ApproximateNumberOfMessages{which}" for which in ("", "Delayed", "NotVisible")]
    found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def test_a_rule_that_fires_twice_leaves_what_one_leaves(started: Started) -> None:
    """The second finds nothing to do; two at once are refused by the function's concurrency, or share the work."""
    client, name = started.clients.client("lambda"), started.function("SealEvents")

    def fire(_turn: int = 0) -> bool:
        try:
            assert "FunctionError" not in client.invoke(FunctionName=name, Payload=b"{}")
        except client.exceptions.TooManyRequestsException:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert any(pool.map(fire, range(2)))
    # The rule itself goes on each minute, so what counts is that nothing is sealed twice or left out.
    with psycopg.connect(started.owner) as owner:
        found = owner.execute("SELECT count(*), count(DISTINCT digest) FROM event_seals").fetchone()
    assert found is not None
    assert found[0] == found[1] > 0
    done = subprocess.run(
        [str(ROOT / "dev"), "seals", "verify"], env={**os.environ, "DATABASE_URL": started.owner}, check=False
    )
    assert done.returncode == 0
