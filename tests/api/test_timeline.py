"""The timeline as the tenant's people see it: which reservation lies on which unit, and what else is in the way."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest

from chalicelib.access.model.people import Role
from chalicelib.database import pipeline
from chalicelib.reporting import read_timeline
from tests.api.tenant import in_days
from tests.offers import INTERVAL, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant

LINK_HOST = """
INSERT INTO membership_resources (tenant_id, user_id, resource_id)
SELECT tenant.id, person.id, %s FROM tenants AS tenant, users AS person WHERE tenant.slug = %s AND person.email = %s
"""
WINTER = {"from_on": in_days(20), "until_on": in_days(25), "reason": "The meadow is closed for the winter."}
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OPEN = {"rule": "opening_hours", "weekly": {day: [{"opens": "09:00", "closes": "17:00"}] for day in WEEK}}
FROM_MIDNIGHT = {**STAY, "check_in_time": "00:00", "check_out_time": "00:00"}  # begun, at any time of its first day
DESKS = policy({**INTERVAL, "offered_in": "opening_hours", "max_minutes": 600}, OPEN, per="hour")


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(
        Offer(slug="cabins", document=policy(STAY), capacity=2, assignment="labelled", units=["Birch", "Larch"]),
        Offer(slug="tents", document=policy(STAY, {"rule": "blackout_dates", "ranges": [WINTER]}), capacity=3),
        Offer(slug="desks", document=DESKS, capacity=8),
        timezone="Europe/Berlin",
    )


def ask(tenant: Tenant, role: Role = Role.AGENT, /, **query: object) -> httpx.Response:
    given = {"from": in_days(9), "until": in_days(14)} | {name.rstrip("_"): str(value) for name, value in query.items()}
    return tenant.client.get(f"/tenants/{tenant.slug}/timeline", params=given, headers=tenant.as_role(role))


def timeline(tenant: Tenant, role: Role = Role.AGENT, /, **query: object) -> dict[str, Any]:
    answer = ask(tenant, role, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def row(tenant: Tenant, resource: str, role: Role = Role.AGENT, /, **query: object) -> dict[str, Any]:
    items = timeline(tenant, role, **query)["items"]
    return next(one for one in items if one["resource_id"] == str(tenant.ids[resource]))


def instant(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo("Europe/Berlin"))


def stay(tenant: Tenant, first: int, last: int, **members: object) -> dict[str, Any]:
    return tenant.reserved("cabins", check_in_on=in_days(first), check_out_on=in_days(last), **members)


def test_each_reservation_lies_on_its_units_with_what_a_change_of_it_needs(tenant: Tenant) -> None:
    one, other = stay(tenant, 10, 12), stay(tenant, 11, 13)
    found = row(tenant, "cabins")
    assert found["units"] == [{"number": 1, "label": "Birch"}, {"number": 2, "label": "Larch"}]
    assert [(lying["id"], lying["units"]) for lying in found["reservations"]] == [
        (one["id"], one["units"]),
        (other["id"], other["units"]),
    ]
    first = found["reservations"][0]
    members = ("code", "version", "state", "party_size", "starts_at", "ends_at", "check_in_on", "due", "units_promised")
    assert {name: first[name] for name in members} == {name: one[name] for name in members}
    assert (first["here_from"], first["here_until"]) == (one["starts_at"], one["ends_at"])
    assert first["guest_name"] == "Ada Lovelace"
    assert {"move", "extend", "shorten", "cancel"} <= set(first["actions"])


def test_what_is_taken_on_each_day_is_what_the_calendar_says(tenant: Tenant) -> None:
    stay(tenant, 10, 12)
    stay(tenant, 11, 13)
    tenant.close("cabins", starts_at=instant(in_days(13), "13:00").isoformat(), ends_at=None, units=[1])
    day = in_days(11)
    tenant.reserved(
        "desks", starts_at=instant(day, "09:00").isoformat(), ends_at=instant(day, "12:00").isoformat(), quantity=2
    )
    period = {"from": in_days(9), "until": in_days(14)}
    calendar = tenant.client.get(f"/tenants/{tenant.slug}/calendar", params=period, headers=tenant.as_role()).json()
    shown = timeline(tenant)
    counted = ("occupied", "closed", "taken_elsewhere", "arrivals", "departures")
    told = {
        (found["resource_id"], of_day["on"]): [of_day[name] for name in counted]
        for found in shown["items"]
        for of_day in found["days"]
    }
    assert told == {
        (one["resource_id"], of_day["on"]): [one[name] for name in counted]
        for of_day in calendar["items"]
        for one in of_day["resources"]
    }
    assert [of_day["on"] for of_day in shown["days"]] == [of_day["on"] for of_day in calendar["items"]]


def test_closures_and_times_that_a_policy_does_not_offer_are_told_apart(tenant: Tenant) -> None:
    closure = tenant.close("cabins", starts_at=instant(in_days(12), "08:00").isoformat(), ends_at=None, units=[2])
    shown = timeline(tenant, until=in_days(30))
    cabins = next(one for one in shown["items"] if one["slug"] == "cabins")
    assert [(one["id"], one["units"], one["reason"]) for one in cabins["closures"]] == [(closure["id"], [2], "test")]
    ranges = {one["resource_ids"][0]: one["ranges"] for one in shown["not_offered"]}
    assert set(ranges) == {str(tenant.ids["tents"]), str(tenant.ids["desks"])}
    [winter] = ranges[str(tenant.ids["tents"])]
    assert winter["reason"] == WINTER["reason"]
    assert datetime.fromisoformat(winter["starts_at"]) == instant(in_days(20), "00:00")
    assert datetime.fromisoformat(winter["ends_at"]) == instant(in_days(25), "00:00")
    nights = ranges[str(tenant.ids["desks"])]
    assert [one["reason"] for one in nights] == [None] * 22  # before each of 21 days, and after the last one
    assert datetime.fromisoformat(nights[1]["starts_at"]) == instant(in_days(9), "17:00")
    assert datetime.fromisoformat(nights[1]["ends_at"]) == instant(in_days(10), "09:00")


def test_what_has_ended_is_shown_where_it_was_and_only_if_it_is_wanted(tenant: Tenant) -> None:
    kept, gone = stay(tenant, 10, 12), stay(tenant, 11, 13)
    tenant.cancelled(gone)
    assert [one["id"] for one in row(tenant, "cabins")["reservations"]] == [kept["id"]]
    ended = row(tenant, "cabins", ended="true")["reservations"][1]
    assert (ended["id"], ended["state"], ended["units"]) == (gone["id"], "cancelled", gone["units"])
    assert ended["actions"] == []


def test_a_guest_who_changed_rooms_is_in_each_of_them_for_their_time(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(
        Offer(slug="lodge", document=policy(FROM_MIDNIGHT)),
        Offer(slug="tents", document=policy(STAY)),
        timezone="Europe/Berlin",
    )
    day = datetime.now(ZoneInfo("Europe/Berlin")).date()
    made = tenant.reserved("lodge", check_in_on=day.isoformat(), check_out_on=(day + timedelta(3)).isoformat())
    tenant.staff(f"/reservations/{made['id']}/check-in")
    tenant.staff(f"/reservations/{made['id']}/move", resource_id=str(tenant.ids["tents"]))
    shown = timeline(tenant, from_=day, until=day + timedelta(5))
    lying = {
        one["slug"]: [(each["here_from"], each["here_until"]) for each in one["reservations"]] for one in shown["items"]
    }
    [in_lodge], [in_tent] = lying["lodge"], lying["tents"]
    assert in_lodge[1] == in_tent[0]
    assert (in_lodge[0], in_tent[1]) == (made["starts_at"], made["ends_at"])


def test_pages_hold_whole_resources_and_end_where_their_reservations_fill_an_answer(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for first in (9, 11):
        stay(tenant, first, first + 2)
        tenant.reserved("tents", check_in_on=in_days(first), check_out_on=in_days(first + 1))
    monkeypatch.setattr(read_timeline, "MOST_LYING", 3)
    slugs: list[list[str]] = []
    cursor: dict[str, object] = {}
    while True:
        page = timeline(tenant, **cursor)
        slugs.append([one["slug"] for one in page["items"]])
        assert all(len(one["reservations"]) == (0 if one["slug"] == "desks" else 2) for one in page["items"])
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert slugs == [["cabins"], ["tents", "desks"]]
    monkeypatch.setattr(read_timeline, "MOST_LYING", 1)
    refused = ask(tenant)
    assert (refused.status_code, refused.json()["violations"][0]["field"]) == (422, "until")
    assert [one["slug"] for one in timeline(tenant, limit=1, from_=in_days(40), until=in_days(41))["items"]] == [
        "cabins"
    ]


def test_unknown_resources_and_periods_are_refused(tenant: Tenant) -> None:
    assert ask(tenant, resource_id=uuid4()).status_code == 404
    assert ask(tenant, until=in_days(9)).json()["violations"][0]["field"] == "until"
    assert ask(tenant, until=in_days(9 + 93)).status_code == 422
    assert ask(tenant, cursor="nonsense").json()["code"] == "invalid_cursor"
    assert [one["slug"] for one in timeline(tenant, resource_id=tenant.ids["tents"])["items"]] == ["tents"]


def test_hosts_see_their_own_rows_viewers_may_do_nothing_and_guests_see_none(tenant: Tenant) -> None:
    stay(tenant, 10, 12)
    tenant.token(Role.HOST)
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(LINK_HOST, [tenant.ids["tents"], tenant.slug, f"host@{tenant.slug}.example"])
    assert [one["slug"] for one in timeline(tenant, Role.HOST)["items"]] == ["tents"]
    assert ask(tenant, Role.HOST, resource_id=tenant.ids["cabins"]).status_code == 404
    assert row(tenant, "cabins", Role.VIEWER)["reservations"][0]["actions"] == []
    assert tenant.get("/timeline", from_=in_days(9), until=in_days(14)).status_code == 401


def test_an_unchanged_timeline_is_not_sent_again(tenant: Tenant) -> None:
    first = ask(tenant)
    again = tenant.client.get(
        f"/tenants/{tenant.slug}/timeline",
        params={"from": in_days(9), "until": in_days(14)},
        headers=tenant.as_role(Role.AGENT) | {"If-None-Match": first.headers["ETag"]},
    )
    assert (again.status_code, again.content) == (304, b"")
    stay(tenant, 10, 12)
    assert ask(tenant).headers["ETag"] != first.headers["ETag"]


def test_the_timeline_takes_the_same_round_trips_however_much_lies_on_it(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushes: list[None] = []
    flush = pipeline.Pipeline.flush

    def counted(self: pipeline.Pipeline) -> None:
        flushes.append(None)
        flush(self)

    timeline(tenant)
    monkeypatch.setattr(pipeline.Pipeline, "flush", counted)
    timeline(tenant)
    empty = len(flushes)
    for first in (9, 10, 11, 12):
        stay(tenant, first, first + 1)
    flushes.clear()
    timeline(tenant)
    assert len(flushes) == empty
