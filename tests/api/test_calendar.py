"""The calendar as the tenant's people see it: day by day, one day, and as it stood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest

from chalicelib.access.model.people import Role
from chalicelib.database import pipeline
from chalicelib.http.container import container
from chalicelib.http.context import Context
from chalicelib.reporting.read_calendar import read_calendar
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
SEATS = policy({**INTERVAL, "max_minutes": 1440}, per="hour", capacity_counts="people")


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(
        Offer(slug="cabins", document=policy(STAY), capacity=2, assignment="labelled", units=["Birch", "Larch"]),
        Offer(slug="desks", document=SEATS, capacity=8),
        timezone="Europe/Berlin",
    )


def get(tenant: Tenant, path: str, role: Role = Role.AGENT, /, **query: object) -> httpx.Response:
    given = {name.rstrip("_"): str(value) for name, value in query.items()}
    return tenant.client.get(f"/tenants/{tenant.slug}{path}", params=given, headers=tenant.as_role(role))


def calendar(tenant: Tenant, role: Role = Role.AGENT, /, **query: object) -> list[dict[str, Any]]:
    answer = get(tenant, "/calendar", role, **{"from": in_days(9), "until": in_days(14), **query})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def told(tenant: Tenant, resource: str, *members: str, **query: object) -> list[tuple[int, ...]]:
    """What the days say of one resource."""
    of_days = (
        next(one for one in day["resources"] if one["resource_id"] == str(tenant.ids[resource]))
        for day in calendar(tenant, **query)
    )
    return [tuple(one[member] for member in members) for one in of_days]


def instant(day: str, clock: str) -> str:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo("Europe/Berlin")).isoformat()


def database_now(tenant: Tenant) -> str:
    with psycopg.connect(tenant.database.owner) as owner:
        row = owner.execute("SELECT clock_now()").fetchone()
    assert row is not None
    return row[0].astimezone(UTC).isoformat()


def stay(tenant: Tenant, first: int, last: int, **members: object) -> dict[str, Any]:
    return tenant.reserved("cabins", check_in_on=in_days(first), check_out_on=in_days(last), **members)


def test_the_calendar_counts_nights_people_and_what_is_closed(tenant: Tenant) -> None:
    stay(tenant, 10, 12)
    tenant.cancelled(stay(tenant, 11, 13))
    day = in_days(11)
    tenant.reserved("desks", starts_at=instant(day, "09:00"), ends_at=instant(day, "12:00"), party_size=3)
    tenant.reserved("desks", starts_at=instant(day, "11:00"), ends_at=instant(day, "14:00"), party_size=2)
    tenant.reserved("desks", starts_at=instant(day, "14:00"), ends_at=instant(day, "15:00"), party_size=4)
    tenant.close("cabins", starts_at=instant(in_days(12), "13:00"), ends_at=instant(in_days(13), "09:00"), units=[1, 2])
    assert told(tenant, "cabins", "occupied", "closed", "arrivals", "departures") == [
        (0, 0, 0, 0),
        (1, 0, 1, 0),
        (1, 0, 0, 0),
        (0, 2, 0, 1),
        (0, 2, 0, 0),
    ]
    assert told(tenant, "desks", "capacity", "occupied", "arrivals", "departures")[2] == (8, 5, 3, 3)
    sums = calendar(tenant)[2]
    assert (sums["on"], sums["capacity"], sums["occupied"]) == (day, 10, 6)
    assert [len(one["resources"]) for one in calendar(tenant, resource_id=tenant.ids["desks"])] == [1] * 5


def test_days_are_those_of_the_tenants_zone_also_where_clocks_change(tenant: Tenant) -> None:
    listed = calendar(tenant, **{"from": "2027-03-27", "until": "2027-03-30"})
    lengths = [datetime.fromisoformat(day["ends_at"]) - datetime.fromisoformat(day["starts_at"]) for day in listed]
    assert lengths == [timedelta(hours=24), timedelta(hours=23), timedelta(hours=24)]
    body = get(tenant, "/calendar/2027-10-31").json()
    assert (body["starts_at"], body["ends_at"]) == ("2027-10-30T22:00:00Z", "2027-10-31T23:00:00Z")


def test_a_day_tells_who_comes_stays_and_goes_in_which_units(tenant: Tenant) -> None:
    staying, coming = stay(tenant, 10, 13), stay(tenant, 11, 12)
    closure = tenant.close("desks", starts_at=instant(in_days(11), "08:00"), ends_at=instant(in_days(11), "20:00"))
    eve, day, after = (get(tenant, f"/calendar/{in_days(number)}").json() for number in (10, 11, 12))
    assert [one["id"] for one in eve["arrivals"]] == [staying["id"]]
    assert ([one["id"] for one in day["arrivals"]], [one["id"] for one in day["staying"]]) == (
        [coming["id"]],
        [staying["id"]],
    )
    assert ([one["id"] for one in after["departures"]], after["arrivals"]) == ([coming["id"]], [])
    labels = {one["unit_labels"][0] for one in (*day["arrivals"], *day["staying"])}
    assert labels == {"Birch", "Larch"}
    assert day["arrivals"][0]["guest"]["name"] == "Ada Lovelace"
    assert ([one["id"] for one in day["closures"]], after["closures"]) == ([closure["id"]], [])


def test_the_calendar_can_be_seen_as_it_stood(tenant: Tenant) -> None:
    before = database_now(tenant)
    moved = stay(tenant, 10, 12)
    tenant.reserved(
        "desks", starts_at=instant(in_days(10), "09:00"), ends_at=instant(in_days(10), "12:00"), party_size=3
    )
    tenant.close("cabins", starts_at=instant(in_days(12), "00:00"), ends_at=instant(in_days(13), "00:00"), units=[2])
    then = database_now(tenant)
    as_it_was = calendar(tenant)
    assert tenant.change(moved, "move", check_in_on=in_days(9), check_out_on=in_days(10)).status_code == 200
    tenant.cancelled(stay(tenant, 12, 13))
    [closure] = get(tenant, "/closures").json()["items"]
    path = f"/tenants/{tenant.slug}/closures/{closure['id']}"
    assert tenant.client.delete(path, headers=tenant.as_editor()).status_code == 204
    assert calendar(tenant, as_of=then) == as_it_was != calendar(tenant)
    assert calendar(tenant, as_of=database_now(tenant)) == calendar(tenant)
    assert {day["occupied"] for day in calendar(tenant, as_of=before)} == {0}


def test_who_was_moved_out_of_the_days_is_seen_in_them_as_they_stood(tenant: Tenant) -> None:
    first = stay(tenant, 10, 12)
    then = database_now(tenant)
    as_it_was = calendar(tenant)
    for day in (60, 80, 70):
        times = {"check_in_on": in_days(day), "check_out_on": in_days(day + 1)}
        assert tenant.change(first, "move", **times).status_code == 200
        assert calendar(tenant, as_of=then) == as_it_was
        assert calendar(tenant, as_of=database_now(tenant)) == calendar(tenant) != as_it_was
    later = {"from": in_days(58), "until": in_days(90)}
    assert {day["occupied"] for day in calendar(tenant, as_of=then, **later)} == {0}


def test_an_answer_that_has_not_changed_is_not_sent_again(tenant: Tenant) -> None:
    first = get(tenant, "/calendar", **{"from": in_days(9), "until": in_days(12)})
    headers = {**tenant.as_role(Role.AGENT), "If-None-Match": first.headers["ETag"]}
    assert tenant.client.get(first.request.url, headers=headers).status_code == 304
    stay(tenant, 9, 11)
    assert tenant.client.get(first.request.url, headers=headers).status_code == 200


def test_hosts_see_their_own_resources_only_now_and_as_it_stood(tenant: Tenant) -> None:
    stay(tenant, 10, 12)
    desk = {"starts_at": instant(in_days(11), "09:00"), "ends_at": instant(in_days(11), "10:00")}
    mine = tenant.reserved("desks", **desk)
    tenant.close("cabins", starts_at=instant(in_days(12), "13:00"), ends_at=instant(in_days(13), "09:00"))
    tenant.as_role(Role.HOST)
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(LINK_HOST, [tenant.ids["desks"], tenant.slug, f"host@{tenant.slug}.example"])
    for as_of in ({}, {"as_of": database_now(tenant)}):
        listed = calendar(tenant, Role.HOST, **as_of)
        assert {one["resource_id"] for day in listed for one in day["resources"]} == {str(tenant.ids["desks"])}
        assert [day["occupied"] for day in listed] == [0, 0, 1, 0, 0]
    day = get(tenant, f"/calendar/{in_days(11)}", Role.HOST).json()
    assert ([one["id"] for one in day["arrivals"]], day["staying"], day["closures"]) == ([mine["id"]], [], [])


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2027-05-10", "until": "2027-05-10"}, "until"),
        ({"from": "2027-05-10", "until": "2027-08-11"}, "until"),
        ({"from": "2027-05-10"}, "until"),
        ({"from": "2027-02-30", "until": "2027-03-01"}, "from"),
        ({"from": "2027-05-10", "until": "2027-05-11", "as_of": "yesterday"}, "as_of"),
    ],
)
def test_days_that_cannot_be_are_refused_with_the_field(tenant: Tenant, query: dict[str, str], field: str) -> None:
    answer = get(tenant, "/calendar", **query)
    assert answer.status_code in {400, 422}, answer.text
    assert field in answer.text


def test_what_is_anothers_answers_like_what_does_not_exist(tenant: Tenant, make_tenant: Callable[..., Tenant]) -> None:
    other = make_tenant(Offer(slug="cabins", document=policy(STAY)))
    period = {"from": in_days(9), "until": in_days(12)}
    answers = [
        get(tenant, "/calendar", **period, resource_id=unknown).json() for unknown in (other.ids["cabins"], uuid4())
    ]
    assert [{**one, "request_id": None} for one in answers[:1]] == [{**one, "request_id": None} for one in answers[1:]]
    assert answers[0]["code"] == "not_found"
    assert get(tenant, "/calendar/2027-02-30").status_code == 404


def test_the_calendar_takes_the_same_round_trips_for_one_resource_and_for_twenty(
    make_tenant: Callable[..., Tenant], monkeypatch: pytest.MonkeyPatch
) -> None:
    landings: list[int] = []
    flush = pipeline.Pipeline.flush

    def counted(self: pipeline.Pipeline) -> None:
        landings.append(1)
        flush(self)

    monkeypatch.setattr(pipeline.Pipeline, "flush", counted)
    counts: list[int] = []
    for size in (1, 20):
        slugs = [f"cabin-{number}" for number in range(size)]
        tenant = make_tenant(*(Offer(slug=slug, document=policy(STAY)) for slug in slugs))
        for slug in slugs:
            tenant.reserved(slug, check_in_on=in_days(3), check_out_on=in_days(5))
        landings.clear()
        today = datetime.now(UTC).date()
        found = read_calendar(
            Context(container().database, tenant.slug), today, today + timedelta(days=92), resource_id=None, as_of=None
        )
        assert sum(one.occupied for day in found.days for one in day.resources) == 2 * size
        counts.append(len(landings))
    assert counts[0] == counts[1] <= 3
