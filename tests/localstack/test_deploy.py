"""`./dev deploy` as a whole, on LocalStack's CloudFormation: the edge, the stage, the look at it, and a second time.

The package is a small one, in place of what takes RDS and CloudFront, and the edge is that of infra/. LocalStack takes
nothing back of what fails, so that each test has a stack of its own, and what AWS leaves of a failure is in
tests/infrastructure/test_deploy.py.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from threading import Thread
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest

from tests.localstack.conftest import HERE, function
from tests.platform.running import dev
from tools import deploy as command
from tools.infrastructure import read
from tools.lambda_package import PackageInfo

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from local.localstack.emulator import Emulator
    from tests.localstack.conftest import SmallPackage

pytestmark = [pytest.mark.emulator, pytest.mark.timeout(300)]
REGION = "eu-central-1"
NUMBERS = count(1)
Json = dict[str, Any]
BROKEN: Json = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "Runtime": f"python{HERE}",
        "Handler": "app.answer",
        "Role": "arn:aws:iam::000000000000:role/nobody",
        "Code": {"S3Bucket": "there-is-none", "S3Key": "nothing"},
    },
}


class Health(BaseHTTPRequestHandler):
    """What stands where the deployment would answer."""

    status = 200
    asked: Sequence[str] = ()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass

    def do_GET(self) -> None:
        Health.asked = [*Health.asked, self.path]
        self.send_response(Health.status)
        self.end_headers()
        self.wfile.write(b'{"detail":\n"No database."}')


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    monkeypatch.setattr(Health, "status", 200)
    monkeypatch.setattr(Health, "asked", ())
    with HTTPServer(("127.0.0.1", 0), Health) as server:
        Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Account:
    """What the emulated account has, in the region of the stage and in that of the edge."""

    def __init__(self, emulator: Emulator, stack: str) -> None:
        self.address = emulator.address
        self.stack = stack
        zone = self.client("route53").create_hosted_zone(Name="example.com", CallerReference=stack)["HostedZone"]["Id"]
        zone_id = zone.removeprefix("/hostedzone/")
        domain = "Domain=book.example.com"
        self.command = ["deploy", f"--stack={stack}", f"--region={REGION}", domain, f"HostedZoneId={zone_id}"]

    def client(self, service: str, region: str = REGION) -> Any:  # noqa: ANN401 - of any service
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return cast("Any", boto3).client(service, region_name=region, endpoint_url=self.address, **keys)

    def status(self, stack: str, region: str = REGION) -> str | None:
        found: list[Json] = self.client("cloudformation", region).describe_stacks()["Stacks"]
        return next((one["StackStatus"] for one in found if one["StackName"] == stack), None)

    def function(self) -> Json:
        """The only function of the stack, and how it is configured."""
        functions: list[Json] = self.client("lambda").list_functions()["Functions"]
        (one,) = [one for one in functions if one["FunctionName"].startswith(f"{self.stack}-")]
        return one

    def answer(self) -> list[str]:
        answer = self.client("lambda").invoke(FunctionName=self.function()["FunctionName"])
        return json.loads(answer["Payload"].read())


@pytest.fixture
def account(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Account:
    """The command finds LocalStack as it finds AWS: by the environment."""
    for name, value in {
        "AWS_ENDPOINT_URL": emulator.address,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(command, "LOOK_SECONDS", 0.2)
    monkeypatch.setattr(command, "READY_SECONDS", 1.0)
    return Account(emulator, f"stack{next(NUMBERS)}")


def use_package(
    small: SmallPackage, address: str, monkeypatch: pytest.MonkeyPatch, said: str = "one", **more: Json
) -> None:
    """Deploy a package whose function says something, and what the edge has told it."""
    variables = {"EDGE": {"Ref": "CertificateArn"}, "DOMAIN": {"Ref": "Domain"}}
    code = f"import os\ndef answer(event, context): return [{said!r}, os.environ['EDGE'], os.environ['DOMAIN']]\n"
    resources: Json = {
        "WebBucket": {"Type": "AWS::S3::Bucket"},
        "Logs": {"Type": "AWS::Logs::LogGroup"},
        "Answer": function("answer", {"Environment": {"Variables": variables}}),
        **more,
    }
    folder = small.write(code, resources)
    template = json.loads((folder / "sam.json").read_text())
    names = ("Domain", "HostedZoneId", "CertificateArn", "FirewallArn")
    template["Parameters"] = {name: {"Type": "String"} for name in names}
    template["Outputs"] = {
        "WebBucketName": {"Value": {"Ref": "WebBucket"}},
        "LogGroup": {"Value": {"Ref": "Logs"}},
        "Address": {"Value": address},
    }
    (folder / "sam.json").write_text(json.dumps(template))

    def built(out: Path, *, stage: str) -> PackageInfo:
        assert stage == "production"
        return PackageInfo(out, folder / "sam.json", 0, 0, has_bytecode=False)

    monkeypatch.setattr(command, "build_package", built)
    monkeypatch.setattr(command, "build", str)  # Node is none of this
    (folder / "admin.html").touch()
    (folder / "embed.js").touch()
    (folder / "admin-sw.js").touch()
    monkeypatch.setattr(command, "DIST", folder)


def test_the_edge_comes_first_and_the_stage_is_told_of_it_and_twice_changes_nothing(
    account: Account,
    small: SmallPackage,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    use_package(small, address, monkeypatch)
    done = dev(capsys, *account.command)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Address: {address}\n" in done.stdout
    assert account.status(f"{account.stack}-edge", "us-east-1") == "CREATE_COMPLETE"
    assert account.status(account.stack) == "CREATE_COMPLETE"
    said, certificate, domain = account.answer()
    assert (said, domain) == ("one", "book.example.com")
    assert certificate.startswith("arn:aws:acm:us-east-1:")
    assert Health.asked == ["/api/v1/ready"]
    pages = account.client("s3").list_objects_v2(Bucket=bucket_of(done.stdout))["Contents"]
    assert {"admin.html", "manage.html"} <= {one["Key"] for one in pages}

    first = account.function()
    again = dev(capsys, *account.command)
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.splitlines()[1:] == done.stdout.splitlines()[1:]
    assert account.function() == first


def bucket_of(said: str) -> str:
    return next(line for line in said.splitlines() if line.startswith("WebBucketName: ")).split(": ")[1]


def test_an_edge_that_cannot_be_made_ends_in_a_sentence_before_the_stage(
    tmp_path: Path,
    account: Account,
    small: SmallPackage,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    edge = read(command.INFRA / "edge.yaml")
    edge["Resources"]["Broken"] = {**BROKEN, "DependsOn": ["Certificate", "Firewall"]}
    (tmp_path / "edge.yaml").write_text(json.dumps(edge))
    monkeypatch.setattr(command, "INFRA", tmp_path)
    use_package(small, address, monkeypatch)
    done = dev(capsys, *account.command)
    assert done.returncode == 1
    assert done.stderr.startswith("The stack could not be made: Broken (AWS::Lambda::Function) failed: ")
    assert "What was made is removed again" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert account.status(f"{account.stack}-edge", "us-east-1") == "ROLLBACK_COMPLETE"
    assert account.status(account.stack) is None
    assert Health.asked == ()


def test_a_stage_that_cannot_be_made_ends_in_a_sentence_and_nobody_is_sent_there(
    account: Account,
    small: SmallPackage,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    use_package(small, address, monkeypatch, Broken={**BROKEN, "DependsOn": ["Answer", "WebBucket"]})
    done = dev(capsys, *account.command)
    assert done.returncode == 1
    assert done.stderr.startswith("The stack could not be made: Broken (AWS::Lambda::Function) failed: ")
    assert "What was made is removed again" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert Health.asked == ()
    assert account.status(account.stack) == "ROLLBACK_COMPLETE"


def test_a_release_that_does_not_answer_is_taken_back(
    account: Account,
    small: SmallPackage,
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Health.status = 503
    use_package(small, address, monkeypatch)
    done = dev(capsys, *account.command)
    assert done.returncode == 1
    assert f'does not answer: {address}/api/v1/ready: 503, {{"detail": "No database."}}. It is' in done.stderr
    assert f"It is the first one, and stays. Look at the log group {account.stack}-Logs-" in done.stderr
    Health.status = 200
    assert dev(capsys, *account.command).returncode == 0
    use_package(small, address, monkeypatch, "two")
    assert dev(capsys, *account.command).returncode == 0
    assert account.answer()[0] == "two"
    Health.status = 503
    use_package(small, address, monkeypatch, "three")
    done = dev(capsys, *account.command)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "The one before is there again, but for migrations, which stay. Look at the log group " in done.stderr
    assert account.answer()[0] == "two"
