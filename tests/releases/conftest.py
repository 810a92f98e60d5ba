from __future__ import annotations

import json
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from tests.databases import PASSWORDS, Database, new_database

if TYPE_CHECKING:
    from collections.abc import Generator

    from types_boto3_lambda import LambdaClient
    from types_boto3_secretsmanager import SecretsManagerClient

    from local.postgres.cluster import Cluster

EMPTY_ZIP = b"PK\x05\x06" + bytes(18)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """AWS as moto plays it in this process: whoever asks boto3 for a client gets one of its."""
    for name, value in {"ACCESS_KEY_ID": "x", "SECRET_ACCESS_KEY": "x", "DEFAULT_REGION": "us-east-1"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    with mock_aws():
        yield


@pytest.fixture
def secrets_manager(aws: None) -> SecretsManagerClient:
    return boto3.client("secretsmanager")  # pyright: ignore[reportUnknownMemberType] - one overload of many


@pytest.fixture
def functions(aws: None) -> LambdaClient:
    return boto3.client("lambda")  # pyright: ignore[reportUnknownMemberType] - one overload of many


@pytest.fixture
def empty_database(cluster: Cluster) -> Generator[Database]:
    """A database that no runner has seen."""
    with new_database(cluster, template="template0") as database:
        yield database


@pytest.fixture
def release_environment(
    cluster: Cluster, secrets_manager: SecretsManagerClient, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The secrets of a stack, and the variables that name them; the passwords are those that the roles have."""
    made = {
        name: secrets_manager.create_secret(Name=name, SecretString=json.dumps({"username": name, "password": word}))
        for name, word in PASSWORDS.items()
    }
    variables = {
        "BERTH_DATABASE_ADDRESS": f"postgresql://{cluster.owner['host']}:{cluster.owner['port']}/postgres",
        "BERTH_OWNER_SECRET": made["postgres"]["ARN"],
        "BERTH_ROLE_SECRETS": f"{made['berth_app']['ARN']},{made['berth_jobs']['ARN']}",
        "BERTH_FUNCTIONS": "",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables
