"""The tenant's people work with reservations: find them, reserve for guests, see what became of each and by whom."""

from __future__ import annotations

import csv
import io
from contextlib import closing
from datetime import UTC, datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from chalicelib.access.model.people import Role
from chalicelib.database.identifiers import new_id
from chalicelib.database.transaction import Database
from chalicelib.events.event_log import EventFilter
from chalicelib.http.context import Context
from chalicelib.reporting import read_audit_log
from tests.api.tenant import in_days
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.tenant import Tenant

LINK_HOST = """
INSERT INTO membership_resources (tenant_id, user_id, resource_id)
SELECT tenant.id, person.id, %s FROM tenants AS tenant, users AS person WHERE tenant.slug = %s AND person.email = %s
"""
ADD_EVENT = """
INSERT INTO events (tenant_id, id, type, entity_kind, entity_id, actor_kind, actor_id, occurred_at)
SELECT id, %s, 'tenant.updated', 'tenant', id, 'staff', %s, clock_now() FROM tenants WHERE slug = %s
"""
WEEK_AHEAD = {"rule": "lead_time", "minimum_minutes": 7 * 1440}
TWO_AT_MOST = {"rule": "party_size", "minimum": 1, "maximum": 2}


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(
        Offer(slug="cabins", document=policy(STAY), capacity=5),
        Offer(slug="huts", document=policy(STAY, WEEK_AHEAD, TWO_AT_MOST), capacity=2),
    )


def get(tenant: Tenant, path: str, role: Role = Role.AGENT, /, **query: object) -> httpx.Response:
    given = {name.rstrip("_"): str(value) for name, value in query.items()}
    return tenant.client.get(f"/tenants/{tenant.slug}{path}", params=given, headers=tenant.as_role(role))


def found(tenant: Tenant, role: Role = Role.AGENT, **query: object) -> list[str]:
    answer = get(tenant, "/reservations", role, **query)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["items"]]


def stay(tenant: Tenant, day: int, name: str = "Ada Lovelace", resource: str = "cabins") -> dict[str, Any]:
    guest = {"name": name, "email": f"{uuid4().hex}@example.org"}
    return tenant.reserved(resource, check_in_on=in_days(day), check_out_on=in_days(day + 2), guest=guest)


def reserve_as(tenant: Tenant, role: Role, **members: object) -> httpx.Response:
    body = {
        "resource_id": str(tenant.ids["huts"]),
        "check_in_on": in_days(2),
        "check_out_on": in_days(3),
        "party_size": 4,
        "guest": {"name": "Ada", "email": "ada@example.org"},
        **members,
    }
    return tenant.post("/reservations", body, **tenant.as_role(role))


def test_reservations_are_found_by_what_is_known_of_them(tenant: Tenant) -> None:
    ada, grace = stay(tenant, 5, "Yvonne Lovelace"), stay(tenant, 10, "Grace Hopper")
    hut = stay(tenant, 20, "Yvonne Byron", "huts")
    tenant.cancelled(grace)
    assert found(tenant) == [ada["id"], grace["id"], hut["id"]]
    assert found(tenant, text="LOVELACE") == [ada["id"]]
    assert found(tenant, text="yvonne") == [ada["id"], hut["id"]]
    assert found(tenant, text=grace["guest"]["email"][:10]) == [grace["id"]]
    assert found(tenant, text=grace["code"].lower()) == [grace["id"]]
    assert found(tenant, text="%") == []
    assert found(tenant, resource_id=tenant.ids["huts"]) == [hut["id"]]
    assert found(tenant, state="cancelled,no_show") == [grace["id"]]
    assert found(tenant, from_=f"{in_days(9)}T00:00:00Z", until=f"{in_days(15)}T00:00:00Z") == [grace["id"]]
    assert found(tenant, created_until="2020-01-01T00:00:00Z") == []


def by_start(one: dict[str, Any]) -> tuple[str, str]:
    return one["starts_at"], one["id"]


