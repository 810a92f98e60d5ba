"""The package on an emulator: deployed by CloudFormation, shown to work by calls, or removed with all that was made.

    stack = deploy(emulator.clients(), Path("dist"), parameters, say)
    check_functions(stack)

What the free edition of LocalStack does not have is left out: WebSocket APIs would be "created" and not be there, and
custom resources without their function being called. Those are called from here in CloudFormation's place.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from local.cloudformation import CAPABILITIES, failure_of
from local.errors import CommandError
from local.localstack.emulator import Clients

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


STACK = "berth"
PACKAGES = "berth-packages"
"""The bucket of the package and its template, which is too large to be sent with the request."""
DEPLOY_SECONDS = 600.0
LOOK_SECONDS = 1.0
MISSING = ("AWS::ApiGatewayV2::", "Custom::")
SAID_OFTEN = 15
"""So many resources between two lines about how far it is."""
TRIES = 30
AT_ONCE = 4
"""Functions that are started side by side."""
RELEASES = ("Migrate", "Rotate")
SOCKETS = {"WebsocketConnect": "$connect", "WebsocketMessage": "$default", "WebsocketDisconnect": "$disconnect"}

Section = dict[str, Any]


class DeploymentError(CommandError):
    """The stack did not come up. The text says what failed; what was made has been removed."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack that is there: its outputs, and the names of its functions by their logical ids."""

    clients: Clients
    outputs: Mapping[str, str]
    functions: Mapping[str, str]


def public_url(address: str) -> str:
    """Where the API of an emulator at an address answers, without its stage; `api_id` makes its id the stack's name."""
    return f"{address}/_aws/execute-api/{STACK}"


def emulated(template: Section, code: str) -> Section:
    """Return the template without what LocalStack lacks, with its code at an address like s3://bucket/key."""
    left_out = {name for name, one in template["Resources"].items() if one["Type"].startswith(MISSING)}
    resources: Section = {}
    for name, resource in template["Resources"].items():
        text = json.dumps(resource)
        if name in left_out or '"WebsocketAPI"' in text:
            continue
        resources[name] = copied = json.loads(text)
        after = copied.pop("DependsOn", [])
        if waiting := [one for one in ([after] if isinstance(after, str) else after) if one not in left_out]:
            copied["DependsOn"] = waiting
        if copied["Type"] == "AWS::Serverless::Function":
            copied["Properties"]["CodeUri"] = code
    outputs = {name: value for name, value in template["Outputs"].items() if "WebsocketAPI" not in json.dumps(value)}
    return {**template, "Resources": resources, "Outputs": outputs}


def deploy(clients: Clients, package: Path, parameters: Mapping[str, str], say: Callable[[str], None]) -> Stack:
    """Deploy the package in a folder. What an earlier try left is removed first.

    Raises `DeploymentError`; then everything that was made is gone again.
    """
    try:
        remove(clients)
        return _deploy(clients, package, parameters, say)
    except (DeploymentError, KeyboardInterrupt):
        remove(clients)
        raise
    except (BotoCoreError, ClientError) as error:
        with suppress(BotoCoreError, ClientError):  # where it does not answer any more, nothing is left
            remove(clients)
        message = f"LocalStack did not take the stack: {error}"
        raise DeploymentError(message) from error


def make_custom_resources(stack: Stack, package: Path, say: Callable[[str], None]) -> None:
    """Call the functions behind custom resources as CloudFormation does. Raises `DeploymentError` with their reason.

    Each answers by a PUT to a signed address (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/
    crpg-ref-requesttypes-create.html).
    """
    template = json.loads((package / "sam.json").read_text(encoding="utf-8"))
    s3 = stack.clients.client("s3")
    patience = Config(read_timeout=DEPLOY_SECONDS, retries={"total_max_attempts": 1})
    client = stack.clients.client("lambda", config=patience)
    for name, resource in template["Resources"].items():
        if not resource["Type"].startswith("Custom::"):
            continue
        function = resource["Properties"]["ServiceToken"]["Fn::GetAtt"][0]
        say(f"Calling {function}, as CloudFormation does for {name} …")
        key = {"Bucket": PACKAGES, "Key": f"answers/{name}"}
        request = {
            "RequestType": "Create",
            "ResponseURL": s3.generate_presigned_url("put_object", Params=key),
            "StackId": STACK,
            "RequestId": name,
            "ResourceType": resource["Type"],
            "LogicalResourceId": name,
            "ResourceProperties": resource["Properties"],
        }
        try:
            answer = client.invoke(FunctionName=stack.functions[function], Payload=json.dumps(request).encode())
            if "FunctionError" in answer:
                reason = json.loads(answer["Payload"].read())["errorMessage"]
            else:
                answer = json.loads(s3.get_object(**key)["Body"].read())
                reason = "" if answer["Status"] == "SUCCESS" else answer["Reason"]
        except (BotoCoreError, ClientError) as error:
            reason = str(error)
        if reason:
            message = f"The stack could not be made: {name} ({function}) failed: {reason}"
            raise DeploymentError(message)


