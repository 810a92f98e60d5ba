"""What Lambda runs is what is tested everywhere else: the package under AWS's runtime answers as the gateway does."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import httpx
import pytest

from demo.seed import seed
from local.gateway.results import to_answer
from local.gateway.serve import serve
from tests.artefact.requests import Request
from tests.artefact.sandbox import invoke, started
from tests.databases import new_database

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from local.postgres.cluster import Cluster
    from tests.databases import Database

# Whichever test comes first builds the package, which takes a while on a busy machine.
pytestmark = pytest.mark.timeout(300)

# What differs between any two requests, and what is drawn by lot or by the clock for a new reservation.
CHANGING_HEADERS = {"content-length", "date", "x-amzn-requestid", "x-request-id"}
NEW_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")  # ends the Location of what was created
POSITION = re.compile(r"\b[0-9A-F]{1,8}/[0-9A-F]{1,8}\b")
"""In the log of the database, which goes on."""
AGE = re.compile(r"(?<=^public, max-age=)\d+$")
"""Of what is fresh until an instant: it is less a second later."""
NEW_TAG = re.compile(r'-[0-9a-f]{32}"$')  # the hash of what has a version, ids and instants included
CHANGING_MEMBERS = {"code", "created_at", "id", "manage_token", "request_id", "updated_at"}

CABINS = "/v1/tenants/pine-cabins"
TODAY = datetime.now(UTC).date()


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: Any

    def comparable(self) -> Answer:
        headers = {
            name: AGE.sub("…", POSITION.sub("…", NEW_TAG.sub('-…"', NEW_ID.sub("…", value))))
            for name, value in self.headers.items()
            if name not in CHANGING_HEADERS
        }
        return Answer(self.status, headers, without_changing_members(self.body))


def without_changing_members(value: object) -> object:
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        return {
            name: "…" if name in CHANGING_MEMBERS else without_changing_members(member)
            for name, member in members.items()
        }
    if isinstance(value, list):
        return [without_changing_members(item) for item in cast("list[object]", value)]
    return value


def answer_of(status: int, headers: dict[str, str], text: str) -> Answer:
    is_json = "json" in headers.get("content-type", "")
    return Answer(status, headers, json.loads(text) if is_json else text)


@pytest.fixture(scope="module")
def twins(cluster: Cluster) -> Generator[tuple[Database, Database]]:
    """Two databases with the same demo tenants, so that neither side sees what the other did."""
    with new_database(cluster) as first:
        seed(first.owner)
        with new_database(cluster, first.name) as second:
            yield first, second


def environment(database: Database) -> dict[str, str]:
    return {
        "DATABASE_URL": database.app,
        "BERTH_SIGNING_KEYS": f"test:{'s' * 32}",
        "BERTH_PUBLIC_URL": "https://berth.test",
    }


@pytest.fixture(scope="module")
def on_gateway(twins: tuple[Database, Database]) -> Generator[Callable[[Request], Answer]]:
    with serve("127.0.0.1", 0, workers=1, environment=environment(twins[0])) as running:
        running.wait_until_ready()
        with httpx.Client(base_url=f"{running.address}/api") as client:

            def ask(request: Request) -> Answer:
                got = client.request(request.method, request.path, content=request.content, headers=request.all_headers)
                return answer_of(got.status_code, dict(got.headers), got.text)

            yield ask


@pytest.fixture(scope="module")
def on_lambda(twins: tuple[Database, Database], task: Path, runtime: Path) -> Generator[Callable[[Request], Answer]]:
    with started(task, runtime, "app.app", environment(twins[1])) as sandbox:

        def ask(request: Request) -> Answer:
            outcome = invoke(sandbox, request.event())
            assert not outcome.is_error, outcome
            got = to_answer(json.loads(outcome.payload))
            headers = {name.decode(): value.decode() for name, value in got.headers}
            return answer_of(got.status, headers, got.body.decode())

        yield ask


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "/v1/health"),
        Request("GET", "/v1/ready"),
        Request("GET", "/v1/health?unknown=1"),
        Request("GET", "/v1/openapi.json"),
        Request("GET", "/v1/docs"),
        Request("GET", "/v1/docs/scalar.js"),
        Request("GET", CABINS),
        Request("GET", f"{CABINS}/resources"),
        Request("GET", "/v1/tenants/nobody"),
    ],
    ids=lambda request: f"{request.method} {request.path}",
)
def test_lambda_answers_as_the_gateway_does(
    on_gateway: Callable[[Request], Answer], on_lambda: Callable[[Request], Answer], request_: Request
) -> None:
    assert on_lambda(request_).comparable() == on_gateway(request_).comparable()


def a_guests_visit(ask: Callable[[Request], Answer]) -> Iterator[Answer]:
    """Look for a cabin, reserve it, ask again, look at it without and with the token, and let it go."""
    yield (found := ask(Request("GET", f"{CABINS}/resources")))
    cabin = next(resource["id"] for resource in found.body["items"] if resource["slug"] == "lakeside-cabins")
    month = f"from={TODAY + timedelta(days=30)}&until={TODAY + timedelta(days=60)}"
    yield (calendar := ask(Request("GET", f"{CABINS}/resources/{cabin}/availability?{month}")))
    nights = calendar.body["nights"]
    stays = zip(nights, nights[1:], nights[2:], nights[3:], strict=False)
    first, *_, last = next(
        stay for stay in stays if stay[0]["can_check_in"] and all(night["remaining"] for night in stay)
    )
    wanted = {
        "resource_id": cabin,
        "check_in_on": first["on"],
        "check_out_on": last["on"],
        "guest": {"name": "Ada Lovelace", "email": "ada@example.org"},
    }
    reserve = Request("POST", f"{CABINS}/reservations", wanted, {"Idempotency-Key": "one visit"})
    yield ask(Request("POST", f"{CABINS}/reservations", {**wanted, "quantity": 0}))
    yield (made := ask(reserve))
    assert made.status == 201, made
    yield ask(reserve)
    path = f"{CABINS}/reservations/{made.body['id']}"
    yield ask(Request("GET", path))
    token = {"Authorization": f"Bearer {made.body['manage_token']}"}
    yield ask(Request("GET", path, headers=token))
    yield ask(Request("POST", f"{path}/cancel", {}, token))


def test_guests_visit_goes_the_same_way(
    on_gateway: Callable[[Request], Answer], on_lambda: Callable[[Request], Answer]
) -> None:
    here = [answer.comparable() for answer in a_guests_visit(on_gateway)]
    there = [answer.comparable() for answer in a_guests_visit(on_lambda)]
    assert [answer.status for answer in here] == [200, 200, 422, 201, 201, 401, 200, 200]
    assert there == here