@pytest.mark.parametrize(
    ("sort", "key", "descending"),
    [("starts_at", by_start, False), ("-starts_at", by_start, True), ("-created_at", itemgetter("id"), True)],
)
def test_the_list_goes_on_where_it_stopped_in_the_order_asked_for(
    tenant: Tenant, sort: str, key: Callable[[dict[str, Any]], Any], *, descending: bool
) -> None:
    made = [stay(tenant, day) for day in (5, 9, 5, 8, 5)]
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2, "sort": sort}
    while True:
        answer = get(tenant, "/reservations", **query)
        page = answer.json()
        seen += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        assert f"cursor={page['next_cursor']}" in answer.headers["Link"]
        query["cursor"] = page["next_cursor"]
    assert seen == [one["id"] for one in sorted(made, key=key, reverse=descending)]


def test_other_tenants_and_hosts_of_other_resources_find_nothing(
    tenant: Tenant, make_tenant: Callable[..., Tenant]
) -> None:
    cabin, hut = stay(tenant, 9), stay(tenant, 9, resource="huts")
    other = make_tenant(Offer(slug="cabins", document=policy(STAY)))
    assert found(other) == []
    tenant.token(Role.HOST)
    assert found(tenant, Role.HOST) == []
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(LINK_HOST, [tenant.ids["huts"], tenant.slug, f"host@{tenant.slug}.example"])
    assert found(tenant, Role.HOST) == [hut["id"]]
    for path in ("", "/history"):
        assert get(tenant, f"/reservations/{cabin['id']}{path}", Role.HOST).status_code == 404
    path = f"/reservations/{cabin['id']}/as-of"
    assert get(tenant, path, Role.HOST, at=f"{in_days(1)}T00:00:00Z").status_code == 404


def test_managers_may_not_insist_on_rules_which_is_recorded(tenant: Tenant) -> None:
    override = {"rules": ["lead_time", "party_size", "horizon"], "reason": "Regular guests"}
    assert {v["rule"] for v in reserve_as(tenant, Role.MANAGER).json()["violations"]} == {"lead_time", "party_size"}
    partly = reserve_as(tenant, Role.MANAGER, override={**override, "rules": ["lead_time"]})
    assert [violation["rule"] for violation in partly.json()["violations"]] == ["party_size"]
    answer = reserve_as(tenant, Role.MANAGER, override=override)
    assert answer.status_code == 201, answer.text
    (event,) = get(tenant, f"/reservations/{answer.json()['id']}/history").json()["items"]
    assert (event["after"]["overridden"], event["after"]["reason"]) == (["lead_time", "party_size"], "Regular guests")
    assert (event["actor_kind"], event["actor_name"]) == ("staff", "Manager")


@pytest.mark.parametrize("role", [Role.AGENT, Role.VIEWER, Role.HOST])
def test_nobody_else_decides_not_to_insist(tenant: Tenant, role: Role) -> None:
    override = {"rules": ["lead_time", "party_size"], "reason": "Regular guests"}
    assert reserve_as(tenant, role, override=override).status_code == 403
    body = {"resource_id": str(tenant.ids["huts"]), "guest": {"name": "A", "email": "a@example.org"}}
    body |= {"check_in_on": in_days(2), "check_out_on": in_days(3), "override": override}
    assert tenant.post("/reservations", body).status_code == 403


@pytest.mark.parametrize(
    "override",
    [{"rules": [], "reason": "x"}, {"rules": ["lead_time"], "reason": " "}, {"rules": ["capacity"], "reason": "x"}, {}],
)
def test_an_override_names_rules_and_a_reason(tenant: Tenant, override: dict[str, Any]) -> None:
    assert reserve_as(tenant, Role.OWNER, override=override).status_code == 422


def test_no_override_makes_room(tenant: Tenant) -> None:
    override = {"rules": ["lead_time", "party_size"], "reason": "Regular guests"}
    statuses = [reserve_as(tenant, Role.OWNER, override=override).status_code for _ in range(3)]
    assert statuses == [201, 201, 409]
    assert reserve_as(tenant, Role.OWNER, override=override, party_size=11).status_code == 422


def test_the_history_tells_who_did_what(tenant: Tenant) -> None:
    made = stay(tenant, 0)
    tenant.staff(f"/reservations/{made['id']}/check-in")
    tenant.staff(f"/reservations/{made['id']}/check-out")
    events = get(tenant, f"/reservations/{made['id']}/history", Role.VIEWER).json()["items"]
    assert [event["type"] for event in events] == [
        "reservation.completed",
        "reservation.checked_in",
        "reservation.created",
    ]
    assert [event["actor_name"] for event in events] == ["Owner", "Owner", None]
    assert (events[0]["before"]["state"], events[0]["after"]["state"]) == ("checked_in", "completed")
    assert all(event["request_id"] for event in events)
    assert made["guest"]["email"] not in str(events)
    assert get(tenant, f"/reservations/{uuid4()}/history").status_code == 404


