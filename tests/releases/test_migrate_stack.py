"""The stack's schema as CloudFormation asks for it, on a real Postgres; the answer goes to a server of the test's."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from chalicelib.database.migrations.migrate import FOLDER, load
from chalicelib.releases import migrate_stack as release
from chalicelib.releases.migrate_stack import migrate_stack
from tests.databases import PASSWORDS

if TYPE_CHECKING:
    from collections.abc import Generator

    from types_boto3_secretsmanager import SecretsManagerClient

    from local.postgres.cluster import Cluster
    from tests.databases import Database

# A migration of everything takes a while on a busy machine.
pytestmark = pytest.mark.timeout(120)


class Answers:
    """A server that takes what is PUT to it."""

    def __init__(self) -> None:
        taken: list[dict[str, Any]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_PUT(self) -> None:
                taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                pass

        self.taken = taken
        self.server = HTTPServer(("127.0.0.1", 0), Handler)

    def request(self, kind: str) -> dict[str, Any]:
        return {
            "RequestType": kind,
            "ResponseURL": f"http://127.0.0.1:{self.server.server_port}/answer?signed=yes",
            "StackId": "stack",
            "RequestId": "request",
            "LogicalResourceId": "Schema",
        }


@pytest.fixture
def answers() -> Generator[Answers]:
    answers = Answers()
    thread = threading.Thread(target=answers.server.serve_forever)
    thread.start()
    yield answers
    answers.server.shutdown()
    thread.join()
    answers.server.server_close()


@pytest.fixture
def of_database(
    release_environment: dict[str, str], empty_database: Database, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> Generator[str]:
    """The address of an empty database, which is that of the stack."""
    address = release_environment["BERTH_DATABASE_ADDRESS"].replace("/postgres", f"/{empty_database.name}")
    monkeypatch.setenv("BERTH_DATABASE_ADDRESS", address)
    yield address
    cluster.give_passwords()  # roles belong to the whole cluster: they get their passwords back


def test_a_stack_gets_its_schema_and_roles_that_sign_in_with_the_passwords_of_their_secrets(
    of_database: str, answers: Answers, secrets_manager: SecretsManagerClient
) -> None:
    secret = json.dumps({"username": "berth_app", "password": "of-the-stack"})
    secrets_manager.put_secret_value(SecretId="berth_app", SecretString=secret)
    migrate_stack(answers.request("Create"))
    migrate_stack(answers.request("Update"))
    assert (
        answers.taken
        == [
            {
                "Status": "SUCCESS",
                "Reason": "",
                "PhysicalResourceId": "schema",
                "StackId": "stack",
                "RequestId": "request",
                "LogicalResourceId": "Schema",
            }
        ]
        * 2
    )
    with psycopg.connect(of_database.replace("://", "://berth_app:of-the-stack@")) as connection:
        found = connection.execute("SELECT count(*), current_user FROM schema_migrations").fetchone()
    assert found == (len(load(FOLDER)), "berth_app")


def test_a_stack_that_goes_leaves_its_database(of_database: str, answers: Answers) -> None:
    migrate_stack(answers.request("Delete"))
    assert [one["Status"] for one in answers.taken] == ["SUCCESS"]
    with psycopg.connect(of_database.replace("://", f"://postgres:{PASSWORDS['postgres']}@")) as connection:
        assert connection.execute("SELECT to_regclass('schema_migrations')").fetchone() == (None,)


def applied_nothing(owner_dsn: str) -> list[str]:
    """The first half of the work, which would succeed."""
    return []


@pytest.mark.usefixtures("of_database")
def test_what_goes_wrong_ends_the_release_with_a_sentence(
    answers: Answers, monkeypatch: pytest.MonkeyPatch, secrets_manager: SecretsManagerClient
) -> None:
    monkeypatch.setenv("BERTH_DATABASE_ADDRESS", "postgresql://127.0.0.1:1/berth")
    migrate_stack(answers.request("Create"))
    secrets_manager.delete_secret(SecretId="berth_app", ForceDeleteWithoutRecovery=True)
    monkeypatch.setattr(release, "migrate", applied_nothing)
    migrate_stack(answers.request("Create"))
    monkeypatch.delenv("BERTH_OWNER_SECRET")
    migrate_stack(answers.request("Create"))
    assert [one["Status"] for one in answers.taken] == ["FAILED"] * 3
    unreachable, unknown, unset = (one["Reason"] for one in answers.taken)
    assert unreachable.startswith("The database cannot be reached: ")
    assert "Connection refused Is the server running" in unreachable, "the words of libpq, which are of several lines"
    assert unknown.startswith("The database was not migrated: ResourceNotFoundException: ")
    assert unset == "BERTH_OWNER_SECRET is not set; it must be the id of the secret of the database's owner."