def remove(clients: Clients) -> None:
    """Remove the stack and the package, if they are there. Raises boto3's errors."""
    cloudformation, s3 = clients.client("cloudformation"), clients.client("s3")
    present = [one for one in cloudformation.list_stacks()["StackSummaries"] if one["StackName"] == STACK]
    if any(one["StackStatus"] != "DELETE_COMPLETE" for one in present):
        _wait_until_still(cloudformation)
        _remove_retained(clients)
        cloudformation.delete_stack(StackName=STACK)
        try:
            waiting = {"Delay": 1, "MaxAttempts": int(DEPLOY_SECONDS)}
            cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig=waiting)
        except WaiterError as error:
            message = f"The stack of an earlier try cannot be removed: {error}. Start LocalStack again."
            raise DeploymentError(message) from error
    if PACKAGES in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        _empty(s3, PACKAGES)
        s3.delete_bucket(Bucket=PACKAGES)


def _wait_until_still(cloudformation: Any) -> None:  # noqa: ANN401 - a client
    """LocalStack goes on making a stack that it was told to remove, and then has it."""
    until = time.monotonic() + DEPLOY_SECONDS
    while cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"].endswith("_IN_PROGRESS"):
        if time.monotonic() > until:
            message = "The stack of an earlier try is still being made. Start LocalStack again."
            raise DeploymentError(message)
        time.sleep(LOOK_SECONDS)


def _remove_retained(clients: Clients) -> None:
    """Remove the buckets and logs, which CloudFormation keeps as the template wants it."""
    cloudformation, s3 = clients.client("cloudformation"), clients.client("s3")
    present = {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}
    for name in present.intersection(_physical(cloudformation, "AWS::S3::Bucket")):
        _empty(s3, name)
        s3.delete_bucket(Bucket=name)
    logs = clients.client("logs")
    for name in _physical(cloudformation, "AWS::Logs::LogGroup"):
        if logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]:
            logs.delete_log_group(logGroupName=name)


def _physical(cloudformation: Any, kind: str) -> list[str]:  # noqa: ANN401 - a client
    resources = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
    return [
        one["PhysicalResourceId"] for one in resources if one["ResourceType"] == kind and "PhysicalResourceId" in one
    ]


def _empty(s3: Any, bucket: str) -> None:  # noqa: ANN401 - a client
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            s3.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])


def _deploy(clients: Clients, package: Path, parameters: Mapping[str, str], say: Callable[[str], None]) -> Stack:
    s3, cloudformation = clients.client("s3"), clients.client("cloudformation")
    s3.create_bucket(Bucket=PACKAGES)
    s3.upload_file(str(package / "deployment.zip"), PACKAGES, "deployment.zip")
    template = json.loads((package / "sam.json").read_text(encoding="utf-8"))
    document = emulated(template, f"s3://{PACKAGES}/deployment.zip")
    s3.put_object(Bucket=PACKAGES, Key="template.json", Body=json.dumps(document).encode())
    cloudformation.create_stack(
        StackName=STACK,
        TemplateURL=f"{s3.meta.endpoint_url}/{PACKAGES}/template.json",
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        Capabilities=CAPABILITIES,
    )
    _wait(cloudformation, say)
    outputs = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0].get("Outputs", [])
    resources = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
    for one in resources:
        if "PhysicalResourceId" not in one:  # LocalStack says all the same that the stack is complete
            reason = one.get("ResourceStatusReason") or _reason_of(cloudformation, one["LogicalResourceId"])
            message = (
                f"The stack could not be made: {one['LogicalResourceId']} ({one['ResourceType']}) failed: {reason}"
            )
            raise DeploymentError(message)
    return Stack(
        clients,
        {one["OutputKey"]: one["OutputValue"] for one in outputs},
        {
            one["LogicalResourceId"]: one["PhysicalResourceId"]
            for one in resources
            if one["ResourceType"] == "AWS::Lambda::Function"
        },
    )


