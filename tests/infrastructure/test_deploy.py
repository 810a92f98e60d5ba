"""How a stack is made and changed, with botocore's stubs of CloudFormation: they check what is asked and answered."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar, cast

import boto3
import pytest
from botocore.stub import ANY, Stubber
from moto import mock_aws

from local.errors import CommandError
from tools import deploy as command
from tools.deploy import (
    DeployError,
    Release,
    check_release,
    deploy_stack,
    make_bucket,
    release_before,
    upload,
    upload_pages,
    upload_web,
)

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from types_boto3_cloudformation import CloudFormationClient

RELEASE = Release("berth", {"TemplateBody": "{}"}, frozenset({"Domain", "Size"}), {"Domain": "book.example"})
AT = datetime(2026, 11, 30, tzinfo=UTC)
CHANGE = "arn:aws:cloudformation:us-east-1:123456789012:changeSet/release/1"
ASKED: dict[str, Any] = {
    "StackName": "berth",
    "ChangeSetName": ANY,
    "ChangeSetType": "CREATE",
    "Parameters": [{"ParameterKey": "Domain", "ParameterValue": "book.example"}],
    "Capabilities": ANY,
    "TemplateBody": "{}",
}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> CloudFormationClient:
    monkeypatch.setattr(command, "LOOK_SECONDS", 0)
    session = boto3.Session("x", "x", region_name="us-east-1")
    return session.client("cloudformation")  # pyright: ignore[reportUnknownMemberType] - one overload of many


@pytest.fixture
def stub(client: CloudFormationClient) -> Generator[Stubber]:
    with Stubber(client) as stub:
        yield stub
        stub.assert_no_pending_responses()


def stack(status: str, **parts: Any) -> dict[str, Any]:  # noqa: ANN401 - CloudFormation's
    return {"Stacks": [{"StackName": "berth", "CreationTime": AT, "StackStatus": status, **parts}]}


def add_gone(stub: Stubber) -> None:
    stub.add_client_error("describe_stacks", "ValidationError", "Stack with id berth does not exist")


def add_change(stub: Stubber, asked: dict[str, Any], status: str = "CREATE_COMPLETE", reason: str = "") -> None:
    stub.add_response("create_change_set", {"Id": CHANGE}, asked)
    stub.add_response("describe_change_set", {"Status": "CREATE_IN_PROGRESS"})
    stub.add_response("describe_change_set", {"Status": status, "StatusReason": reason})
    if status == "CREATE_COMPLETE":
        stub.add_response("execute_change_set", {}, {"ChangeSetName": CHANGE})
    else:
        stub.add_response("delete_change_set", {}, {"ChangeSetName": CHANGE})


def test_a_stack_is_made_and_its_outputs_are_told(client: CloudFormationClient, stub: Stubber) -> None:
    add_gone(stub)
    add_change(stub, ASKED)
    stub.add_response("describe_stacks", stack("CREATE_IN_PROGRESS"))
    outputs = [{"OutputKey": "Address", "OutputValue": "https://book.example"}]
    stub.add_response("describe_stacks", stack("CREATE_COMPLETE", Outputs=outputs))
    assert deploy_stack(client, RELEASE) == {"Address": "https://book.example"}


def test_parameters_that_are_not_given_stay_as_they_are(client: CloudFormationClient, stub: Stubber) -> None:
    known = [{"ParameterKey": "Size", "ParameterValue": "large"}, {"ParameterKey": "Gone", "ParameterValue": "x"}]
    stub.add_response("describe_stacks", stack("UPDATE_COMPLETE", Parameters=known))
    kept = {"ParameterKey": "Size", "UsePreviousValue": True}
    add_change(stub, {**ASKED, "ChangeSetType": "UPDATE", "Parameters": [*ASKED["Parameters"], kept]})
    stub.add_response("describe_stacks", stack("UPDATE_COMPLETE"))
    assert deploy_stack(client, RELEASE) == {}


def test_nothing_happens_where_nothing_changes(client: CloudFormationClient, stub: Stubber) -> None:
    outputs = [{"OutputKey": "Address", "OutputValue": "https://book.example"}]
    stub.add_response("describe_stacks", stack("UPDATE_COMPLETE", Outputs=outputs))
    reason = "The submitted information didn't contain changes. Submit different information to create a change set."
    add_change(stub, {**ASKED, "ChangeSetType": "UPDATE"}, "FAILED", reason)
    assert deploy_stack(client, RELEASE) == {"Address": "https://book.example"}


def test_a_stack_that_never_came_up_is_removed_and_made_again(client: CloudFormationClient, stub: Stubber) -> None:
    stub.add_response("describe_stacks", stack("ROLLBACK_COMPLETE"))
    stub.add_response("delete_stack", {}, {"StackName": "berth"})
    add_gone(stub)  # the waiter looks
    add_change(stub, ASKED)
    stub.add_response("describe_stacks", stack("CREATE_COMPLETE"))
    assert deploy_stack(client, RELEASE) == {}


def event(number: int, name: str, status: str, reason: str) -> dict[str, Any]:
    return {
        "StackId": "s",
        "EventId": str(number),
        "StackName": "berth",
        "Timestamp": AT,
        "LogicalResourceId": name,
        "ResourceType": "Custom::Schema" if name == "Schema" else "AWS::CloudFormation::Stack",
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def test_a_release_that_fails_says_what_failed_first_and_no_failure_of_before(
    client: CloudFormationClient, stub: Stubber
) -> None:
    stub.add_response("describe_stacks", stack("UPDATE_COMPLETE"))
    add_change(stub, {**ASKED, "ChangeSetType": "UPDATE"})
    stub.add_response("describe_stacks", stack("UPDATE_ROLLBACK_COMPLETE"))
    newest_first = [
        event(4, "berth", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [Schema]."),
        event(3, "Schema", "UPDATE_FAILED", "0047_x failed and nothing of it was kept: no such table"),
        event(2, "berth", "UPDATE_IN_PROGRESS", "User Initiated"),
        event(1, "Schema", "UPDATE_FAILED", "another one, last month"),
    ]
    stub.add_response("describe_stack_events", {"StackEvents": newest_first})
    with pytest.raises(
        DeployError, match=r"Schema \(Custom::Schema\) failed: 0047_x failed .* Everything is as it was"
    ):
        deploy_stack(client, RELEASE)


def test_a_template_that_is_refused_says_why(client: CloudFormationClient, stub: Stubber) -> None:
    add_gone(stub)
    add_change(stub, ASKED, "FAILED", "Transform failed with: Resource with id [X] is invalid")
    with pytest.raises(DeployError, match=r"refuses the template of berth: .*\[X\] is invalid"):
        deploy_stack(client, RELEASE)


def test_a_parameter_that_the_stack_does_not_have_is_named(client: CloudFormationClient, stub: Stubber) -> None:
    add_gone(stub)
    with pytest.raises(DeployError, match="no parameter Sise; it has Domain, Size"):
        deploy_stack(client, Release("berth", {}, RELEASE.known, {"Sise": "large"}))


def test_a_parameter_without_a_value_is_explained() -> None:
    with pytest.raises(CommandError, match=re.escape("'Domain' is no parameter; write it as NAME=VALUE")):
        command.main(["Domain"])


def test_packages_and_pages_lie_in_buckets_that_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)  # of the tests of the API, for the whole session
    with mock_aws():
        s3 = cast("Any", boto3).client("s3", region_name="eu-central-1")
        for _ in range(2):
            assert make_bucket(s3, "berth-packages") == "berth-packages"
        closed = s3.get_public_access_block(Bucket="berth-packages")["PublicAccessBlockConfiguration"]
        assert set(closed.values()) == {True}
        assert len(closed) == 4
        keys = {upload(s3, "berth-packages", b"code", ".zip") for _ in range(2)}
        upload_pages(s3, "berth-packages")
        found = {one["Key"] for one in s3.list_objects_v2(Bucket="berth-packages")["Contents"]}
    assert len(keys) == 1
    assert found == {*keys, "index.html", "join.html", "reset.html", "confirm.html", "manage.html"}


def test_the_pages_are_uploaded_after_what_they_load_with_the_headers_of_the_gateway(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3", raising=False)
    (tmp_path / "assets").mkdir()
    built = (
        "public.html",
        "admin.html",
        "embed.js",
        "admin-sw.js",
        "assets/app-1.js",
        "assets/app-1.js.br",
        "assets/app-1.css",
        "manifest.json",
    )
    for name in built:
        (tmp_path / name).write_text(name)
    with mock_aws():
        s3 = cast("Any", boto3).client("s3", region_name="eu-central-1")
        make_bucket(s3, "berth-web")
        uploaded: list[str] = []

        def record(params: dict[str, Any], **_: object) -> None:
            uploaded.append(params["Key"])

        s3.meta.events.register("before-parameter-build.s3.PutObject", record)
        upload_web(s3, "berth-web", tmp_path)
        heads = {key: s3.head_object(Bucket="berth-web", Key=key) for key in uploaded}
    assert uploaded == ["assets/app-1.css", "assets/app-1.js", "embed.js", "admin-sw.js", "admin.html"]
    assert {key: (head["ContentType"], head["CacheControl"]) for key, head in heads.items()} == {
        "assets/app-1.css": ("text/css; charset=utf-8", "public, max-age=31536000, immutable"),
        "assets/app-1.js": ("text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        "embed.js": ("text/javascript; charset=utf-8", "public, max-age=3600"),
        "admin-sw.js": ("text/javascript; charset=utf-8", "no-cache"),
        "admin.html": ("text/html; charset=utf-8", "no-cache"),
    }


class Ready(BaseHTTPRequestHandler):
    """Answers with the statuses of a test, the last of them again and again."""

    statuses: ClassVar[list[int]] = []

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass

    def do_GET(self) -> None:
        assert self.path == "/api/v1/ready"
        self.send_response(self.statuses[0] if len(self.statuses) == 1 else self.statuses.pop(0))
        self.end_headers()
        self.wfile.write(b"no\ndatabase")


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> Generator[dict[str, str]]:
    """Of a stack whose address answers as a test says."""
    monkeypatch.setattr(command, "READY_SECONDS", 0.1)
    with HTTPServer(("127.0.0.1", 0), Ready) as server:
        Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        yield {"Address": f"http://127.0.0.1:{server.server_port}", "LogGroup": "the-log"}
        server.shutdown()


def test_a_release_is_waited_for_until_it_answers(
    client: CloudFormationClient, stub: Stubber, outputs: dict[str, str]
) -> None:
    Ready.statuses = [403, 503, 200]
    check_release(client, outputs, RELEASE)
    assert Ready.statuses == [200]


def at(document: str) -> dict[str, str]:
    return {"TemplateBody": document}


def test_a_release_that_does_not_answer_is_taken_back_with_its_parameters(
    client: CloudFormationClient, stub: Stubber, outputs: dict[str, str]
) -> None:
    known = [{"ParameterKey": "Domain", "ParameterValue": "book.example"}]
    stub.add_response("describe_stacks", stack("UPDATE_COMPLETE", Parameters=known))
    stub.add_response("get_template", {"TemplateBody": "{}"}, {"StackName": "berth", "TemplateStage": "Original"})
    before = release_before(client, "berth", at)
    assert before == Release("berth", {"TemplateBody": "{}"}, frozenset({"Domain"}), {"Domain": "book.example"})
    stub.add_response("describe_stacks", stack("UPDATE_COMPLETE", Parameters=known))
    add_change(stub, {**ASKED, "ChangeSetType": "UPDATE"})
    stub.add_response("describe_stacks", stack("UPDATE_COMPLETE"))
    Ready.statuses = [503]
    with pytest.raises(DeployError) as raised:
        check_release(client, outputs, before)
    assert str(raised.value) == (
        f"The release was made and does not answer: {outputs['Address']}/api/v1/ready: 503, no database. "
        "The one before is there again, but for migrations, which stay. Look at the log group the-log."
    )


def test_a_first_release_that_does_not_answer_stays_to_be_looked_at(
    client: CloudFormationClient, stub: Stubber, outputs: dict[str, str]
) -> None:
    add_gone(stub)
    stub.add_response("describe_stacks", stack("ROLLBACK_COMPLETE"))
    assert [release_before(client, "berth", at) for _ in range(2)] == [None, None]
    Ready.statuses = [503]
    with pytest.raises(DeployError, match=r"503, no database\. It is the first one, and stays\. Look at the log group"):
        check_release(client, outputs, None)


def test_an_address_that_nobody_answers_at_is_said(client: CloudFormationClient, outputs: dict[str, str]) -> None:
    nowhere = {**outputs, "Address": "http://127.0.0.1:1"}
    with pytest.raises(DeployError, match=r"127\.0\.0\.1:1/api/v1/ready: .*Connection refused.*\. It is the first"):
        check_release(client, nowhere, None)
