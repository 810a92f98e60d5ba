from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from tests.api.tenant import asked, in_days
from tests.offers import INTERVAL, SLOT, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpx import Response

    from tests.api.tenant import Tenant

BERLIN = ZoneInfo("Europe/Berlin")


def windows(*hours: tuple[int, int], days: range) -> list[tuple[datetime, datetime]]:
    """Availability windows on the coming days, in hours of UTC."""
    midnights = [datetime.combine(date.fromisoformat(in_days(day)), time(), UTC) for day in days]
    return [
        (midnight + timedelta(hours=opens), midnight + timedelta(hours=closes))
        for midnight in midnights
        for opens, closes in hours
    ]


def nights_of(answer: Response) -> dict[str, dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return {night["on"]: night for night in answer.json()["nights"]}


def test_nights_tell_what_remains_and_what_they_cost(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(
        Offer(slug="cabins", document=policy(STAY, amount=12000), capacity=3, assignment="labelled"), currency="CAD"
    )
    tenant.reserved("cabins", check_in_on=in_days(5), check_out_on=in_days(7), quantity=2)
    answer = tenant.get("/resources/cabins/availability", from_=in_days(4), until=in_days(8))
    nights = nights_of(answer)
    assert {on: night["remaining"] for on, night in nights.items()} == {
        in_days(4): 3,
        in_days(5): 1,
        in_days(6): 1,
        in_days(7): 3,
    }
    assert nights[in_days(4)]["price"] == {"currency": "CAD", "decimals": 2, "total": 12000}
    body = answer.json()
    assert (body["resource_id"], body["mode"], body["timezone"]) == (str(tenant.ids["cabins"]), "stay", "UTC")
    assert not {"slots", "ranges"} & body.keys()


def test_a_night_that_is_full_for_what_is_wanted_is_listed_with_none_remaining(
    make_tenant: Callable[..., Tenant],
) -> None:
    tenant = make_tenant(Offer(slug="cabins", document=policy(STAY), capacity=3))
    tenant.reserved("cabins", check_in_on=in_days(5), check_out_on=in_days(6), quantity=2)
    nights = nights_of(tenant.get("/resources/cabins/availability", from_=in_days(5), until=in_days(7), quantity=2))
    assert [night["remaining"] for night in nights.values()] == [0, 3]
    assert [night["can_check_in"] for night in nights.values()] == [False, True]


def test_nights_can_be_reached_by_stays_that_begin_on_other_days(make_tenant: Callable[..., Tenant]) -> None:
    """A night on which nobody may arrive is free all the same, and so listed."""
    weekday = (date.fromisoformat(in_days(5))).strftime("%a").lower()
    rule = {"rule": "arrival_weekdays", "weekdays": [weekday], "seasons": []}
    tenant = make_tenant(Offer(slug="cabin", document=policy({**STAY, "min_nights": 2}, rule)))
    nights = nights_of(tenant.get("/resources/cabin/availability", from_=in_days(5), until=in_days(7)))
    assert [(night["remaining"], night["can_check_in"]) for night in nights.values()] == [(1, True), (1, False)]


def test_without_a_period_the_next_thirty_days_are_listed(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY)))
    assert list(nights_of(tenant.get("/resources/cabin/availability"))) == [in_days(day) for day in range(30)]


def test_what_is_past_is_not_listed(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(
        Offer(slug="cabin", document=policy(STAY)),
        Offer(slug="tour", document=policy(SLOT, per="slot"), windows=windows((0, 24), days=range(-2, 0))),
        Offer(slug="room", document=policy(INTERVAL, per="hour")),
    )
    past = {"from_": in_days(-5), "until": in_days(-1)}
    assert tenant.get("/resources/cabin/availability", **past).json()["nights"] == []
    assert tenant.get("/resources/tour/availability", **past).json()["slots"] == []
    assert tenant.get("/resources/room/availability", **past).json()["ranges"] == []
    assert list(nights_of(tenant.get("/resources/cabin/availability", from_=in_days(-3), until=in_days(2)))) == [
        in_days(0),
        in_days(1),
    ]


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"from_": "2027-05-02", "until": "2027-05-01"}, "until", "invalid_range"),
        ({"from_": "2027-05-02", "until": "2027-05-02"}, "until", "invalid_range"),
        ({"from_": "2027-05-01", "until": "2027-08-02"}, "until", "invalid_range"),
        ({"until": "2001-05-01"}, "until", "invalid_range"),
        ({"from_": "2027-03-28T02:30", "until": "2027-03-29"}, "from", "local_time_gap"),
        ({"from_": "2027-10-31T02:30", "until": "2027-11-01"}, "from", "local_time_fold"),
        ({"from_": "2027-05-01", "timezone": "America"}, "timezone", "unknown_zone"),
        ({"from_": "yesterday"}, "from", "invalid_time"),
        ({"from_": "2027-02-30"}, "from", "invalid_time"),
        ({"from_": "-0044-03-15"}, "from", "invalid_time"),
        ({"until": "infinity"}, "until", "invalid_time"),
        ({"quantity": 0}, "quantity", "invalid_number"),
        ({"quantity": 2**31}, "quantity", "invalid_number"),
        ({"party_size": "1e3"}, "party_size", "invalid_number"),
        ({"colour": "red"}, "colour", "extra_forbidden"),
    ],
)
def test_a_period_that_makes_no_sense_is_refused_by_its_field(
    make_tenant: Callable[..., Tenant], query: dict[str, object], field: str, code: str
) -> None:
    tenant = make_tenant(Offer(slug="room", document=policy(INTERVAL)), timezone="Europe/Berlin")
    answer = tenant.get("/resources/room/availability", **query)
    assert answer.status_code == 422
    assert [(found["field"], found["code"]) for found in answer.json()["violations"]] == [(field, code)]