def test_a_reservation_is_told_as_it_stood(tenant: Tenant) -> None:
    made = stay(tenant, 5)
    between = datetime.now(UTC).isoformat()
    changed = tenant.change(made, "extend", check_out_on=in_days(9)).json()
    tenant.cancelled(made)
    path = f"/reservations/{made['id']}/as-of"
    then = get(tenant, path, at=between).json()["facts"]
    assert (then["state"], then["check_out_on"], then["version"]) == ("confirmed", made["check_out_on"], 1)
    now = get(tenant, path, at=f"{in_days(1)}T00:00:00Z").json()["facts"]
    assert (now["state"], now["check_out_on"], now["version"]) == ("cancelled", changed["check_out_on"], 3)
    present = get(tenant, f"/reservations/{made['id']}").json()
    for name in ("state", "version", "quantity", "party_size", "check_in_on", "check_out_on", "policy_version"):
        assert now[name] == present[name]
    assert get(tenant, path, at="2020-01-01T00:00:00Z").status_code == 404
    assert get(tenant, path).status_code == 422


def audit(tenant: Tenant, suffix: str = "", /, **query: object) -> httpx.Response:
    return get(tenant, f"/audit{suffix}", Role.MANAGER, **query)


def test_the_audit_log_is_filtered_and_goes_on(tenant: Tenant) -> None:
    first, second = stay(tenant, 5), stay(tenant, 9)
    tenant.cancelled(first)
    types = [event["type"] for event in audit(tenant).json()["items"]]
    assert types == ["reservation.cancelled", "reservation.created", "reservation.created"]
    assert len(audit(tenant, type="reservation.created").json()["items"]) == 2
    assert len(audit(tenant, entity_id=second["id"]).json()["items"]) == 1
    assert audit(tenant, actor_kind="operator").json()["items"] == []
    assert audit(tenant, until="2020-01-01T00:00:00Z").json()["items"] == []
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = audit(tenant, limit=1, **cursor).json()
        seen += [event["type"] for event in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert seen == types


@pytest.mark.parametrize("role", [Role.AGENT, Role.VIEWER, Role.HOST])
def test_the_audit_log_is_for_managers(tenant: Tenant, role: Role) -> None:
    assert get(tenant, "/audit", role).status_code == 403
    assert get(tenant, "/audit.csv", role).status_code == 403


def test_the_audit_log_is_one_download_that_says_where_it_goes_on(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_audit_log, "PIECE", 7)  # so that it takes several
    with psycopg.connect(tenant.database.owner) as owner:
        for _ in range(230):
            owner.execute(ADD_EVENT, [new_id(), "1", tenant.slug])
    whole = audit(tenant, ".csv")
    ids = [row["id"] for row in csv.DictReader(io.StringIO(whole.text))]
    assert (len(ids), "link" in whole.headers) == (230, False)
    assert ids == sorted(ids, reverse=True)
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 100}
    for _ in range(3):
        part = audit(tenant, ".csv", **query)
        seen += [row["id"] for row in csv.DictReader(io.StringIO(part.text))]
        link = httpx.URL(part.links["next"]["url"]) if "link" in part.headers else None
        query = {} if link is None else dict(link.params)
    assert (seen, query) == (ids, {})
    everything = EventFilter()
    most = len(whole.text) // 3
    with closing(Database(tenant.database.app, pool_size=1, request_seconds=10)) as application:
        text, last = read_audit_log.export_audit_log(Context(application, tenant.slug), everything, 50_000, most)
    assert 0.9 * most < len(text) <= most
    assert ids[text.count("\r\n") - 2] == str(last)
    for limit in ("50001", "0"):
        assert audit(tenant, ".csv", limit=limit).status_code == 422


def test_the_audit_log_is_a_table_that_computes_nothing(tenant: Tenant) -> None:
    made = stay(tenant, 5)
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(ADD_EVENT, [uuid4(), "=HYPERLINK(1)", tenant.slug])
    answer = audit(tenant, ".csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["entity_id"] for row in rows} >= {made["id"]}
    assert "'=HYPERLINK(1)" in {row["actor_id"] for row in rows}
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
