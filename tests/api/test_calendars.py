"""Calendars that others read by a secret address: what they are told, who may, and when an address ends."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import psycopg
import pytest
from icalendar import Calendar

from chalicelib.access.model.people import Role
from chalicelib.calendars import read_feed
from chalicelib.calendars.model.feeds import MOST_FEEDS
from chalicelib.calendars.storage import feeds
from tests.api.tenant import in_days
from tests.npm_packages import installed
from tests.offers import INTERVAL, STAY, Offer, policy
from tools.node import find_node

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant
    from tests.offers import Json

READER = Path(__file__).parents[1] / "delivery"


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(
        Offer(slug="hut", document=policy(STAY)),
        Offer(slug="room", document=policy(INTERVAL, per="hour")),
        Offer(slug="cabins", document=policy(STAY), capacity=2, assignment="labelled", units=("East", "West")),
    )


def call(
    tenant: Tenant, method: str, path: str = "", body: Json | None = None, role: Role = Role.OWNER, **headers: str
) -> httpx.Response:
    sent = tenant.as_role(role) | {name.replace("_", "-"): value for name, value in headers.items()}
    return tenant.client.request(method, f"/tenants/{tenant.slug}/calendars{path}", json=body, headers=sent)


def create(tenant: Tenant, slug: str | None = "hut", role: Role = Role.OWNER, **members: Any) -> Json:  # noqa: ANN401 - JSON
    subject = {} if slug is None else {"resource_id": str(tenant.ids[slug])}
    answer = call(tenant, "POST", body={"direction": "out", **subject, **members}, role=role)
    assert answer.status_code == 201, answer.text
    return answer.json()


def fetch(tenant: Tenant, made: Json, **headers: str) -> httpx.Response:
    path = made["url"].partition("/api/v1")[2]
    return tenant.client.get(path, headers=headers)


def events(tenant: Tenant, made: Json) -> list[Any]:
    answer = fetch(tenant, made)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    return read(answer.content)


def read(content: bytes) -> list[Any]:
    return list(Calendar.from_ical(content).walk("VEVENT"))  # pyright: ignore[reportUnknownMemberType] - the library's gap


def times(tenant: Tenant, made: Json) -> list[tuple[Any, Any]]:
    return [(event.decoded("dtstart"), event.decoded("dtend")) for event in events(tenant, made)]


def stay(tenant: Tenant, first: int, last: int, slug: str = "hut") -> Json:
    return tenant.reserved(slug, check_in_on=in_days(first), check_out_on=in_days(last))


def at(day: int, hour: int) -> str:
    return f"{in_days(day)}T{hour:02}:00:00Z"


def user_id(tenant: Tenant, role: Role) -> str:
    me = tenant.client.get("/auth/me", headers=tenant.as_role(role))
    return me.json()["user"]["id"]


def test_a_stay_is_whole_days_and_says_no_more_than_that_they_are_taken(tenant: Tenant) -> None:
    reserved = stay(tenant, 5, 8)
    (event,) = events(tenant, create(tenant))
    assert (event["uid"], event["summary"], event["status"]) == (reserved["id"], "Reserved", "CONFIRMED")
    assert event.decoded("dtstart") == date.fromisoformat(in_days(5))
    assert event.decoded("dtend") == date.fromisoformat(in_days(8))
    text = fetch(tenant, create(tenant)).text
    assert "Lovelace" not in text
    assert reserved["code"] not in text
    detailed = fetch(tenant, create(tenant, detailed=True)).text
    assert "Ada Lovelace" in detailed
    assert reserved["code"] in detailed
    assert "@example.org" not in detailed


def test_what_is_reserved_by_the_hour_and_closed_is_told_as_instants(tenant: Tenant) -> None:
    made = create(tenant, "room")
    tenant.reserved("room", starts_at=at(5, 10), ends_at=at(5, 12))
    tenant.close("room", starts_at=at(6, 8), ends_at=at(6, 20))
    assert times(tenant, made) == [
        (datetime.fromisoformat(at(5, 10)), datetime.fromisoformat(at(5, 12))),
        (datetime.fromisoformat(at(6, 8)), datetime.fromisoformat(at(6, 20))),
    ]
    assert [event["summary"] for event in events(tenant, made)] == ["Reserved", "Not available"]


def test_a_feed_that_has_not_changed_is_not_sent_again(tenant: Tenant) -> None:
    reserved = stay(tenant, 5, 8)
    made = create(tenant)
    first = fetch(tenant, made)
    again = fetch(tenant, made, **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    moved = tenant.change(reserved, "move", check_in_on=in_days(6), check_out_on=in_days(9))
    assert moved.status_code == 200, moved.text
    changed = fetch(tenant, made, **{"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    (before,), (after,) = (read(one.content) for one in (first, changed))
    assert (before["uid"], after["sequence"] > before["sequence"]) == (after["uid"], True)
    tenant.cancelled(reserved)
    assert events(tenant, made) == []


def test_a_unit_has_a_calendar_of_its_own(tenant: Tenant) -> None:
    both = [stay(tenant, 5, 8, "cabins"), stay(tenant, 6, 9, "cabins")]
    seen = {unit: [event["uid"] for event in events(tenant, create(tenant, "cabins", unit=unit))] for unit in (1, 2)}
    assert {unit: len(uids) for unit, uids in seen.items()} == {1: 1, 2: 1}
    assert {uid for uids in seen.values() for uid in uids} == {one["id"] for one in both}
    assert len(events(tenant, create(tenant, "cabins"))) == 2
    refused = call(tenant, "POST", body={"direction": "out", "resource_id": str(tenant.ids["cabins"]), "unit": 3})
    assert (refused.status_code, refused.json()["violations"][0]["field"]) == (422, "unit")


def test_a_host_s_calendar_shows_their_own_resources_for_as_long_as_they_are_theirs(tenant: Tenant) -> None:
    stay(tenant, 5, 8, "cabins")
    mine = stay(tenant, 5, 8)
    host = user_id(tenant, Role.HOST)
    with psycopg.connect(tenant.database.owner) as owner:
        query = "INSERT INTO membership_resources SELECT tenant_id, %s, id FROM resources WHERE id = %s"
        owner.execute(query, [host, tenant.ids["hut"]])
    made = create(tenant, None, Role.HOST, member_id=host, detailed=True)
    assert [event["uid"] for event in events(tenant, made)] == [mine["id"]]
    theirs = call(tenant, "POST", body={"direction": "out", "resource_id": str(tenant.ids["cabins"])}, role=Role.HOST)
    assert theirs.status_code == 404
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute("DELETE FROM membership_resources WHERE user_id = %s", [host])
    assert events(tenant, made) == []
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute("DELETE FROM memberships WHERE user_id = %s", [host])
    assert fetch(tenant, made).status_code == 404


def test_a_calendar_ends_with_the_membership_of_who_made_it(tenant: Tenant) -> None:
    owner = user_id(tenant, Role.OWNER)
    made = create(tenant, None, member_id=user_id(tenant, Role.MANAGER))
    assert events(tenant, made) == []
    with psycopg.connect(tenant.database.owner) as connection:
        connection.execute("DELETE FROM memberships WHERE user_id = %s", [owner])
    assert fetch(tenant, made).status_code == 404


def test_a_manager_s_calendar_is_of_all_resources(tenant: Tenant) -> None:
    reserved = {stay(tenant, 5, 8)["id"], stay(tenant, 6, 9, "cabins")["id"]}
    made = create(tenant, None, Role.MANAGER, member_id=user_id(tenant, Role.MANAGER))
    assert {event["uid"] for event in events(tenant, made)} == reserved


def test_an_address_is_told_once_and_ends_when_it_is_renewed_or_deleted(tenant: Tenant) -> None:
    made = create(tenant)
    key = made["url"].rpartition("key=")[2]
    assert key not in call(tenant, "GET").text + call(tenant, "GET", f"/{made['id']}").text
    with psycopg.connect(tenant.database.owner) as owner:
        stored = owner.execute("SELECT to_jsonb(feed)::text FROM calendar_feeds AS feed WHERE id = %s", [made["id"]])
        assert key not in str(stored.fetchall())
    body = {"direction": "out", "resource_id": str(tenant.ids["hut"])}
    first, again = (call(tenant, "POST", body=body, Idempotency_Key="once") for _ in range(2))
    assert (first.json()["url"] is None, again.json()["url"], again.json()["id"]) == (False, None, first.json()["id"])
    renewed = call(tenant, "POST", f"/{made['id']}/renew").json()
    assert (fetch(tenant, made).status_code, fetch(tenant, renewed).status_code) == (404, 200)
    assert call(tenant, "DELETE", f"/{made['id']}").status_code == 204
    gone = fetch(tenant, renewed)
    never = tenant.client.get(f"/tenants/{tenant.slug}/calendars/{uuid4()}/feed.ics?key={key}")
    wrong = tenant.client.get(f"/tenants/{tenant.slug}/calendars/{first.json()['id']}/feed.ics?key=wrong")
    told = [{name: one.json()[name] for name in ("code", "detail", "status")} for one in (gone, never, wrong)]
    assert told[0] == told[1] == told[2]
    assert told[0]["status"] == 404


def test_another_tenant_s_key_opens_nothing(tenant: Tenant, make_tenant: Callable[..., Tenant]) -> None:
    made = create(tenant)
    other = make_tenant(Offer(slug="hut", document=policy(STAY)))
    path = made["url"].partition("/api/v1")[2].replace(tenant.slug, other.slug)
    assert other.client.get(path).status_code == 404
    assert call(other, "DELETE", f"/{made['id']}").status_code == 404


def test_who_may_make_and_see_which(tenant: Tenant) -> None:
    of_owner = create(tenant)
    of_agent = create(tenant, role=Role.AGENT)
    assert [one["id"] for one in call(tenant, "GET", role=Role.AGENT).json()["items"]] == [of_agent["id"]]
    assert len(call(tenant, "GET", role=Role.MANAGER).json()["items"]) == 2
    assert call(tenant, "DELETE", f"/{of_owner['id']}", role=Role.AGENT).status_code == 404
    assert call(tenant, "POST", f"/{of_owner['id']}/renew", role=Role.AGENT).status_code == 404
    owner = user_id(tenant, Role.OWNER)
    body = {"direction": "out", "member_id": owner}
    assert call(tenant, "POST", body=body, role=Role.AGENT).status_code == 403
    assert call(tenant, "POST", body=body, role=Role.VIEWER).status_code == 403
    assert call(tenant, "POST", body=body, role=Role.MANAGER).status_code == 201
    assert call(tenant, "POST", body={"direction": "out", "member_id": str(uuid4())}).status_code == 404
    for wrong in ({}, {"member_id": owner, "resource_id": owner}, {"member_id": owner, "unit": 1}):
        assert call(tenant, "POST", body={"direction": "out", **wrong}).status_code == 422


def test_line_breaks_and_markup_in_names_stay_text(tenant: Tenant) -> None:
    name = 'Eve\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:x; y, \\n <b>"z"</b> 🏔' + "é" * 60
    reserved = stay(tenant, 5, 8)
    with psycopg.connect(tenant.database.owner) as owner:
        query = "UPDATE guests SET name = %s WHERE id = (SELECT guest_id FROM reservations WHERE id = %s)"
        owner.execute(query, [name, reserved["id"]])
    made = create(tenant, detailed=True)
    (event,) = events(tenant, made)
    assert str(event["summary"]).startswith('Eve END:VEVENT BEGIN:VEVENT SUMMARY:x; y, \\n <b>"z"</b> 🏔é')
    lines = fetch(tenant, made).content.split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)  # RFC 5545, 3.1
    assert lines.count(b"BEGIN:VEVENT") == 1


def test_it_is_read_alike_by_another_library(tenant: Tenant, pytestconfig: pytest.Config) -> None:
    stay(tenant, 5, 8)
    tenant.reserved("room", starts_at=at(5, 10), ends_at=at(5, 12))
    tenant.close("room", starts_at=at(6, 8), ends_at=at(6, 20))
    owner = user_id(tenant, Role.OWNER)
    answer = fetch(tenant, create(tenant, None, member_id=owner, detailed=True))
    packages = installed(pytestconfig, READER / "npm")
    command = [str(find_node().program), str(READER / "calendar.mjs")]
    environment = {**os.environ, "PACKAGES": str(packages)}
    done = subprocess.run(command, input=answer.content, capture_output=True, check=True, env=environment)
    by_other = json.loads(done.stdout)
    by_icalendar = [
        {
            "uid": str(event["uid"]),
            "from": _shown(event.decoded("dtstart")),
            "until": _shown(event.decoded("dtend")),
            "summary": str(event["summary"]),
            "description": str(event["description"]) if "description" in event else None,
            "sequence": event.get("sequence"),
        }
        for event in read(answer.content)
    ]
    assert len(by_icalendar) == 3
    assert by_other == by_icalendar


def _shown(when: date) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if isinstance(when, datetime) else when.isoformat()


def test_a_feed_has_so_many_events_and_a_tenant_so_many_feeds(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (read_feed, feeds):
        monkeypatch.setattr(module, "MOST_EVENTS", 2)
    for day in (5, 6, 7):
        tenant.reserved("room", starts_at=at(day, 10), ends_at=at(day, 12))
    tenant.close("room", starts_at=at(8, 8), ends_at=at(8, 20))
    made = create(tenant, "room")
    assert [first for first, _ in times(tenant, made)] == [datetime.fromisoformat(at(day, 10)) for day in (5, 6)]
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(
            "INSERT INTO calendar_feeds SELECT (jsonb_populate_record(feed, jsonb_build_object('id',"
            " gen_random_uuid()))).* FROM calendar_feeds AS feed, generate_series(2, %s) WHERE feed.id = %s",
            [MOST_FEEDS, made["id"]],
        )
    answer = call(tenant, "POST", body={"direction": "out", "resource_id": str(tenant.ids["hut"])})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


def test_a_hold_is_tentative_and_gone_once_it_has_expired(make_tenant: Callable[..., Tenant]) -> None:
    confirmation = {"kind": "hold", "hold_minutes": 10}
    tenant = make_tenant(Offer(slug="hut", document=policy(STAY, confirmation=confirmation)))
    held = stay(tenant, 5, 8)
    made = create(tenant)
    assert [event["status"] for event in events(tenant, made)] == ["TENTATIVE"]
    with psycopg.connect(tenant.database.owner) as owner:
        query = "UPDATE reservations SET hold_expires_at = clock_now() - interval '1 second' WHERE id = %s"
        owner.execute(query, [held["id"]])
    assert events(tenant, made) == []