def test_the_longest_period_covers_a_change_of_clocks(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY)), timezone="Europe/Berlin")
    answer = tenant.get("/resources/cabin/availability", from_="2027-09-01", until="2027-12-02")
    assert len(answer.json()["nights"]) == 92


def test_fold_says_which_of_two_local_times_begins_the_period(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="room", document=policy(INTERVAL)), timezone="Europe/Berlin")
    query = {"from_": "2027-10-31T02:30", "until": "2027-11-01", "fold": "later"}
    answer = tenant.get("/resources/room/availability", **query)
    assert answer.json()["ranges"][0]["starts_at"] == "2027-10-31T01:30:00Z"


def test_slots_come_from_windows_and_tell_what_remains(make_tenant: Callable[..., Tenant]) -> None:
    document = policy(SLOT, per="person", amount=2500, capacity_counts="people")
    tenant = make_tenant(Offer(slug="tour", document=document, capacity=8, windows=windows((9, 12), days=range(3, 5))))
    starts = [f"{in_days(day)}T{hour:02}:00:00Z" for day in (3, 4) for hour in (9, 10, 11)]
    tenant.reserved("tour", starts_at=starts[1], ends_at=starts[2], party_size=6)
    answer = tenant.get("/resources/tour/availability", party_size=3)
    assert answer.json()["mode"] == "slot"
    slots = answer.json()["slots"]
    assert [slot["starts_at"] for slot in slots] == starts
    assert [slot["remaining"] for slot in slots] == [8, 0, 8, 8, 8, 8]
    assert {slot["price"]["total"] for slot in slots} == {7500}


def test_ranges_leave_out_what_is_reserved_and_the_buffers_around_it(make_tenant: Callable[..., Tenant]) -> None:
    rules = (
        {
            "rule": "opening_hours",
            "weekly": {
                day: [{"opens": "09:00", "closes": "17:00"}]
                for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
            },
        },
        {"rule": "buffers", "before_minutes": 0, "after_minutes": 30},
    )
    document = policy({**INTERVAL, "offered_in": "opening_hours"}, *rules, per="hour")
    tenant = make_tenant(Offer(slug="room", document=document), timezone="Europe/Berlin")
    day = in_days(5)
    tenant.reserved("room", starts_at=f"{day}T12:00", ends_at=f"{day}T13:00")
    answer = tenant.get("/resources/room/availability", from_=day, until=in_days(6))
    found = [
        [f"{datetime.fromisoformat(free[end]).astimezone(BERLIN):%H:%M}" for end in ("starts_at", "ends_at")]
        for free in answer.json()["ranges"]
    ]
    assert found == [["09:00", "11:30"], ["13:30", "17:00"]]


def test_every_listed_slot_can_be_reserved_and_no_other(make_tenant: Callable[..., Tenant]) -> None:
    rules = (
        {"rule": "lead_time", "minimum_minutes": 36 * 60},
        {"rule": "horizon", "maximum_days": 5},
        {"rule": "per_day_limit", "limit": 2, "scope": "resource"},
        {"rule": "blackout_dates", "ranges": [{"from_on": in_days(4), "until_on": in_days(5), "reason": "Fair"}]},
    )
    document = policy(SLOT, *rules, per="slot")
    opened = windows((8, 12), days=range(8))
    tenant = make_tenant(Offer(slug="tutor", document=document, windows=opened))
    first = f"{in_days(3)}T08:00:00Z"
    tenant.reserved("tutor", starts_at=first, ends_at=f"{in_days(3)}T09:00:00Z")
    listed = {
        slot["starts_at"]
        for slot in tenant.get("/resources/tutor/availability", from_=in_days(0), until=in_days(8)).json()["slots"]
        if slot["remaining"]
    }
    had: set[str] = set()
    for starts_at in (start + timedelta(hours=hour) for start, _ in opened for hour in range(4)):
        answer = tenant.reserve(
            "tutor", starts_at=starts_at.isoformat(), ends_at=(starts_at + timedelta(hours=1)).isoformat()
        )
        if answer.status_code == 201:
            had.add(answer.json()["starts_at"])
            tenant.cancelled(answer.json())
    assert listed == had
    assert len(listed) > 3


