"""Rotations as Secrets Manager asks for them, on moto's Secrets Manager and Lambda and on a real Postgres."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import boto3
import psycopg
import pytest

from chalicelib.adapters.functions import Functions
from chalicelib.adapters.tokens import Tokens
from chalicelib.config import Config
from chalicelib.releases.rotate_secret import RotationError, rotate_secret
from tests.databases import PASSWORDS
from tests.releases.conftest import EMPTY_ZIP

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from types_boto3_lambda import LambdaClient
    from types_boto3_secretsmanager import SecretsManagerClient

    from local.postgres.cluster import Cluster

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


def rotate(secret_id: str, steps: Sequence[str] = STEPS) -> None:
    """What Secrets Manager does in a rotation, step by step."""
    version = str(uuid4())
    for step in steps:
        rotate_secret({"Step": step, "SecretId": secret_id, "ClientRequestToken": version})


def current(manager: SecretsManagerClient, secret_id: str) -> dict[str, str]:
    return json.loads(manager.get_secret_value(SecretId=secret_id, VersionStage="AWSCURRENT")["SecretString"])


def opens(release: dict[str, str], secret: dict[str, str]) -> bool:
    address = release["BERTH_DATABASE_ADDRESS"].replace("://", f"://{secret['username']}:{secret['password']}@")
    try:
        psycopg.connect(address).close()
    except psycopg.OperationalError:
        return False
    return True


def make_function(functions: LambdaClient, name: str, variables: dict[str, str]) -> None:
    roles = cast("Any", boto3).client("iam")
    role = roles.create_role(RoleName=f"{name}Role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role,
        Handler="app.app",
        Code={"ZipFile": EMPTY_ZIP},
        Environment={"Variables": variables},
    )


def variables_of(functions: LambdaClient, name: str) -> dict[str, str]:
    return functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]  # pyright: ignore[reportTypedDictNotRequiredAccess]


@pytest.fixture
def old_passwords(cluster: Cluster) -> Generator[None]:
    """Roles belong to the whole cluster: they get their passwords back."""
    yield
    cluster.give_passwords()


@pytest.mark.usefixtures("old_passwords")
def test_a_new_password_opens_the_database_and_reaches_the_functions(
    release_environment: dict[str, str],
    secrets_manager: SecretsManagerClient,
    functions: LambdaClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = f"postgresql://berth_jobs:{PASSWORDS['berth_jobs']}@db.example/berth"
    make_function(functions, "api", {"DATABASE_URL": "postgresql://berth_app:x@db.example/berth"})
    make_function(functions, "job", {"BERTH_JOBS_DATABASE_URL": address, "OTHER": "stays"})
    monkeypatch.setenv("BERTH_FUNCTIONS", "api,job")
    before = current(secrets_manager, "berth_jobs")

    rotate("berth_jobs")

    after = current(secrets_manager, "berth_jobs")
    assert after["username"] == "berth_jobs"
    assert opens(release_environment, after)
    assert not opens(release_environment, before)
    assert variables_of(functions, "job") == {
        "BERTH_JOBS_DATABASE_URL": f"postgresql://berth_jobs:{after['password']}@db.example/berth",
        "OTHER": "stays",
    }
    assert variables_of(functions, "api") == {"DATABASE_URL": "postgresql://berth_app:x@db.example/berth"}


@pytest.mark.usefixtures("old_passwords")
def test_steps_that_come_twice_come_to_the_same_end(
    release_environment: dict[str, str], secrets_manager: SecretsManagerClient
) -> None:
    rotate("berth_jobs", [step for step in STEPS for _ in range(2)])
    assert opens(release_environment, current(secrets_manager, "berth_jobs"))


@pytest.mark.usefixtures("release_environment")
def test_a_password_that_does_not_open_the_database_never_becomes_the_secret(
    secrets_manager: SecretsManagerClient,
) -> None:
    before = current(secrets_manager, "berth_jobs")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        rotate("berth_jobs", ("createSecret", "testSecret", "finishSecret"))
    assert current(secrets_manager, "berth_jobs") == before


@pytest.mark.usefixtures("release_environment")
def test_tokens_of_before_and_after_a_rotation_are_accepted_on_both_sides(
    secrets_manager: SecretsManagerClient, functions: LambdaClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets_manager.create_secret(Name="keys", SecretString=json.dumps({"kid": "1", "key": "k" * 43, "others": ""}))
    make_function(functions, "api", {"BERTH_SIGNING_KEYS": f"1:{'k' * 43}", "DATABASE_URL": "postgresql://x"})
    monkeypatch.setenv("BERTH_FUNCTIONS", "api")
    sides: list[Tokens] = []
    for _ in range(4):
        sides.append(Tokens(Config.from_environment(variables_of(functions, "api")).signing_keys))
        rotate("keys")
    for earlier, later in pairwise(sides):
        earlier.verify(later.issue_manage_token("pine-cabins", uuid4()))
        later.verify(earlier.issue_manage_token("pine-cabins", uuid4()))
    sides[-1].verify(sides[0].issue_manage_token("pine-cabins", uuid4()))


@pytest.mark.usefixtures("release_environment")
def test_a_function_that_is_not_told_is_named_and_the_others_are_told(
    secrets_manager: SecretsManagerClient, functions: LambdaClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets_manager.create_secret(Name="keys", SecretString=json.dumps({"kid": "1", "key": "k" * 43, "others": ""}))
    make_function(functions, "api", {"BERTH_SIGNING_KEYS": "1:old"})
    monkeypatch.setattr("chalicelib.adapters.functions.TRIES", 1)
    monkeypatch.setenv("BERTH_FUNCTIONS", "gone,api")
    with pytest.raises(RotationError, match=r"still have the one before: gone \(.*Rotate once more"):
        rotate("keys")
    assert variables_of(functions, "api")["BERTH_SIGNING_KEYS"].startswith(f"1:{'k' * 43},2:")


@pytest.mark.usefixtures("release_environment")
def test_a_step_that_nobody_knows_is_refused() -> None:
    with pytest.raises(RotationError, match="the step 'dropSecret'"):
        rotate_secret({"Step": "dropSecret", "SecretId": "berth_jobs", "ClientRequestToken": "x"})


def test_a_function_that_has_the_variables_already_is_left_alone(functions: LambdaClient) -> None:
    make_function(functions, "api", {"A": "1"})
    several, updates = Functions(["api"]), list[object]()

    def note(**call: object) -> None:
        updates.append(call)

    client = several._client  # noqa: SLF001 - its calls are counted  # pyright: ignore[reportPrivateUsage]
    client.meta.events.register("before-call.lambda.UpdateFunctionConfiguration", note)
    assert several.change_variables(dict) == {}
    assert updates == []
    assert several.change_variables(lambda before: {**before, "B": "2"}) == {}
    assert len(updates) == 1
