"""The document and the API, compared by a machine: examples, limits of parameters, random calls, sequences of calls.

Each kind of caller has a tenant of its own. In every run the owner does all that, and the others do a little of it;
`./dev prove shapes` lets everybody do all of it, for longer. The whole chain is real: the gateway's processes, the
functions, Postgres as the application's role.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import httpx
import pytest

from chalicelib.access.model.people import Role
from chalicelib.adapters.tokens import Tokens
from local.aws.serve import serve_aws
from local.environment import MANY_GUESTS
from local.gateway.serve import ROOT, serve
from local.gateway.settings import SocketSettings
from tests.api.schemathesis_hooks import IN_TURN
from tests.api.tenant import SIGNING_KEY, Tenant, in_days
from tests.databases import Database, new_database
from tests.offers import INTERVAL, SLOT, STAY, Offer, add_tenant, policy

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

OPTIONS = ["--checks=all", "--generation-allow-x00=false", "--no-color"]
OWNER, OTHERS = "owner", ("anonymous", "guest", "viewer", "agent", "manager", "operator", "API key")
USUAL = ["--max-examples=8", "--seed=1"]
A_LITTLE = ["--max-examples=1", "--seed=1", "--phases=fuzzing", "--exclude-checks=ignored_auth"]
"""Whether a token matters is asked of one caller at a time."""
MUCH = ["--max-examples=30"]
"""Of each operation at a time: schemathesis goes on with random calls and sequences until the time is over."""
# positive_data_acceptance: what the rules of a policy refuse, no schema can tell, nor who has to send If-Match (428).
# missing_required_header: RFC 6585; who may not do it at all is told that first.
CONFIGURATION = """
base-url = "{address}/api"
{authorization}
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
"path.series" = {{ dictionary = "reservations", probability = 0.6 }}
"path.entry" = {{ dictionary = "reservations", probability = 0.6 }}
"path.resource" = {{ dictionary = "slugs", probability = 0.8 }}
"path.reservation" = {{ dictionary = "reservations", probability = 0.6 }}
"body.resource_id" = {{ dictionary = "resources", probability = 0.8 }}
"body.check_in_on" = {{ dictionary = "days", probability = 0.5 }}
"body.check_out_on" = {{ dictionary = "days", probability = 0.5 }}
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "401", "403", "404", "409", "412", "422", "428", "429"]
[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "428", "429"]
[checks.missing_required_header]
expected-statuses = {without_header}
[[operations]]
include-operation-id = ["sign_in_log_out", "sign_in_end_session"]
enabled = false
"""
"""Logging out would end the session of all later calls."""


FULL = {200, 201, 204, 304, 400, 401, 404, 405, 409, 412, 422, 428}
"""What is answered where calls come past the refusals, into what the endpoints do."""
SERVED = {200, 404, 422}
"""What everybody is answered somewhere, however little time there is."""
AUTHORIZATION = """
[auth.openapi]
access_token = {{ bearer = "{token}" }}
"""


@dataclass(frozen=True, slots=True)
class Served:
    """A running gateway: what it serves, and its access log."""

    database: Database
    client: httpx.Client
    access_log: Path

    def tenant(self) -> Tenant:
        """A new tenant with something of each mode."""
        slug = f"fuzzed-{uuid4().hex[:12]}"
        return Tenant(slug, _offers(self.database, slug), self.client, self.database)

    def answers(self) -> Counter[int]:
        """How often each status was answered so far."""
        return Counter(json.loads(line)["status"] for line in self.access_log.read_text().splitlines())


@pytest.fixture(scope="module")
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    """The gateway.

    The cluster is asked for by name so that this does not count as a test of the database: one version is enough.
    """
    directory = tmp_path_factory.mktemp("shapes")
    with new_database(request.getfixturevalue("cluster")) as database:
        environment = {
            "DATABASE_URL": database.app,
            "BERTH_SIGNING_KEYS": ":".join(SIGNING_KEY),
            "BERTH_PUBLIC_URL": "",
            **MANY_GUESTS,
        }
        with (
            serve_aws(directory) as aws,
            serve(
                "127.0.0.1",
                0,
                2,
                environment | aws,
                access_log=directory / "access.log",
                sockets=SocketSettings(aws["AWS_ACCESS_KEY_ID"], aws["AWS_SECRET_ACCESS_KEY"]),
            ) as gateway,
        ):
            gateway.wait_until_ready()
            with httpx.Client(base_url=f"{gateway.address}/api/v1", timeout=30) as client:
                yield Served(database, client, directory / "access.log")


def _offers(database: Database, slug: str) -> dict[str, UUID]:
    opens = datetime.fromisoformat(f"{in_days(3)}T09:00+00:00")
    windows = [(opens + timedelta(days=day), opens + timedelta(days=day, hours=5)) for day in range(20)]
    return add_tenant(
        database.owner,
        slug,
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


def token_of(caller: str, tenant: Tenant, reservations: list[str]) -> str | None:
    """What a caller of that kind sends; the guest is that of the first reservation."""
    match caller:
        case "anonymous":
            return None
        case "guest":
            return Tokens([SIGNING_KEY]).issue_manage_token(tenant.slug, UUID(reservations[0]))
        case "API key":
            return tenant.api_key()
        case role:
            return tenant.token(Role(role))


def compare(served: Served, callers: Sequence[str], directory: Path, options: list[str]) -> Counter[int]:
    """Let schemathesis call as these in turn; return how often each status was answered. Fails for what it finds."""
    tenant, before = served.tenant(), served.answers()
    reservations: list[str] = [
        tenant.reserved("cabins", check_in_on=in_days(day), check_out_on=in_days(day + 2))["id"]
        for day in range(2, 14)  # tomorrow may have begun in Berlin
    ]
    tokens = [token_of(caller, tenant, reservations) for caller in callers]
    alone = tokens[0] if len(tokens) == 1 else None
    # A guest's token is for one reservation: others are not found, whatever is done with them.
    named = reservations[: 1 if callers == ["guest"] else None]
    configuration = directory / "schemathesis.toml"
    configuration.write_text(
        CONFIGURATION.format(
            address=str(served.client.base_url).removesuffix("/api/v1/"),
            authorization="" if alone is None else AUTHORIZATION.format(token=alone),
            slug=tenant.slug,
            slugs=json.dumps(list(tenant.ids)),
            resources=json.dumps([str(identifier) for identifier in tenant.ids.values()]),
            reservations=json.dumps(named),
            days=json.dumps([in_days(day) for day in range(20)]),
            without_header=json.dumps(["401", "422", "428"] + ([] if callers == [OWNER] else ["403", "404"])),
        )
    )
    program = Path(sys.executable).with_name("schemathesis")
    arguments = ["run", f"{served.client.base_url}openapi.json", *OPTIONS, *options]
    command = [program, "--config-file", configuration, *arguments]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.api.schemathesis_hooks", "PYTHONPATH": str(ROOT)}
    if len(tokens) > 1:
        hooks[IN_TURN] = json.dumps(tokens)
    done = subprocess.run(command, cwd=directory, env=os.environ | hooks, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    answers = served.answers() - before
    assert not {status for status in answers if status >= 500}
    return answers


@pytest.fixture
def long(request: pytest.FixtureRequest) -> list[str]:
    """What `./dev prove shapes` adds: its part of the time for each caller, and its seed; nothing in other runs."""
    minutes: int = request.config.getoption("minutes", 0) or 0
    if not minutes:
        return []
    seconds = minutes * 60 // (1 + len(OTHERS))
    return [*MUCH, f"--max-time={seconds}", f"--seed={request.config.getoption('seed')}"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_endpoint_keeps_to_its_description(served: Served, tmp_path: Path, long: list[str]) -> None:
    statuses = compare(served, [OWNER], tmp_path, long or USUAL).keys()
    assert statuses >= (SERVED if long else FULL)


def test_every_endpoint_keeps_to_its_description_whoever_calls(
    served: Served, tmp_path: Path, long: list[str], subtests: pytest.Subtests
) -> None:
    if not long:
        assert compare(served, OTHERS, tmp_path, A_LITTLE).keys() >= SERVED | {401, 403}
    for caller in OTHERS if long else ():
        with subtests.test(caller):
            statuses = compare(served, [caller], tmp_path, long).keys()
            assert statuses >= SERVED
            assert statuses & {401, 403}
