"""The document and the API, compared by a machine: examples, limits of parameters, random calls, sequences of calls.

The whole chain is real: the gateway's processes, the functions, Postgres as the application's role.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from local.aws.serve import serve_aws
from local.environment import MANY_GUESTS
from local.gateway.serve import ROOT, serve
from local.gateway.settings import SocketSettings
from tests.api.tenant import SIGNING_KEY, Tenant, in_days
from tests.databases import new_database
from tests.offers import INTERVAL, SLOT, STAY, Offer, add_tenant, policy

if TYPE_CHECKING:
    from collections.abc import Generator
    from uuid import UUID

    from tests.databases import Database

SLUG = "fuzzed"
OPTIONS = ["--checks=all", "--max-examples=8", "--seed=1", "--generation-allow-x00=false", "--no-color"]
# positive_data_acceptance: what the rules of a policy refuse, no schema can tell. missing_required_header: RFC 6585.
CONFIGURATION = """
base-url = "{address}/api"
[auth.openapi]
access_token = {{ bearer = "{token}" }}
[dictionaries.slugs]
values = {slugs}
[dictionaries.resources]
values = {resources}
[dictionaries.reservations]
values = {reservations}
[dictionaries.days]
values = {days}
[parameters]
"path.tenant" = "{slug}"
"path.resource" = {{ dictionary = "slugs", probability = 0.8 }}
"path.reservation" = {{ dictionary = "reservations", probability = 0.6 }}
"body.resource_id" = {{ dictionary = "resources", probability = 0.8 }}
"body.check_in_on" = {{ dictionary = "days", probability = 0.5 }}
"body.check_out_on" = {{ dictionary = "days", probability = 0.5 }}
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "401", "403", "404", "409", "412", "422", "429"]
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429"]
[checks.missing_required_header]
expected-statuses = ["401", "422", "428"]
[[operations]]
include-operation-id = ["sign_in_log_out", "sign_in_end_session"]
enabled = false
"""
"""Logging out would end the session of all later calls."""


@pytest.fixture
def fuzzed(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Tenant]:
    """A tenant with reservations to change, behind the gateway.

    The cluster is asked for by name so that this does not count as a test of the database: one version is enough.
    """
    with new_database(request.getfixturevalue("cluster")) as database:
        environment = {
            "DATABASE_URL": database.app,
            "BERTH_SIGNING_KEYS": ":".join(SIGNING_KEY),
            "BERTH_PUBLIC_URL": "",
            **MANY_GUESTS,
        }
        with (
            serve_aws(tmp_path) as aws,
            serve(
                "127.0.0.1",
                0,
                2,
                environment | aws,
                access_log=tmp_path / "access.log",
                sockets=SocketSettings(aws["AWS_ACCESS_KEY_ID"], aws["AWS_SECRET_ACCESS_KEY"]),
            ) as gateway,
        ):
            gateway.wait_until_ready()
            with httpx.Client(base_url=f"{gateway.address}/api/v1", timeout=30) as client:
                yield Tenant(SLUG, _offers(database), client, database)


def _offers(database: Database) -> dict[str, UUID]:
    opens = datetime.fromisoformat(f"{in_days(3)}T09:00+00:00")
    windows = [(opens + timedelta(days=day), opens + timedelta(days=day, hours=5)) for day in range(20)]
    return add_tenant(
        database.owner,
        SLUG,
        [
            Offer(slug="cabins", document=policy(STAY), capacity=100, assignment="labelled", amenities=("wifi",)),
            Offer(slug="room", document=policy(INTERVAL, per="hour"), capacity=100),
            Offer(
                slug="tour",
                document=policy(SLOT, per="person", capacity_counts="people"),
                capacity=100,
                windows=windows,
            ),
        ],
        timezone="Europe/Berlin",
    )


@pytest.mark.timeout(300)
def test_every_endpoint_keeps_to_its_description(fuzzed: Tenant, tmp_path: Path) -> None:
    reservations = [
        fuzzed.reserved("cabins", check_in_on=in_days(day), check_out_on=in_days(day + 2))["id"]
        for day in range(2, 14)  # tomorrow may have begun in Berlin
    ]
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(
        CONFIGURATION.format(
            address=str(fuzzed.client.base_url).removesuffix("/api/v1/"),
            token=fuzzed.token(),
            slug=SLUG,
            slugs=json.dumps(list(fuzzed.ids)),
            resources=json.dumps([str(identifier) for identifier in fuzzed.ids.values()]),
            reservations=json.dumps(reservations),
            days=json.dumps([in_days(day) for day in range(20)]),
        )
    )
    program = Path(sys.executable).with_name("schemathesis")
    command = [program, "--config-file", configuration, "run", f"{fuzzed.client.base_url}openapi.json", *OPTIONS]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=os.environ | hooks, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    statuses = answers(tmp_path / "access.log")
    assert not {status for status in statuses if status >= 500}
    # It has come past the refusals, into what the endpoints do.
    assert {200, 201, 204, 304, 400, 401, 404, 405, 409, 412, 422, 428} <= statuses


def answers(access_log: Path) -> set[int]:
    """The statuses of all answers."""
    return {json.loads(line)["status"] for line in access_log.read_text().splitlines()}
