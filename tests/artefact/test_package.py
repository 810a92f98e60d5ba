from __future__ import annotations

import json
import os
import re
import sys
from fnmatch import fnmatchcase
from importlib.metadata import distribution
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from chalicelib.jobs.registry import JOBS
from local import lambda_package
from tests.artefact.conftest import HERE

if TYPE_CHECKING:
    from local.lambda_package import PackageInfo

# Whichever test comes first builds the package, which takes a while on a busy machine.
pytestmark = pytest.mark.timeout(300)

ROOT = Path(__file__).parents[2]


def names_in(package: PackageInfo) -> set[str]:
    with ZipFile(package.path) as archive:
        return set(archive.namelist())


def locked(requirements: str) -> set[str]:
    """The distributions that a compiled requirements file names for Linux."""
    lines = (ROOT / requirements).read_text().splitlines()
    return {line.partition("==")[0] for line in lines if re.match(r"[a-z0-9-]+==", line) and "win32'" not in line}


def resources(package: PackageInfo) -> dict[str, Any]:
    return json.loads(package.template.read_text())["Resources"]


def test_package_holds_the_locked_requirements_and_no_others(package: PackageInfo) -> None:
    found = {name.partition("/")[0] for name in names_in(package)}
    installed = {name.partition("-")[0].replace("_", "-") for name in found if name.endswith(".dist-info")}
    assert installed == locked("requirements.txt")


def test_package_holds_nothing_of_development(package: PackageInfo) -> None:
    found = {name.partition("/")[0] for name in names_in(package)}
    assert not found & {"local", "tests", "bench", "web", "docs", "ops", "infra", "dev", "conftest.py", ".chalice"}
    for name in locked("requirements-dev.txt") - locked("requirements.txt") - {"chalice"}:
        modules = {file.parts[0] for file in distribution(name).files or () if file.parts[0].endswith("dist-info")}
        assert not found & modules, name
    assert not found & {"uvicorn", "pip", "setuptools", "pytest", "click", "httpx"}


def test_package_holds_only_the_runtime_part_of_chalice(package: PackageInfo) -> None:
    found = {name for name in names_in(package) if name.startswith("chalice/") and name.endswith(".py")}
    assert found == {"chalice/__init__.py", "chalice/app.py"}


def test_package_holds_exactly_the_code_of_the_functions(package: PackageInfo) -> None:
    packed = {name for name in names_in(package) if name.startswith(("chalicelib/", "app.py"))}
    files = (path for path in (ROOT / "chalicelib").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    expected = {"app.py"} | {str(path.relative_to(ROOT)) for path in files}
    assert {name for name in packed if "__pycache__" not in name} == expected
    with ZipFile(package.path) as archive:
        assert archive.read("app.py") == (ROOT / "app.py").read_bytes()


def test_every_module_of_the_functions_comes_compiled(package_for_here: PackageInfo) -> None:
    names = names_in(package_for_here)
    modules = [
        name for name in names if name.startswith(("chalicelib/", "app.py", "pydantic/")) and name.endswith(".py")
    ]
    assert modules
    assert {cache_from_source(name) for name in modules} <= names


def test_package_is_for_the_python_of_the_functions_whatever_packages(package: PackageInfo) -> None:
    functions = [one["Properties"] for one in resources(package).values() if one["Type"] == "AWS::Serverless::Function"]
    assert {one["Runtime"] for one in functions} == {"python3.13"}
    interfaces = {part for name in names_in(package) for part in re.findall(r"\.(cpython-\d+|abi3)[.-].*so$", name)}
    assert interfaces == {"cpython-313", "abi3"}
    assert {part for name in names_in(package) for part in re.findall(r"\.(cpython-\d+)\.pyc$", name)} <= {
        "cpython-313"
    }


def test_an_interpreter_counts_only_if_it_starts_and_is_of_the_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert lambda_package.find_interpreter(HERE) == sys.executable
    (tmp_path / "python3.99").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "python3.99").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert lambda_package.find_interpreter("3.99") is None


def test_a_package_without_bytecode_says_so(package: PackageInfo) -> None:
    has_bytecode = any(name.endswith(".pyc") for name in names_in(package))
    assert package.has_bytecode is has_bytecode is (lambda_package.find_interpreter("3.13") is not None)
    assert ("without bytecode" in str(package)) is not has_bytecode


