"""Parts of infra/ come together without contradiction, and every function of Chalice's has its row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.database.migrations.migrate import FOLDER, load
from tools import infrastructure
from tools.infrastructure import InfrastructureError, compose, functions, role_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# The first test of a stage has Chalice make its template.
pytestmark = pytest.mark.timeout(120)

WITHOUT_PARTS = "Functions: {}\n"


def of_type(template: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: one for name, one in template["Resources"].items() if one["Type"] == kind}


def test_every_function_has_a_row_and_every_row_a_function(template: dict[str, Any]) -> None:
    assert set(of_type(template, "AWS::Serverless::Function")) == set(functions())


def test_every_function_has_a_role_of_its_own_which_allows_what_its_row_says(template: dict[str, Any]) -> None:
    made = of_type(template, "AWS::Serverless::Function")
    roles = [one["Properties"]["Role"]["Fn::GetAtt"][0] for one in made.values()]
    assert sorted(roles) == sorted(role_of(name) for name in functions())
    for name in roles:
        policies = template["Resources"][name]["Properties"]["Policies"]
        assert [policy["PolicyName"] for policy in policies] == ["Uses"]
        assert "ManagedPolicyArns" not in template["Resources"][name]["Properties"]


def test_whatever_reads_the_database_waits_for_the_migrations(template: dict[str, Any]) -> None:
    made = of_type(template, "AWS::Serverless::Function")
    waiting = {name for name, one in made.items() if "Schema" in one.get("DependsOn", ())}
    assert waiting == made.keys() - {"Migrate", "Rotate"}
    last, checksum = template["Resources"]["Schema"]["Properties"]["Migrations"]
    assert last == load(FOLDER)[-1].name
    assert len(checksum) == 64


def test_rotations_tell_every_function_that_has_a_secret(template: dict[str, Any]) -> None:
    made = of_type(template, "AWS::Serverless::Function")
    secretive = {name for name, one in made.items() if "{{resolve:" in json.dumps(one["Properties"]["Environment"])}
    told = made["Rotate"]["Properties"]["Environment"]["Variables"]["BERTH_FUNCTIONS"]["Fn::Join"][1]
    assert {one["Ref"] for one in told} == secretive
    assert len(secretive) > 10


def test_no_part_is_without_a_type(template: dict[str, Any]) -> None:
    """What a part adds to a function of Chalice's would be a resource without type if that were not there."""
    assert [name for name, one in template["Resources"].items() if "Type" not in one] == []


def infra_of(folder: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> None:
    for name, text in {"functions": WITHOUT_PARTS, **files}.items():
        (folder / f"{name}.yaml").write_text(text)
    monkeypatch.setattr(infrastructure, "INFRA", folder)


def test_parts_that_contradict_each_other_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = (f"Resources: {{Queue: {{Type: AWS::SQS::Queue, Properties: {{DelaySeconds: {n}}}}}}}\n" for n in (1, 2))
    infra_of(tmp_path, monkeypatch, stages="test: [one, two]\n", one=one, two=two)
    with pytest.raises(InfrastructureError, match=r"infra/two.yaml says something else of DelaySeconds .* 2 and 1"):
        compose("test")


def test_a_section_that_nobody_knows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    infra_of(tmp_path, monkeypatch, stages="test: [one]\n", one="Resource: {}\n")
    with pytest.raises(InfrastructureError, match=r"infra/one\.yaml has a section 'Resource'"):
        compose("test")


def test_a_use_that_no_part_explains_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "Functions: {Send: {uses: [pigeons], concurrency: 1}}\n"
    infra_of(tmp_path, monkeypatch, stages="test: [one]\n", one="Resources: {}\n", functions=rows)
    with pytest.raises(InfrastructureError, match="Send uses pigeons, which no part of test explains"):
        compose("test")


def test_what_two_parts_say_of_a_use_comes_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    infra_of(
        tmp_path,
        monkeypatch,
        stages="test: [one, two]\n",
        one="Resources: {}\nUses: {mail: {Variables: {A: 1}, Statements: [{Action: a}]}}\n",
        two="Uses: {mail: {Variables: {B: 2}, Statements: [{Action: b}]}}\n",
        functions="Functions: {Send: {uses: [mail], concurrency: 3}}\n",
    )
    made = compose("test")["Resources"]
    assert made["Send"]["Properties"] == {
        "Environment": {"Variables": {"A": 1, "B": 2}},
        "ReservedConcurrentExecutions": 3,
    }
    (policy,) = made["SendRole"]["Properties"]["Policies"]
    assert [statement["Action"] for statement in policy["PolicyDocument"]["Statement"]] == ["a", "b"]


def test_cloudfront_is_told_that_an_object_is_missing_and_replaces_no_answer_of_the_api(
    template_of: Callable[[str], dict[str, Any]],
) -> None:
    """S3 tells who may not list a bucket 403, whatever they ask for."""
    resources = template_of("production")["Resources"]
    for bucket in ("WebBucket", "ImagesBucket"):
        statements = resources[f"{bucket}Policy"]["Properties"]["PolicyDocument"]["Statement"]
        (listing,) = [one for one in statements if one["Action"] == "s3:ListBucket"]
        (reading,) = [one for one in statements if one["Action"] == "s3:GetObject"]
        assert listing["Resource"] == {"Fn::GetAtt": [bucket, "Arn"]}
        assert {**listing, **{name: reading[name] for name in ("Sid", "Action", "Resource")}} == reading
    settings = resources["Distribution"]["Properties"]["DistributionConfig"]
    assert "CustomErrorResponses" not in settings
    # A path that led to the bucket itself would list it.
    assert settings["DefaultRootObject"] == "index.html"
    paths = {one["PathPattern"] for one in settings["CacheBehaviors"] if one["TargetOriginId"] == "images"}
    assert paths == {"/images/*"}


def test_the_log_of_the_database_is_kept_as_long_as_the_others(template_of: Callable[[str], dict[str, Any]]) -> None:
    """RDS writes it to a group of this name, and makes one that is kept for ever where there is none."""
    resources = template_of("production")["Resources"]
    logs = resources["DatabaseLogs"]["Properties"]
    assert logs["RetentionInDays"] == resources["Logs"]["Properties"]["RetentionInDays"] == {"Ref": "LogDays"}
    for name, kind, identifier in (
        ("Cluster", "cluster", "DBClusterIdentifier"),
        ("Instance", "instance", "DBInstanceIdentifier"),
    ):
        assert resources[name]["DependsOn"] == "DatabaseLogs"
        assert resources[name]["Properties"]["EnableCloudwatchLogsExports"] == ["postgresql"]
        assert resources[name]["Properties"][identifier] == {"Ref": "AWS::StackName"}
        assert {"Fn::Sub": f"/aws/rds/{kind}/${{AWS::StackName}}/postgresql"} in logs["LogGroupName"]["Fn::If"]