def test_every_free_range_can_be_reserved_in_any_part_and_nothing_beside_it(
    make_tenant: Callable[..., Tenant],
) -> None:
    document = policy({**INTERVAL, "min_minutes": 60, "max_minutes": 120}, per="hour")
    tenant = make_tenant(Offer(slug="room", document=document, capacity=2))
    day = in_days(5)
    tenant.reserved("room", starts_at=f"{day}T10:00Z", ends_at=f"{day}T12:00Z")
    tenant.reserved("room", starts_at=f"{day}T11:00Z", ends_at=f"{day}T13:00Z", quantity=1)
    query = {"from_": f"{day}T08:00Z", "until": f"{day}T16:00Z", "quantity": 2}
    ranges = [
        (datetime.fromisoformat(free["starts_at"]), datetime.fromisoformat(free["ends_at"]))
        for free in tenant.get("/resources/room/availability", **query).json()["ranges"]
    ]
    assert ranges
    opens = datetime.fromisoformat(f"{day}T08:00Z")
    for starts_at in (opens + timedelta(minutes=30 * step) for step in range(14)):
        ends_at = starts_at + timedelta(hours=1)
        answer = tenant.reserve("room", starts_at=starts_at.isoformat(), ends_at=ends_at.isoformat(), quantity=2)
        listed = any(start <= starts_at and ends_at <= end for start, end in ranges)
        assert (answer.status_code == 201) == listed
        if answer.status_code == 201:
            tenant.cancelled(answer.json())


def test_labelled_units_are_offered_only_where_one_is_free_throughout(make_tenant: Callable[..., Tenant]) -> None:
    """With one unit promised early and the other late, each night has a free unit and no stay over both has one."""
    tenant = make_tenant(
        Offer(slug="rooms", document=policy({**STAY, "min_nights": 4}), capacity=2, assignment="labelled")
    )
    tenant.reserved("rooms", check_in_on=in_days(10), check_out_on=in_days(14), unit=1)
    tenant.reserved("rooms", check_in_on=in_days(14), check_out_on=in_days(18), unit=2)
    free = {"check_in_on": in_days(10), "check_out_on": in_days(14)}
    torn = {"check_in_on": in_days(12), "check_out_on": in_days(16)}
    nights = nights_of(tenant.get("/resources/rooms/availability", from_=in_days(10), until=in_days(15)))
    assert [night["can_check_in"] for night in nights.values()] == [True, False, False, False, True]
    [match] = tenant.get("/availability", **asked(torn)).json()["items"]
    assert (match["bookable"], match["remaining"], match["blocked_by"]) == (False, 1, ["reservations"])
    refused = tenant.reserve("rooms", **torn)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_capacity")
    [match] = tenant.get("/availability", **asked(free)).json()["items"]
    assert match["bookable"]
    tenant.reserved("rooms", **free)


