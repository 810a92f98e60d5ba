"""`./dev deploy`: builds the package and the web, deploys them by CloudFormation, and prints where they answer.

A release that CloudFormation cannot make, and one that does not answer, is taken back: the one before is there again.

Who deploys is found as boto3 finds it: environment variables, a profile, or the role of a workflow. Parameters that are
not given stay as they are; docs/AWS.md explains them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.error import HTTPError

from botocore.exceptions import BotoCoreError, ClientError

from local.cloudformation import CAPABILITIES, failure_of
from local.errors import CommandError
from local.gateway.web_files import AN_HOUR, ASK_AGAIN, FOR_GOOD, MEDIA_TYPES
from tools.infrastructure import INFRA, read
from tools.lambda_package import ARCHIVE, ROOT, STAGE, TEMPLATE, build_package
from tools.web_build import DIST, build

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_s3 import S3Client

EDGE_REGION = "us-east-1"
"""Where CloudFront wants its certificate and firewall."""
EDGE = {"CertificateArn", "FirewallArn"}
"""Outputs of the edge's stack, and parameters of the stage's."""
LOOK_SECONDS = 5.0
READY = "/api/v1/ready"
READY_SECONDS = 300.0
"""For a new domain to be known, and for functions to start."""
ANSWER_SECONDS = 30.0
MOST_SAID = 500
STANDING = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
"""States in which a stack is as a release left it."""
STATE_OF = {
    "ROLLBACK_COMPLETE": "What was made is removed again, but for what is kept on purpose.",
    "UPDATE_ROLLBACK_COMPLETE": "Everything is as it was before, but for migrations, which stay.",
}
UNCLEAR = (
    "CloudFormation could not take it back. Look at what failed there; a database is kept while its protection from"
    " being deleted is on."
)
PAGES = ROOT / "local" / "gateway" / "pages"


class DeployError(CommandError):
    """The stack is not as it should be; says why, and where to look."""


@dataclass(frozen=True, slots=True)
class Release:
    """What one stack is to become: its template, by its text or its address, and parameters."""

    stack: str
    template: Mapping[str, str]
    known: frozenset[str]
    """The parameters that the template has."""
    parameters: Mapping[str, str]


def main(arguments: list[str]) -> int:
    """Deploy, and print the outputs of the stack."""
    parser = argparse.ArgumentParser(prog="./dev deploy", description=__doc__)
    parser.add_argument("--stack", default="berth", help="the name of the stack (berth)")
    # boto3 itself reads AWS_DEFAULT_REGION alone.
    parser.add_argument("--region", default=os.environ.get("AWS_REGION"), help="where (AWS_REGION, or the profile's)")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where the package is built (dist)")
    parser.add_argument(
        "--pipeline", action="store_true", help="make the role by which GitHub Actions deploys, instead"
    )
    parser.add_argument("parameters", nargs="*", metavar="NAME=VALUE", help="such as Domain=book.example.com")
    options = parser.parse_args(arguments)
    parameters = dict(_parameter(text) for text in options.parameters)
    try:
        if options.pipeline:
            return _said(deploy_alone(f"{options.stack}-pipeline", "pipeline", parameters, options.region))
        build(print)  # first: without its pages, a release is not made at all
        print(package := build_package(options.out, stage=STAGE))
        outputs = deploy(options.stack, package.template.parent, parameters, options.region)
    except (BotoCoreError, ClientError) as error:
        message = f"AWS did not take the deployment: {error}"
        raise DeployError(message) from error
    return _said(outputs)


def _said(outputs: Mapping[str, str]) -> int:
    print("\n".join(f"{name}: {value}" for name, value in sorted(outputs.items())))
    return 0


def _parameter(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        message = f"{text!r} is no parameter; write it as NAME=VALUE, such as Domain=book.example.com."
        raise DeployError(message)
    return name, value


def deploy(stack: str, package: Path, parameters: Mapping[str, str], region: str | None) -> dict[str, str]:
    """Deploy a package by its folder, the edge before it; return the outputs of the stack.

    Raises `DeployError` and boto3's errors.
    """
    import boto3

    session = boto3.Session(region_name=region)
    template = json.loads((package / TEMPLATE).read_text(encoding="utf-8"))
    known = frozenset(template["Parameters"])
    given = dict(parameters)
    if EDGE.issubset(known) and not EDGE.issubset(given):
        of_edge = {name: given[name] for name in given.keys() & {"Domain", "HostedZoneId"}}
        given |= deploy_alone(f"{stack}-edge", "edge", of_edge, EDGE_REGION)
    client: Any = session.client("cloudformation")  # pyright: ignore[reportUnknownMemberType] - one overload of many
    s3: S3Client = session.client("s3")  # pyright: ignore[reportUnknownMemberType] - one overload of many
    account = str(cast("Any", session).client("sts").get_caller_identity()["Account"])
    bucket = make_bucket(s3, f"{stack}-packages-{account}-{session.region_name}")
    code = upload(s3, bucket, (package / ARCHIVE).read_bytes(), ".zip")
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = f"s3://{bucket}/{code}"

    def at(document: str) -> dict[str, str]:
        key = upload(s3, bucket, document.encode(), ".json")
        return {"TemplateURL": f"{s3.meta.endpoint_url}/{bucket}/{key}"}

    before = release_before(client, stack, at)
    if before is not None:
        # The functions have the page, and what it loads has to be there when they are new.
        upload_web(s3, _outputs(_found(client, stack))["WebBucketName"], DIST)
    outputs = deploy_stack(client, Release(stack, at(json.dumps(template)), known, given))
    check_release(client, outputs, before)
    upload_pages(s3, outputs["WebBucketName"])
    upload_web(s3, outputs["WebBucketName"], DIST)
    return outputs


def release_before(client: CloudFormationClient, stack: str, at: Callable[[str], Mapping[str, str]]) -> Release | None:
    """What a stack is before it changes; None where there is none."""
    found = _found(client, stack)
    if found is None or found["StackStatus"] not in STANDING:
        return None
    document: object = client.get_template(StackName=stack, TemplateStage="Original")["TemplateBody"]
    text = document if isinstance(document, str) else json.dumps(document)
    parameters = {one["ParameterKey"]: str(one["ParameterValue"]) for one in found.get("Parameters", [])}
    return Release(stack, at(text), frozenset(parameters), parameters)


def check_release(client: CloudFormationClient, outputs: Mapping[str, str], before: Release | None) -> None:
    """See that a release answers; take it back where it does not. Raises `DeployError`."""
    address = outputs["Address"] + READY
    trouble = _trouble(address)
    if not trouble:
        return
    state = "It is the first one, and stays."
    if before is not None:
        deploy_stack(client, before)
        state = "The one before is there again, but for migrations, which stay."
    message = (
        f"The release was made and does not answer: {address}: {trouble}. {state}"
        f" Look at the log group {outputs['LogGroup']}."
    )
    raise DeployError(message)


def _trouble(address: str) -> str:
    """Ask until an address answers 200, and return ""; after a while what it answers instead."""
    until = time.monotonic() + READY_SECONDS
    while True:
        try:
            with urllib.request.urlopen(address, timeout=ANSWER_SECONDS):  # noqa: S310 - https, by the template
                return ""
        except HTTPError as error:
            said = f"{error.code}, {error.read(MOST_SAID).decode(errors='replace')}"
        except OSError as error:
            said = str(error)
        if time.monotonic() > until:
            return " ".join(said.split())
        time.sleep(LOOK_SECONDS)


def deploy_alone(stack: str, part: str, parameters: Mapping[str, str], region: str | None) -> dict[str, str]:
    """Deploy a file of infra/ that is a template by itself; return its outputs. Raises as `deploy`."""
    import boto3

    path = INFRA / f"{part}.yaml"
    client: Any = boto3.Session(region_name=region).client("cloudformation")  # pyright: ignore[reportUnknownMemberType]
    text = {"TemplateBody": path.read_text(encoding="utf-8")}
    return deploy_stack(client, Release(stack, text, frozenset(read(path)["Parameters"]), parameters))


def make_bucket(s3: S3Client, bucket: str) -> str:
    """Make the bucket of packages unless it is there, closed to everybody else. Returns its name."""
    try:
        s3.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "404":
            raise
        region: Any = s3.meta.region_name
        place: Any = {} if region == EDGE_REGION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=bucket, **place)
        closed = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict.fromkeys(closed, True))  # pyright: ignore[reportArgumentType]
    return bucket


def upload(s3: S3Client, bucket: str, content: bytes, suffix: str) -> str:
    """Upload under a key that tells the content, so that what has not changed changes nothing. Returns the key."""
    key = hashlib.sha256(content).hexdigest() + suffix
    s3.put_object(Bucket=bucket, Key=key, Body=content)
    return key


def upload_pages(s3: S3Client, bucket: str) -> None:
    """Upload the pages that links in emails lead to."""
    for page in sorted(PAGES.glob("*.html")):
        s3.put_object(
            Bucket=bucket,
            Key=page.name,
            Body=page.read_bytes(),
            ContentType="text/html; charset=utf-8",
            CacheControl=ASK_AGAIN,
        )


def upload_web(s3: S3Client, bucket: str, dist: Path) -> None:
    """Upload what was built of web/: what pages load before those of the administrators. CloudFront compresses it.

    What older pages load stays, for those who have one open.
    """
    assets = [path for path in sorted((dist / "assets").rglob("*")) if path.suffix in MEDIA_TYPES]
    lasting = {dist / "embed.js": AN_HOUR, dist / "admin-sw.js": ASK_AGAIN, dist / "admin.html": ASK_AGAIN}
    for path in [*assets, *lasting]:
        s3.put_object(
            Bucket=bucket,
            Key=path.relative_to(dist).as_posix(),
            Body=path.read_bytes(),
            ContentType=MEDIA_TYPES[path.suffix],
            CacheControl=lasting.get(path, FOR_GOOD),
        )


def deploy_stack(client: CloudFormationClient, release: Release) -> dict[str, str]:
    """Make a stack, or change it; return its outputs. Nothing happens where nothing changes. Raises `DeployError`."""
    name, before = release.stack, _found(client, release.stack)
    if before is not None and before["StackStatus"] == "ROLLBACK_COMPLETE":
        # It was never there: what had been made of it is gone, and CloudFormation takes no other change to it.
        client.delete_stack(StackName=name)
        client.get_waiter("stack_delete_complete").wait(StackName=name)
        before = None
    is_new = before is None or before["StackStatus"] == "REVIEW_IN_PROGRESS"
    if unknown := sorted(release.parameters.keys() - release.known - EDGE):
        message = f"The stack {name} has no parameter {', '.join(unknown)}; it has {', '.join(sorted(release.known))}."
        raise DeployError(message)
    kept = set[str]() if is_new or before is None else {one["ParameterKey"] for one in before.get("Parameters", [])}
    parameters: list[Any] = [
        {"ParameterKey": one, "ParameterValue": release.parameters[one]}
        if one in release.parameters
        else {"ParameterKey": one, "UsePreviousValue": True}
        for one in sorted(release.known)
        if one in release.parameters or one in kept
    ]
    change: Any = {
        "StackName": name,
        "ChangeSetName": f"release-{int(time.time())}",
        "ChangeSetType": "CREATE" if is_new else "UPDATE",
        "Parameters": parameters,
        "Capabilities": list(CAPABILITIES),
        **release.template,
    }
    change_id = client.create_change_set(**change)["Id"]
    while (made := client.describe_change_set(ChangeSetName=change_id))["Status"].endswith(("PENDING", "PROGRESS")):
        time.sleep(LOOK_SECONDS)
    if made["Status"] != "CREATE_COMPLETE":
        reason = made.get("StatusReason", "")
        client.delete_change_set(ChangeSetName=change_id)
        if "didn't contain changes" in reason or "No updates" in reason:
            return _outputs(before)
        message = f"CloudFormation refuses the template of {name}: {reason}"
        raise DeployError(message)
    client.execute_change_set(ChangeSetName=change_id)
    return _outputs(_ended(client, name))


def _ended(client: CloudFormationClient, name: str) -> Mapping[str, Any]:
    """Wait until a stack has changed. Raises `DeployError` where it went back to what it was."""
    while (stack := _found(client, name)) is None or stack["StackStatus"].endswith("_IN_PROGRESS"):
        time.sleep(LOOK_SECONDS)
    if stack["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        events: Any = client.describe_stack_events(StackName=name)["StackEvents"]
        # Of this change alone: what failed in an earlier one is in the past.
        begun = next((at for at, one in enumerate(events) if one.get("ResourceStatusReason") == "User Initiated"), None)
        reason = failure_of(events[: None if begun is None else begun + 1]) or f"It ended as {stack['StackStatus']}."
        message = f"{reason} {STATE_OF.get(stack['StackStatus'], UNCLEAR)} All events: CloudFormation, stack {name}."
        raise DeployError(message)
    return stack


def _found(client: CloudFormationClient, name: str) -> Mapping[str, Any] | None:
    try:
        return client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def _outputs(stack: Mapping[str, Any] | None) -> dict[str, str]:
    return {one["OutputKey"]: one["OutputValue"] for one in (stack or {}).get("Outputs", [])}
