"""Each function's role allows what its code calls, and nothing else: read from the source, and from the template."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.infrastructure.reach import CLIENTS, ROOT, adapters_of, reachable, roots, source
from tools.infrastructure import functions, role_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Template = dict[str, Any]

# The first test has Chalice make the template.
pytestmark = pytest.mark.timeout(120)

ACTIONS = {
    ("sqs", "send_message"): "sqs:SendMessage",
    ("sesv2", "send_email"): "ses:SendEmail",
    ("s3", "generate_presigned_post"): "s3:PutObject",  # the form may do what its signer may
    ("s3", "get_object"): "s3:GetObject",
    ("s3", "put_object"): "s3:PutObject",
    ("s3", "delete_object"): "s3:DeleteObject",
    ("apigatewaymanagementapi", "post_to_connection"): "execute-api:ManageConnections",
    ("apigatewaymanagementapi", "delete_connection"): "execute-api:ManageConnections",
    ("apigatewaymanagementapi", "get_connection"): "execute-api:ManageConnections",
    ("secretsmanager", "get_secret_value"): "secretsmanager:GetSecretValue",
    ("secretsmanager", "put_secret_value"): "secretsmanager:PutSecretValue",
    ("secretsmanager", "describe_secret"): "secretsmanager:DescribeSecret",
    ("secretsmanager", "update_secret_version_stage"): "secretsmanager:UpdateSecretVersionStage",
    ("lambda", "function_updated"): "lambda:GetFunctionConfiguration",  # a waiter
    ("lambda", "get_function_configuration"): "lambda:GetFunctionConfiguration",
    ("lambda", "update_function_configuration"): "lambda:UpdateFunctionConfiguration",
}
BESIDES = {"ImageStore": {"s3:ListBucket"}}
"""Without it S3 answers 403 instead of 404 to whoever asks for what is not there."""
CONSUMER = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
"""What Lambda does with the role of a queue's consumer."""
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}


def adapters() -> Iterator[tuple[str, ast.ClassDef]]:
    for name, node in source().bodies.items():
        if isinstance(node, ast.ClassDef) and name.startswith("chalicelib.adapters.") and node.name in CLIENTS:
            yield name, node


def calls_in(node: ast.AST) -> set[str]:
    """What is asked of a client: methods of it, operations by name, waiters."""
    found: set[str] = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute) and ast.unparse(one.value) in {"self._client", "client"}:
            found.add(one.attr)
        if isinstance(one, ast.Call) and ast.unparse(one.func).rpartition(".")[2] in {"_call", "_must", "get_waiter"}:
            found |= {str(text.value) for text in one.args[:1] if isinstance(text, ast.Constant)}
    return found - {"exceptions", "get_waiter"}


@cache
def actions_of() -> dict[str, dict[str, set[str]]]:
    """What the methods of each adapter need, by the class and the method."""
    needed: dict[str, dict[str, set[str]]] = {}
    for _, node in adapters():
        (service,) = re.findall(r"\.client\('(\w+)'", ast.unparse(node))
        needed[node.name] = {
            method.name: {ACTIONS[service, call] for call in calls_in(method) if call != "client"}
            for method in node.body
            if isinstance(method, ast.FunctionDef) and method.name != "_client"
        }
    return needed


def allowed(template: Template, function: str) -> list[dict[str, Any]]:
    (policy,) = template["Resources"][role_of(function)]["Properties"]["Policies"]
    return [one for one in policy["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"]


def actions(statements: list[dict[str, Any]]) -> set[str]:
    found: set[str] = set()
    for one in statements:
        found |= {one["Action"]} if isinstance(one["Action"], str) else set(one["Action"])
    return found


def test_every_call_of_aws_is_known_and_no_adapter_is_left_out() -> None:
    importing = {
        path.stem
        for path in (ROOT / "chalicelib").rglob("*.py")
        if re.search(r"^\s*import boto3", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert importing == {name.split(".")[2] for name, _ in adapters()}
    assert {node.name for _, node in adapters()} == CLIENTS
    made = {action for methods in actions_of().values() for needed in methods.values() for action in needed}
    assert made == set(ACTIONS.values())


def test_every_function_begins_in_code_that_is_there() -> None:
    begun = roots()
    assert begun.keys() == functions().keys()
    assert {name for names in begun.values() for name in names} <= source().bodies.keys()


@pytest.mark.parametrize("function", functions())
def test_a_role_allows_what_the_code_of_its_function_calls_and_no_more(
    template_of: Callable[[str], Template], function: str
) -> None:
    reached = reachable(roots()[function])
    needed = set(LOGS)
    for adapter in adapters_of(reached):
        (name,) = (name for name, node in adapters() if node.name == adapter)
        methods = actions_of()[adapter]
        # Who makes an adapter is known to call some of its methods; whoever has it of the container, perhaps all.
        used = [one for one in methods if name not in reached or f"{name}.{one}" in reached]
        needed |= {action for method in used for action in methods[method]} | BESIDES.get(adapter, set())
    if function == "DeliverEvents":
        needed |= CONSUMER
    found = {
        action for action in actions(allowed(template_of("production"), function)) if not action.startswith("ec2:")
    }
    assert found == needed


@pytest.mark.parametrize("function", functions())
def test_a_way_out_of_the_network_is_for_those_who_call_aws(
    template_of: Callable[[str], Template], function: str
) -> None:
    group = template_of("production")["Resources"][function]["Properties"]["VpcConfig"]["SecurityGroupIds"]
    assert group == [{"Ref": "OutsideGroup" if adapters_of(reachable(roots()[function])) else "InsideGroup"}]


@pytest.mark.parametrize("function", functions())
def test_no_statement_is_wider_than_a_resource_of_the_stack(
    template_of: Callable[[str], Template], function: str
) -> None:
    for statement in allowed(template_of("production"), function):
        names = actions([statement])
        assert not any("*" in name for name in names)
        if names <= {name for name in names if name.startswith("ec2:")}:
            continue  # Lambda attaches functions by them, and their code is denied them: the next test
        resources: object = statement["Resource"]
        for resource in cast("list[Any]", resources) if isinstance(resources, list) else [resources]:
            assert isinstance(resource, dict), resource
            text = str(cast("dict[str, Any]", resource).get("Fn::Sub", ""))
            assert not text.startswith("arn:") or re.search(r"\$\{(?!AWS::)\w+\}", text), text


@pytest.mark.parametrize("function", functions())
def test_code_may_not_do_what_its_role_lets_lambda_do(template_of: Callable[[str], Template], function: str) -> None:
    (policy,) = template_of("production")["Resources"][role_of(function)]["Properties"]["Policies"]
    statements = policy["PolicyDocument"]["Statement"]
    (given,) = (one for one in statements if one["Effect"] == "Allow" and one["Resource"] == "*")
    (taken,) = (one for one in statements if one["Effect"] == "Deny")
    assert taken["Action"] == given["Action"]
    assert list(taken["Condition"]["ArnLike"]) == ["lambda:SourceFunctionArn"]