def test_a_search_judges_every_resource_that_is_reserved_in_that_way(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(
        Offer(slug="free", document=policy(STAY, amount=5000)),
        Offer(slug="taken", document=policy(STAY)),
        Offer(slug="closed", document=policy(STAY), capacity=2),
        Offer(slug="long", document=policy({**STAY, "min_nights": 3}, {"rule": "horizon", "maximum_days": 3})),
        Offer(slug="small", document=policy(STAY), max_party_size=1, kind="hut"),
        Offer(slug="room", document=policy(INTERVAL)),
    )
    nights = {"check_in_on": in_days(10), "check_out_on": in_days(12)}
    tenant.reserved("taken", **nights)
    tenant.close("closed", starts_at=f"{in_days(10)}T00:00Z", ends_at=f"{in_days(11)}T00:00Z")
    answer = tenant.get("/availability", **asked(nights), party_size=2)
    found = {match["slug"]: match for match in answer.json()["items"]}
    assert list(found) == ["free", "taken", "closed", "long", "small"]
    assert {slug: match["bookable"] for slug, match in found.items() if match["bookable"]} == {"free": True}
    assert found["free"]["price"] == {"currency": "EUR", "decimals": 2, "total": 10000}
    assert (found["free"]["remaining"], found["free"]["violations"], found["free"]["blocked_by"]) == (1, [], [])
    assert (found["free"]["starts_at"], found["free"]["check_in_on"]) == (f"{in_days(10)}T15:00:00Z", in_days(10))
    assert (found["taken"]["remaining"], found["taken"]["blocked_by"]) == (0, ["reservations"])
    assert found["closed"]["blocked_by"] == ["closure"]
    assert {violation["rule"] for violation in found["long"]["violations"]} == {"stay", "horizon"}
    assert [violation["code"] for violation in found["small"]["violations"]] == ["party_too_large"]
    answer = tenant.get("/availability", **asked(nights), kind="hut")
    assert [match["slug"] for match in answer.json()["items"]] == ["small"]


def test_a_search_by_times_leaves_out_what_is_reserved_by_the_night(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(
        Offer(slug="cabin", document=policy(STAY)),
        Offer(slug="room", document=policy(INTERVAL, per="hour", amount=2000)),
        Offer(slug="tour", document=policy(SLOT, per="slot"), windows=windows((9, 12), days=range(3, 4))),
    )
    query = {"starts_at": f"{in_days(3)}T09:00:00Z", "ends_at": f"{in_days(3)}T10:00:00Z"}
    first = tenant.get("/availability", **asked(query), limit=1)
    second = tenant.get("/availability", **asked(query), limit=1, cursor=first.json()["next_cursor"])
    matches = first.json()["items"] + second.json()["items"]
    assert [(match["slug"], match["bookable"]) for match in matches] == [("room", True), ("tour", True)]
    assert 'rel="next"' in first.headers["link"]
    assert second.json()["next_cursor"] is None


def test_a_search_of_a_tenant_without_anything_of_the_kind_finds_nothing(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="room", document=policy(INTERVAL)))
    answer = tenant.get("/availability", from_=in_days(3), until=in_days(4))
    assert (answer.status_code, answer.json()) == (200, {"items": [], "next_cursor": None})


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "from"),
        ({"from_": "2027-05-01"}, "until"),
        ({"until": "2027-05-01"}, "from"),
        ({"from_": "2027-05-01", "until": "2027-05-01"}, "until"),
        ({"from_": "2027-05-01", "until": "2027-05-02T09:00Z"}, "until"),
        ({"from_": "2027-05-01", "until": "2027-05-02", "fold": "later"}, "fold"),
        ({"from_": "2027-05-01", "until": "2027-05-02", "timezone": "Europe/Berlin"}, "timezone"),
        ({"from_": "2027-05-01T09:00Z"}, "until"),
        ({"from_": "2027-05-01T09:00Z", "until": "2027-05-01T08:00Z"}, "until"),
        ({"from_": "2027-05-01T09:00", "until": "2027-05-01T10:00", "timezone": "../etc/passwd"}, "timezone"),
    ],
)
def test_a_search_without_a_proper_time_is_refused(
    make_tenant: Callable[..., Tenant], query: dict[str, object], field: str
) -> None:
    answer = make_tenant().get("/availability", **query)
    assert answer.status_code == 422
    assert answer.json()["violations"][0]["field"] == field


def test_as_many_people_come_as_fit_into_the_units_that_are_taken(make_tenant: Callable[..., Tenant]) -> None:
    double = Offer(slug="double", document=policy(STAY), capacity=3, max_party_size=2, kind="room")
    seats = policy(STAY, capacity_counts="people")
    tenant = make_tenant(double, Offer(slug="dormitory", document=seats, capacity=9, max_party_size=3, kind="bed"))
    nights = {"check_in_on": in_days(10), "check_out_on": in_days(12)}
    two_rooms = tenant.reserved("double", **nights, quantity=2, party_size=4)
    assert (len(two_rooms["units"]), two_rooms["party_size"]) == (2, 4)
    refused = tenant.reserve("double", **nights, quantity=1, party_size=3)
    assert [one["code"] for one in refused.json()["violations"]] == ["party_too_large"]
    assert refused.json()["violations"][0]["parameters"] == {"maximum": 2, "given": 3}
    crowded = tenant.reserve("dormitory", **nights, party_size=4)
    assert [one["code"] for one in crowded.json()["violations"]] == ["party_too_large"]

    later = {"check_in_on": in_days(20), "check_out_on": in_days(21)}
    listed = {
        match["slug"]: match["bookable"]
        for match in tenant.get("/availability", **asked(later), quantity=2, party_size=4).json()["items"]
    }
    assert listed == {"double": True, "dormitory": False}
    for quantity, expected in ((1, []), (2, ["double"])):
        found = tenant.get("/resources", party_size=4, quantity=quantity, **asked(later))
        assert [one["slug"] for one in found.json()["items"]] == expected
    tenant.reserved("double", **later, quantity=2, party_size=4)
    full = tenant.reserve("double", **later, quantity=2, party_size=3).json()
    assert [(one["kind"], one["check_in_on"]) for one in full["alternatives"]][:1] == [("other_time", in_days(21))]