def test_the_bill_of_materials_lists_what_is_in_the_package(package: PackageInfo) -> None:
    text = (package.path.parent / "sbom.json").read_text()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    lines = re.findall(r"^([a-z0-9-]+)==([^ ]+) ", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    versions = dict(lines)
    assert {one["name"]: one["version"] for one in bill["components"]} == {
        name: versions[name] for name in locked("requirements.txt")
    }
    assert all(one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}" for one in bill["components"])
    assert sum("licenses" in one for one in bill["components"]) > len(versions) / 2


def test_same_input_makes_the_same_package(package: PackageInfo, tmp_path: Path) -> None:
    again = lambda_package.build_package(tmp_path)
    assert again.path.read_bytes() == package.path.read_bytes()


def test_package_is_small_enough(package: PackageInfo) -> None:
    assert package.size == package.path.stat().st_size < 60 * 2**20
    assert package.unzipped_size < 250 * 2**20


def test_package_that_grows_too_large_is_refused(package: PackageInfo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambda_package, "ZIPPED_LIMIT", 1 << 20)
    with pytest.raises(lambda_package.PackageError, match=r"too large for Lambda.*MiB zipped \(at most 1\)"):
        lambda_package.measure(package.path.parent)


def test_functions_that_cannot_be_imported_are_not_packaged(tmp_path: Path) -> None:
    (tmp_path / "chalicelib").mkdir()
    (tmp_path / "app.py").write_text("import nothing_of_that_name\n")
    with pytest.raises(lambda_package.PackageError, match="No module named 'nothing_of_that_name'"):
        lambda_package.build_package(tmp_path / "out", project=tmp_path)


def test_stage_is_the_one_that_the_paths_promise(package: PackageInfo) -> None:
    assert resources(package)["RestAPI"]["Properties"]["StageName"] == "api"


def test_function_has_the_time_and_memory_that_are_promised(package: PackageInfo) -> None:
    function = resources(package)["APIHandler"]["Properties"]
    assert (function["Handler"], function["Timeout"], function["MemorySize"]) == ("app.app", 29, 1024)


def test_every_function_has_what_it_needs_and_jobs_alone_the_database_of_all_tenants(package: PackageInfo) -> None:
    functions = [one["Properties"] for one in resources(package).values() if one["Type"] == "AWS::Serverless::Function"]
    variables = {one["Handler"].removeprefix("app."): one["Environment"]["Variables"] for one in functions}
    jobs = {name for name, given in variables.items() if "BERTH_JOBS_DATABASE_URL" in given}
    assert jobs == {*JOBS, "deliver_events"}
    assert variables.keys() - jobs == {"app", "open_connection", "answer_message", "close_connection"}
    for given in variables.values():
        assert given.keys() - {"BERTH_JOBS_DATABASE_URL"} == {
            "AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI",
            "BERTH_IMAGES_BUCKET",
            "BERTH_MAIL_FROM",
            "BERTH_PUBLIC_URL",
            "BERTH_QUEUE_URL",
            "BERTH_SIGNING_KEYS",
            "BERTH_WEBSOCKET_URL",
            "DATABASE_URL",
        }
        # Resolved when the stack is deployed: nothing of a deployment stands in the repository.
        assert all(value.startswith(("{{resolve:secretsmanager:", "{{resolve:ssm:")) for value in given.values())


def test_no_role_may_do_more_than_the_hand_written_policy_says(package: PackageInfo) -> None:
    policy = json.loads((ROOT / ".chalice" / "policy-production.json").read_text())
    roles = [resource for resource in resources(package).values() if resource["Type"] == "AWS::IAM::Role"]
    assert roles
    for role in roles:
        assert [attached["PolicyDocument"] for attached in role["Properties"]["Policies"]] == [policy]
        assert "ManagedPolicyArns" not in role["Properties"]
    actions = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert not any("*" in action for action in actions)


CONNECTIONS = "arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5"
BUCKET = "arn:aws:s3:::berth-production-images-123456789012"


@pytest.mark.parametrize(
    ("action", "resource", "is_allowed"),
    [
        ("execute-api:ManageConnections", f"{CONNECTIONS}/api/POST/@connections/x", True),
        ("execute-api:ManageConnections", f"{CONNECTIONS}/api/DELETE/@connections/x", True),
        ("execute-api:ManageConnections", f"{CONNECTIONS}/other/POST/@connections/x", False),
        ("execute-api:Invoke", f"{CONNECTIONS}/api/POST/x", False),
        ("sqs:SendMessage", "arn:aws:sqs:eu-central-1:123456789012:berth-events", True),
        ("sqs:ReceiveMessage", "arn:aws:sqs:eu-central-1:123456789012:berth-events", True),
        ("sqs:SendMessage", "arn:aws:sqs:eu-central-1:123456789012:others", False),
        ("sqs:PurgeQueue", "arn:aws:sqs:eu-central-1:123456789012:berth-events", False),
        ("ses:SendEmail", "arn:aws:ses:eu-central-1:123456789012:identity/berth.example", True),
        ("s3:PutObject", f"{BUCKET}/incoming/pine-cabins/x/y", True),
        ("s3:GetObject", f"{BUCKET}/incoming/pine-cabins/x/y", True),
        ("s3:DeleteObject", f"{BUCKET}/incoming/pine-cabins/x/y", True),
        ("s3:PutObject", f"{BUCKET}/images/pine-cabins/x/y.webp", True),
        ("s3:DeleteObject", f"{BUCKET}/images/pine-cabins/x/y.webp", True),
        ("s3:PutObject", f"{BUCKET}/elsewhere", False),
        ("s3:PutObject", "arn:aws:s3:::others/images/x", False),
        ("s3:DeleteBucket", BUCKET, False),
    ],
)
def test_the_policy_allows_what_adapters_do_and_no_more(
    package: PackageInfo,
    action: str,
    resource: str,
    is_allowed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    role = resources(package)["ApiHandlerRole"]["Properties"]["Policies"][0]["PolicyDocument"]
    allowed = [
        pattern
        for statement in role["Statement"]
        if action in statement["Action"]
        for pattern in ([statement["Resource"]] if isinstance(statement["Resource"], str) else statement["Resource"])
    ]
    assert any(fnmatchcase(resource, pattern) for pattern in allowed) is is_allowed


def test_queue_and_stage_of_the_policy_are_those_of_the_functions(package: PackageInfo) -> None:
    found = resources(package)
    (event,) = found["DeliverEvents"]["Properties"]["Events"].values()
    assert event["Properties"]["Queue"]["Fn::Sub"].endswith(":berth-events")
    assert found["WebsocketAPIStage"]["Properties"]["StageName"] == "api"
