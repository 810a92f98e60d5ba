"""What of the template the emulator gets, and what is said of a stack that did not come up."""

from __future__ import annotations

from typing import Any

from local.localstack.stack import emulated, failure_of

TEMPLATE: dict[str, Any] = {
    "Resources": {
        "APIHandler": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "./deployment.zip"}},
        "WebsocketAPI": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {}},
        "WebsocketConnectInvokePermission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {"SourceArn": {"Fn::Sub": ["arn:${ApiId}", {"ApiId": {"Ref": "WebsocketAPI"}}]}},
        },
        "Schema": {"Type": "Custom::Schema", "Properties": {}},
        "Logs": {"Type": "AWS::Logs::LogGroup", "DependsOn": ["Schema"]},
        "Bucket": {"Type": "AWS::S3::Bucket", "DependsOn": ["Schema", "Logs"]},
    },
    "Outputs": {"Url": {"Value": {"Fn::Sub": "wss://${WebsocketAPI}/"}}, "Api": {"Value": {"Ref": "RestAPI"}}},
}


def test_what_localstack_lacks_is_left_out_and_not_pretended() -> None:
    document = emulated(TEMPLATE, "s3://bucket/key")
    assert sorted(document["Resources"]) == ["APIHandler", "Bucket", "Logs"]
    assert "DependsOn" not in document["Resources"]["Logs"]
    assert document["Resources"]["Bucket"]["DependsOn"] == ["Logs"]
    assert list(document["Outputs"]) == ["Api"]


def test_the_code_is_where_it_was_uploaded_and_the_template_stays_as_it_was() -> None:
    document = emulated(TEMPLATE, "s3://bucket/key")
    assert document["Resources"]["APIHandler"]["Properties"]["CodeUri"] == "s3://bucket/key"
    assert TEMPLATE["Resources"]["APIHandler"]["Properties"]["CodeUri"] == "./deployment.zip"


def event(name: str, status: str, reason: str = "", kind: str = "AWS::Lambda::Function") -> dict[str, str]:
    return {
        "LogicalResourceId": name,
        "ResourceType": kind,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def test_the_resource_that_failed_first_is_named_with_its_reason() -> None:
    newest_first = [
        event("berth", "CREATE_FAILED", "others failed", "AWS::CloudFormation::Stack"),
        event("Later", "CREATE_FAILED", "Resource creation cancelled"),
        event("Migrate", "CREATE_FAILED", "The secret is missing."),
        event("Logs", "CREATE_COMPLETE"),
    ]
    said = failure_of(newest_first)
    assert said == "The stack could not be made: Migrate (AWS::Lambda::Function) failed: The secret is missing."
