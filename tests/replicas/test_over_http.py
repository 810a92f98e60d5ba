"""Reads from a replica as the world meets them: the gateway, the functions as the application, a real replica."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from chalicelib.access.model.people import Role
from chalicelib.http.log_positions import LONGEST_SECONDS
from local.environment import MANY_GUESTS
from local.gateway.serve import serve
from tests.api.conftest import BUILT_PAGE
from tests.api.documented import assert_documented
from tests.api.tenant import SIGNING_KEY, Tenant, in_days
from tests.endpoints import ENDPOINTS
from tests.offers import STAY, Offer, add_tenant, policy
from tools.bench.round_trips import counting_proxy

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests import databases
    from tests.offers import Json
    from tests.replicas.standby import Standby

READ = {one.path: one for one in ENDPOINTS if one.replica_seconds is not None}
TENANT = "/tenants/{tenant}"
PAGE = {"host": "berth.example", "path": "/t/{tenant}"}
QUERIES: dict[str, dict[str, str]] = {
    TENANT: {},
    TENANT + "/resources": {},
    TENANT + "/resources/{resource}": {},
    TENANT + "/resources/{resource}/availability": {},
    TENANT + "/availability": {"from": in_days(40), "until": in_days(42)},
    TENANT + "/amenities": {},
    TENANT + "/calendar": {"from": in_days(25), "until": in_days(45)},
    TENANT + "/calendar/{date}": {},
    TENANT + "/timeline": {"from": in_days(25), "until": in_days(45)},
    TENANT + "/statistics": {"from": in_days(1), "until": in_days(60)},
    TENANT + "/statistics/top-resources": {"from": in_days(1), "until": in_days(60), "measure": "revenue"},
    TENANT + "/audit": {},
    TENANT + "/audit.csv": {},
    TENANT + "/reservations/{reservation}/history": {},
    TENANT + "/reservations/{reservation}/as-of": {"at": "2199-01-01T00:00:00Z"},
    "/pages": PAGE,
    "/pages/sitemap.xml": PAGE | {"path": "/t/{tenant}/sitemap.xml"},
}
"""All that a replica answers, and what it is asked here; whether an endpoint may be among them is a decision."""
pytestmark = pytest.mark.database


@dataclass(frozen=True, slots=True)
class Front:
    """The API before a primary and a replica, and how often each was spoken to since that was last asked."""

    client: httpx.Client
    asked_primary: Callable[[], int]
    asked_replica: Callable[[], int]


@pytest.fixture(scope="module")
def front(stage: databases.Database, standby: Standby, tmp_path_factory: pytest.TempPathFactory) -> Generator[Front]:
    with ExitStack() as stack:
        counted: list[tuple[str, Callable[[], int]]] = []
        for dsn in (stage.app, standby.app):
            server = conninfo_to_dict(dsn)
            port, turns = stack.enter_context(counting_proxy(str(server["host"]), int(str(server["port"]))))
            counted.append((make_conninfo(dsn, port=port), turns.take))
        (primary, asked_primary), (replica, asked_replica) = counted
        page = tmp_path_factory.mktemp("web") / "public.html"
        page.write_text(BUILT_PAGE, encoding="utf-8")
        variables = {
            "DATABASE_URL": primary,
            "DATABASE_REPLICA_URL": replica,
            "BERTH_SIGNING_KEYS": ":".join(SIGNING_KEY),
            "BERTH_PUBLIC_URL": "https://berth.example",
            "BERTH_PAGE": str(page),
            **MANY_GUESTS,
        }
        log: Path = tmp_path_factory.mktemp("front") / "access.log"
        gateway = stack.enter_context(serve("127.0.0.1", 0, 1, variables, threads=1, access_log=log))
        gateway.wait_until_ready()
        # A cookie that is Secure travels by https alone: the tests carry it themselves.
        client = httpx.Client(
            base_url=f"{gateway.address}/api/v1", timeout=30, event_hooks={"response": [assert_documented]}
        )
        yield Front(stack.enter_context(client), asked_primary, asked_replica)


@pytest.fixture(scope="module")
def inn(front: Front, stage: databases.Database) -> Tenant:
    slug = f"inn-{uuid4().hex[:8]}"
    offers = [Offer(slug="cabin", document=policy(STAY), capacity=40)]
    return Tenant(slug, add_tenant(stage.owner, slug, offers), front.client, stage)


def reserve(inn: Tenant, day: int, **headers: str) -> httpx.Response:
    body = {
        "resource_id": str(inn.ids["cabin"]),
        "check_in_on": in_days(day),
        "check_out_on": in_days(day + 2),
        "guest": {"name": "Ada", "email": f"{uuid4().hex}@example.org"},
    }
    answer = inn.post("/reservations", body, **headers)
    assert answer.status_code == 201, answer.text
    return answer


def remaining(inn: Tenant, day: int, **headers: str) -> int:
    """How many cabins are free in a night."""
    query = {"from": in_days(day), "until": in_days(day + 1)}
    path = f"/tenants/{inn.slug}/resources/cabin/availability"
    answer = inn.client.get(path, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["nights"][0]["remaining"]


def test_what_a_replica_answers_is_read_by_get_and_no_older_than_browsers_remember_their_position() -> None:
    assert set(READ) == {f"/v1{path}" for path in QUERIES}
    for declared in READ.values():
        assert declared.method == "GET"
        assert not declared.counted
        assert declared.replica_seconds is not None
        assert 0 < declared.replica_seconds <= LONGEST_SECONDS


@pytest.mark.parametrize("path", QUERIES)
def test_the_replica_gives_the_answer_of_the_primary_and_saves_it_the_work(
    path: str, front: Front, inn: Tenant, standby: Standby
) -> None:
    made = cast("Json", reserve(inn, 40).json())
    staff = Role.ANYONE not in READ[f"/v1{path}"].roles
    address = path.format(tenant=inn.slug, resource="cabin", reservation=made["id"], date=in_days(40))
    query = {name: value.format(tenant=inn.slug) for name, value in QUERIES[path].items()}
    headers = inn.as_role() if staff else {}

    def read(**carried: str) -> httpx.Response:
        answer = inn.client.get(address, params=query, headers={**headers, **carried})
        assert answer.status_code == 200, answer.text
        return answer

    by_primary = read(**{"Berth-Position": "FFFFFFFF/FFFFFFFF"})  # statistics are brought up to date by it, too
    standby.catch_up()
    read()
    for take in (front.asked_primary, front.asked_replica):
        take()
    by_replica = read()
    assert front.asked_primary() == (1 if staff else 0), "Who calls is asked of the primary, and nothing else."
    assert front.asked_replica() > 0
    assert (by_replica.text, by_replica.headers["ETag"]) == (by_primary.text, by_primary.headers["ETag"])


def test_who_has_reserved_sees_it_by_header_and_by_cookie_though_the_replica_is_paused(
    inn: Tenant, standby: Standby
) -> None:
    before = remaining(inn, 70)
    standby.catch_up()
    standby.pause()
    try:
        made = reserve(inn, 70)
        position, cookie = made.headers["Berth-Position"], made.headers["Set-Cookie"]
        assert cookie == f"berth_position={position}; Path=/api; Max-Age=60; HttpOnly; SameSite=Strict; Secure"
        inn.client.cookies.clear()
        assert remaining(inn, 70, **{"Berth-Position": position}) == before - 1
        assert remaining(inn, 70, Cookie=cookie.partition(";")[0]) == before - 1
        assert remaining(inn, 70, Cookie="berth_position=nonsense; other=1") == before - 1, "The primary has to answer."
        assert remaining(inn, 70) == before, "Control: without it the replica answers."
        earlier = {"Berth-Position": "0/1", "Cookie": cookie.partition(";")[0]}
        assert remaining(inn, 70, **earlier) == before - 1, "The later of the two counts."
    finally:
        standby.resume()
    assert remaining(inn, 70) == before - 1


def test_the_timeline_shows_staff_what_they_have_just_written_though_the_replica_is_paused(
    inn: Tenant, standby: Standby
) -> None:
    query = {"from": in_days(80), "until": in_days(84)}

    def lying(**headers: str) -> set[str]:
        answer = inn.client.get(f"/tenants/{inn.slug}/timeline", params=query, headers={**inn.as_role(), **headers})
        assert answer.status_code == 200, answer.text
        return {one["id"] for row in answer.json()["items"] for one in row["reservations"]}

    inn.client.cookies.clear()
    standby.catch_up()
    standby.pause()
    try:
        made = reserve(inn, 80)
        identifier = made.json()["id"]
        assert identifier in lying(**{"Berth-Position": made.headers["Berth-Position"]})
        assert identifier in lying(Cookie=made.headers["Set-Cookie"].partition(";")[0])
        assert identifier not in lying(), "Control: without it the replica answers."
    finally:
        standby.resume()


def test_the_answer_to_a_repeated_request_tells_a_position_that_has_the_first_ones_change(
    inn: Tenant, standby: Standby
) -> None:
    key = uuid4().hex
    before = remaining(inn, 90)
    body = {
        "resource_id": str(inn.ids["cabin"]),
        "check_in_on": in_days(90),
        "check_out_on": in_days(91),
        "guest": {"name": "Ada", "email": "ada@example.org"},
    }
    standby.pause()
    try:
        first = inn.post("/reservations", body, **{"Idempotency-Key": key})
        again = inn.post("/reservations", body, **{"Idempotency-Key": key})
        assert (first.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
        assert remaining(inn, 90, **{"Berth-Position": again.headers["Berth-Position"]}) == before - 1
    finally:
        standby.resume()


def test_what_changes_nothing_tells_no_position(inn: Tenant) -> None:
    refused = inn.post("/reservations", {"resource_id": str(inn.ids["cabin"])})
    quoted = inn.post(
        "/quotes",
        {"resource_id": str(inn.ids["cabin"]), "check_in_on": in_days(50), "check_out_on": in_days(51)},
    )
    read = inn.get("/resources")
    assert (refused.status_code, quoted.status_code, read.status_code) == (422, 200, 200)
    assert [one for one in (refused, quoted, read) if "Berth-Position" in one.headers] == []


@pytest.mark.parametrize("text", ["", "16", "yesterday", "123456789/0", "16/B374D848, 17/0"])
def test_a_position_that_is_none_is_refused_in_words(text: str, inn: Tenant) -> None:
    answer = inn.client.get(f"/tenants/{inn.slug}/resources", headers={"Berth-Position": text})
    assert answer.status_code == 422, answer.text
    [violation] = answer.json()["violations"]
    assert violation["field"] == "Berth-Position"
    assert "Must be the Berth-Position of an earlier answer" in answer.text


def test_a_version_that_a_replica_told_too_late_is_refused_by_the_change_itself(inn: Tenant, standby: Standby) -> None:
    """If-Match is compared on the primary: what was read may be old, what is changed is not."""
    staff = inn.as_role()
    path = f"/tenants/{inn.slug}/resources/cabin"
    standby.catch_up()
    standby.pause()
    try:
        old = inn.client.get(path).headers["ETag"]
        renamed = inn.client.patch(path, json={"name": "Lodge"}, headers={**staff, "If-Match": old})
        assert renamed.status_code == 200, renamed.text
        assert inn.client.get(path, headers={"Cookie": "x=1"}).headers["ETag"] == old
        late = inn.client.patch(path, json={"name": "Hut"}, headers={**staff, "If-Match": old})
        assert late.status_code == 412
    finally:
        standby.resume()


def test_statistics_that_are_to_be_brought_up_to_date_are_told_by_the_primary(inn: Tenant, standby: Standby) -> None:
    path = f"/tenants/{inn.slug}/statistics"

    def nights() -> int:
        query = {"from": in_days(120), "until": in_days(140)}
        return inn.client.get(path, params=query, headers=inn.as_role()).json()["total"]["nights"]

    before = nights()
    reserve(inn, 130)
    standby.catch_up()
    assert nights() == before + 2


def test_admission_never_asks_the_replica(front: Front, inn: Tenant) -> None:
    front.asked_replica()
    reserve(inn, 110)
    assert front.asked_replica() == 0


def test_a_right_that_was_taken_back_ends_with_the_next_read_though_the_replica_is_paused(
    inn: Tenant, standby: Standby, stage: databases.Database
) -> None:
    key = inn.api_key()
    path = f"/tenants/{inn.slug}/audit"
    headers = {"Authorization": f"Bearer {key}"}
    standby.catch_up()
    standby.pause()
    try:
        assert inn.client.get(path, headers=headers).status_code == 200
        with psycopg.connect(stage.owner) as owner:
            owner.execute("UPDATE api_keys SET revoked_at = clock_now() WHERE prefix = %s", [key.split("_")[1]])
        assert inn.client.get(path, headers=headers).status_code == 401
    finally:
        standby.resume()