def _wait(cloudformation: Any, say: Callable[[str], None]) -> None:  # noqa: ANN401 - a client
    """Wait until the stack is there, and say now and then how far it is. Raises `DeploymentError`."""
    until, said = time.monotonic() + DEPLOY_SECONDS, 0
    while (status := cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"]) != "CREATE_COMPLETE":
        events = cast("list[Section]", cloudformation.describe_stack_events(StackName=STACK)["StackEvents"])
        if status != "CREATE_IN_PROGRESS":
            raise DeploymentError(failure_of(events) or f"The stack ended as {status}.")
        made = {one["LogicalResourceId"] for one in events if one["ResourceStatus"] == "CREATE_COMPLETE"}
        if len(made) >= said + SAID_OFTEN:
            said = len(made)
            say(f"  {said} resources made")
        if time.monotonic() > until:
            message = f"The stack is not there after {DEPLOY_SECONDS:g} seconds."
            raise DeploymentError(message)
        time.sleep(LOOK_SECONDS)


def _reason_of(cloudformation: Any, name: str) -> str:  # noqa: ANN401 - a client
    """What the events of a stack say of a resource that is not there."""
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    said = [
        one["ResourceStatusReason"]
        for one in events
        if one["LogicalResourceId"] == name and one.get("ResourceStatusReason")
    ]
    return str(said[0]) if said else "LocalStack does not say why; its log does."


def check_functions(stack: Stack, say: Callable[[str], None]) -> None:
    """Call every function once: a stack that is there proves nothing. Raises `DeploymentError` with the first error.

    Those of releases, `migrate` and `rotate`, are left out: CloudFormation has called the one, and nothing calls the
    other here. Scheduled functions do what is due, the consumer finds no messages, a connection comes without a
    ticket, and the API says whether it reaches the database.
    """
    say("Calling each function once …")
    patience = Config(read_timeout=120, retries={"total_max_attempts": 1}, max_pool_connections=AT_ONCE)
    client = stack.clients.client("lambda", config=patience)

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="check") as pool:
        called = [item for item in stack.functions.items() if item[0] not in RELEASES]
        failures = [failure for failure in pool.map(partial(_failure_of_call, client), called) if failure]
    if failures:
        raise DeploymentError(failures[0])


def _failure_of_call(client: Any, item: tuple[str, str]) -> str | None:  # noqa: ANN401 - a client
    """Call one function, and say what is wrong with it."""
    logical_id, name = item
    try:
        if logical_id == "APIHandler":  # apart, so that the log shows what a first request and a connection cost
            client.invoke(FunctionName=name, Payload=json.dumps(_request_of("/v1/health")).encode())
        answer = _invoke(client, name, _event_for(logical_id))
    except (BotoCoreError, ClientError) as error:
        return f"The function {logical_id} cannot be called: {error}"
    if answer is None:  # it ran all the while: it works
        return None
    result: Section = json.loads(answer["Payload"].read() or b"null")
    if "FunctionError" in answer:
        return f"The function {logical_id} cannot run: {result['errorMessage']}"
    if logical_id == "APIHandler" and result["statusCode"] != HTTPStatus.OK:
        return f"The function {logical_id} is not ready: {json.loads(result['body'])['detail']}"
    return None


def _invoke(client: Any, name: str, event: Section) -> Section | None:  # noqa: ANN401 - a client
    """Invoke; None where the function is busy again and again, as its rule has fired. Raises boto3's other errors."""
    for _ in range(TRIES):
        try:
            return client.invoke(FunctionName=name, Payload=json.dumps(event).encode())
        except client.exceptions.TooManyRequestsException:
            time.sleep(LOOK_SECONDS)
    return None


def _event_for(logical_id: str) -> Section:
    """The event that a function of this logical id is called with."""
    if logical_id == "APIHandler":
        return _request_of("/v1/ready")
    if logical_id in SOCKETS:
        context = {"routeKey": SOCKETS[logical_id], "connectionId": "check", "domainName": "localhost", "stage": "api"}
        more = {"apiId": "check", "requestId": "check", "connectedAt": 0, "identity": {"sourceIp": "127.0.0.1"}}
        return {"requestContext": {**context, **more}, "headers": {}, "multiValueHeaders": {}, "body": "{}"}
    names = ("version", "id", "account", "time", "region")
    return {
        **dict.fromkeys(names, ""),
        "Records": [],
        "source": "aws.events",
        "detail-type": "",
        "resources": [],
        "detail": {},
    }


def _request_of(path: str) -> Section:
    context = {"httpMethod": "GET", "resourcePath": path, "path": f"/api{path}", "requestId": "check", "stage": "api"}
    return {
        "requestContext": {**context, "identity": {"sourceIp": "127.0.0.1"}},
        **dict.fromkeys(("pathParameters", "stageVariables", "multiValueQueryStringParameters", "body")),
        "headers": {},
        "multiValueHeaders": {},
        "isBase64Encoded": False,
    }


def secret(stack: Stack, output: str) -> str:
    """Read the password in the secret that an output of the stack names."""
    value = stack.clients.client("secretsmanager").get_secret_value(SecretId=stack.outputs[output])
    return json.loads(value["SecretString"])["password"]
