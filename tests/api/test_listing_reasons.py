"""Why a listing says no: with the codes and sentences with which a reservation would be refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from chalicelib.access.model.people import Role
from chalicelib.availability.explain_listing import MOST_EXPLAINED
from tests.api.tenant import in_days
from tests.api.test_alternatives import any_rules
from tests.offers import INTERVAL, SLOT, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.tenant import Tenant
    from tests.offers import Json


def listed(tenant: Tenant, slug: str, **query: object) -> Json:
    answer = tenant.get(f"/resources/{slug}/availability", reasons="true", **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def nights(tenant: Tenant, slug: str, first: int, last: int, **query: object) -> dict[str, Json]:
    found = listed(tenant, slug, from_=in_days(first), until=in_days(last), **query)["nights"]
    return {night["on"]: {**night, **night["reasons"]} for night in found}


def codes(reasons: list[Json]) -> list[str]:
    return [reason["code"] for reason in reasons]


def messages(reasons: list[Json]) -> list[str]:
    return [reason["message"] for reason in reasons]


def text(number: int) -> str:
    return f"{date.fromisoformat(in_days(number)):%a %d %b %Y}"


def test_reasons_are_there_only_where_they_are_asked_for(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY)))
    tenant.reserved("cabin", check_in_on=in_days(20), check_out_on=in_days(21))
    plain = tenant.get("/resources/cabin/availability", from_=in_days(19), until=in_days(22)).json()["nights"]
    assert {night["reasons"] for night in plain} == {None}
    assert [night["can_check_out"] for night in plain] == [None, True, False]
    with_reasons = listed(tenant, "cabin", from_=in_days(19), until=in_days(22))["nights"]
    without = [night | {"reasons": None} for night in with_reasons]
    assert without == plain


def test_a_night_that_is_taken_is_told_from_one_that_is_closed(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="cabin", document=policy({**STAY, "min_nights": 2}), capacity=2))
    tenant.reserved("cabin", check_in_on=in_days(21), check_out_on=in_days(23), quantity=2)
    tenant.close("cabin", starts_at=f"{in_days(25)}T12:00Z", ends_at=f"{in_days(28)}T10:00Z")
    tenant.reserved("cabin", check_in_on=in_days(30), check_out_on=in_days(32))
    found = nights(tenant, "cabin", 19, 34)
    taken = found[in_days(21)]["night"]
    assert (codes(taken), messages(taken)) == (["no_capacity"], ["Fully booked."])
    assert taken[0]["parameters"] == {"wanted": 1, "free": 0, "blocked_by": ["reservations"]}
    closed = f"Closed from {text(25)} to {text(27)}."
    assert {messages(found[in_days(number)]["night"])[0] for number in (25, 26, 27)} == {closed}
    arrival = found[in_days(20)]
    assert (arrival["remaining"], arrival["can_check_in"], arrival["night"]) == (2, False, [])
    assert messages(arrival["check_in"]) == [f"No stay can begin on {text(20)}: the night after is taken."]
    assert messages(found[in_days(24)]["check_in"]) == [f"No stay can begin on {text(24)}: the night after is closed."]
    departure = found[in_days(28)]
    assert departure["can_check_out"] is False
    assert messages(departure["check_out"]) == [f"No stay can end on {text(28)}: the night before is closed."]
    assert codes(found[in_days(20)]["check_out"]) == ["too_short"]
    two = nights(tenant, "cabin", 30, 32, quantity=2)[in_days(30)]
    assert messages(two["night"]) == ["Only 1 of 2 are free."]


def test_rules_say_in_their_own_words_why_not(make_tenant: Callable[..., Tenant]) -> None:
    arrival = date.fromisoformat(in_days(20))
    weekday = arrival.strftime("%a").lower()
    closed = {"from_on": in_days(23), "until_on": in_days(25), "reason": "Private party."}
    rules = (
        {"rule": "lead_time", "minimum_minutes": 10 * 1440},
        {"rule": "arrival_weekdays", "weekdays": [weekday], "seasons": []},
        {"rule": "blackout_dates", "ranges": [closed]},
        {"rule": "horizon", "maximum_days": 40},
    )
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY, *rules), max_party_size=3))
    found = nights(tenant, "cabin", 0, 45)
    assert "too_soon" in codes(found[in_days(2)]["check_in"])
    assert codes(found[in_days(21)]["check_in"]) == ["arrival_weekday"]
    assert arrival.strftime("%a") in messages(found[in_days(21)]["check_in"])[0]
    assert codes(found[in_days(23)]["night"]) == ["blacked_out"]
    assert messages(found[in_days(23)]["night"])[0].endswith("Private party.")
    assert "too_far_ahead" in codes(found[in_days(42)]["check_in"])
    assert found[in_days(20)]["check_in"] == []
    many = nights(tenant, "cabin", 20, 22, party_size=4)
    assert {tuple(codes(night["night"])) for night in many.values()} == {("party_too_large",)}


@pytest.mark.parametrize("seed", range(3))
def test_a_reservation_is_refused_with_the_reasons_that_are_listed(
    seed: int, make_tenant: Callable[..., Tenant]
) -> None:
    random = Random(seed)  # noqa: S311 - the same cases every time
    offer = Offer(
        slug="cabin",
        document=policy({**STAY, "min_nights": random.choice([1, 2])}, *any_rules(random)),
        capacity=2,
        assignment=random.choice(["pooled", "labelled"]),
    )
    tenant = make_tenant(offer, timezone=random.choice(["America/Denver", "Pacific/Apia"]))
    for _ in range(8):
        first = random.randint(8, 38)
        tenant.reserve("cabin", check_in_on=in_days(first), check_out_on=in_days(first + random.randint(1, 6)))
    first = random.randint(20, 30)
    tenant.try_to_close("cabin", starts_at=f"{in_days(first)}T10:00Z", ends_at=f"{in_days(first + 2)}T10:00Z")
    found = nights(tenant, "cabin", 8, 45)
    refused = 0
    for on, night in found.items():
        assert bool(night["night"]) == (not night["remaining"])
        assert bool(night["check_in"]) == (night["remaining"] > 0 and not night["can_check_in"])
        assert bool(night["check_out"]) == (night["can_check_out"] is False)
        reasons = night["night"] or night["check_in"]
        if not reasons or random.random() < 0.5:
            continue
        length = next((one["parameters"]["minimum"] for one in reasons if one["code"] == "too_short"), 1)
        until = (date.fromisoformat(on) + timedelta(days=length)).isoformat()
        answer = tenant.reserve("cabin", check_in_on=on, check_out_on=until)
        assert answer.status_code in {409, 422}, (night, answer.text)
        refused += 1
        if night["night"]:
            told = {*codes(answer.json()["violations"]), *(["no_capacity"] if answer.json()["blocked_by"] else [])}
            assert set(codes(night["night"])) <= told
    assert refused
    departures = {on for on, night in found.items() if night["can_check_out"]}
    lasting = {
        (date.fromisoformat(on) + timedelta(days=number)).isoformat()
        for on, night in found.items()
        if night["can_check_in"]
        for number in range(night["min_nights"], night["max_nights"] + 1)
    }
    assert departures == lasting & set(found)


def test_slots_say_why_they_cannot_be_had_and_days_why_they_have_none(make_tenant: Callable[..., Tenant]) -> None:
    weekday = date.fromisoformat(in_days(3)).strftime("%a").lower()
    hours: Json = {day: [] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun") if day != weekday}
    week = {**hours, weekday: [{"opens": "09:00", "closes": "12:00"}]}
    document = policy(
        {**SLOT, "offered_in": "opening_hours"},
        {"rule": "opening_hours", "weekly": week},
        {"rule": "lead_time", "minimum_minutes": 4 * 1440},
        per="slot",
    )
    tenant = make_tenant(Offer(slug="tutor", document=document, max_party_size=3))
    later = in_days(10)
    slot = {"starts_at": f"{later}T10:00Z", "ends_at": f"{later}T11:00Z"}
    tenant.reserved("tutor", **slot)
    found = listed(tenant, "tutor", from_=in_days(2), until=in_days(12))
    by_start = {one["starts_at"]: one for one in found["slots"]}
    soon = [one for start, one in by_start.items() if start.startswith(in_days(3))]
    assert len(soon) == 3
    assert {(one["remaining"], *codes(one["reasons"])) for one in soon} == {(0, "too_soon")}
    full = by_start[f"{later}T10:00:00Z"]
    assert (full["remaining"], codes(full["reasons"])) == (0, ["no_capacity"])
    assert tenant.reserve("tutor", **slot).json()["blocked_by"] == full["reasons"][0]["parameters"]["blocked_by"]
    assert by_start[f"{later}T09:00:00Z"]["reasons"] == []
    closed = {one["starts_at"][:10]: codes(one["reasons"]) for one in found["unavailable"]}
    assert closed == {in_days(number): ["closed"] for number in range(2, 12) if number not in {3, 10}}
    crowd = listed(tenant, "tutor", from_=later, until=in_days(11), party_size=4)["slots"]
    assert {codes(one["reasons"])[0] for one in crowd} == {"party_too_large"}
    plain = tenant.get("/resources/tutor/availability", from_=in_days(2), until=in_days(12)).json()
    assert [one["starts_at"] for one in plain["slots"]] == [f"{later}T{hour}:00:00Z" for hour in ("09", "10", "11")]
    assert (plain["unavailable"], plain["slots"][0]["reasons"]) == (None, None)


def test_intervals_say_of_each_gap_why(make_tenant: Callable[..., Tenant]) -> None:
    week = {day: [{"opens": "08:00", "closes": "18:00"}] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    party = {"from_on": in_days(21), "until_on": in_days(22), "reason": "Private party."}
    document = policy(
        {**INTERVAL, "min_minutes": 60, "offered_in": "opening_hours"},
        {"rule": "opening_hours", "weekly": week},
        {"rule": "blackout_dates", "ranges": [party]},
        per="hour",
    )
    tenant = make_tenant(Offer(slug="room", document=document), timezone="Europe/Berlin")
    day = in_days(20)
    tenant.reserved("room", starts_at=f"{day}T10:00", ends_at=f"{day}T12:00")
    tenant.reserved("room", starts_at=f"{day}T12:30", ends_at=f"{day}T14:00")
    found = listed(tenant, "room", from_=day, until=in_days(22))
    berlin = ZoneInfo("Europe/Berlin")

    def local(instant: str) -> str:
        return datetime.fromisoformat(instant).astimezone(berlin).strftime("%d %H:%M")

    told = [(local(one["starts_at"]), local(one["ends_at"]), *codes(one["reasons"])) for one in found["unavailable"]]
    first, second, third = (in_days(number)[8:] for number in (20, 21, 22))
    assert (
        told
        == [
            (f"{first} 00:00", f"{first} 08:00", "closed"),
            (f"{first} 10:00", f"{first} 14:00", "no_capacity"),
            (f"{first} 18:00", f"{second} 00:00", "closed"),
            (f"{second} 00:00", f"{second} 08:00", "closed", "blacked_out"),
            (f"{second} 08:00", f"{second} 18:00", "blacked_out"),
            (f"{second} 18:00", f"{third} 00:00", "closed", "blacked_out"),
        ]
        or told == []
    )
    now = listed(tenant, "room", from_=(datetime.now(UTC) - timedelta(hours=30)).isoformat(), until=in_days(1))
    assert codes(now["unavailable"][0]["reasons"])[0] == "in_the_past"


def test_staff_are_told_the_reasons_that_count_for_them(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY)))
    path = f"/tenants/{tenant.slug}/resources/cabin/availability"
    query = {"reasons": "true", "from": in_days(5), "until": in_days(7)}
    answer = tenant.client.get(path, params=query, headers=tenant.as_role(Role.AGENT))
    assert [night["reasons"]["night"] for night in answer.json()["nights"]] == [[], []]
    tenant.client.delete(f"/tenants/{tenant.slug}/resources/cabin", headers=tenant.as_editor())
    assert tenant.client.get(path, params=query).status_code == 404


def test_windows_and_opening_hours_are_told_apart(make_tenant: Callable[..., Tenant]) -> None:
    day = in_days(20)
    at = datetime.fromisoformat(f"{day}T00:00+00:00")
    week = {name: [{"opens": "08:00", "closes": "18:00"}] for name in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    document = policy(
        {**INTERVAL, "offered_in": "windows"},
        {"rule": "opening_hours", "weekly": week},
        per="hour",
        capacity_counts="units",
    )
    window = (at + timedelta(hours=6), at + timedelta(hours=12))
    tenant = make_tenant(Offer(slug="court", document=document, windows=[window]))
    found = listed(tenant, "court", from_=day, until=in_days(21))
    assert [(one["starts_at"][11:16], one["ends_at"][11:16]) for one in found["ranges"]] == [("08:00", "12:00")]
    told = [(one["starts_at"][11:16], *codes(one["reasons"])) for one in found["unavailable"]]
    assert told == [
        ("00:00", "not_offered", "closed"),
        ("06:00", "closed"),
        ("12:00", "not_offered"),
        ("18:00", "not_offered", "closed"),
    ]


def test_no_more_is_explained_than_a_request_may_cost(make_tenant: Callable[..., Tenant]) -> None:
    opens = datetime.fromisoformat(f"{in_days(20)}T00:00+00:00")
    soon = {"rule": "lead_time", "minimum_minutes": 60 * 1440}
    by_minute = policy({**SLOT, "slot_minutes": 1, "step_minutes": 1}, soon, per="slot")
    short = policy({**INTERVAL, "step_minutes": 5, "offered_in": "windows"}, per="hour")
    windows = [
        (opens + timedelta(minutes=15 * number), opens + timedelta(minutes=15 * number + 5)) for number in range(800)
    ]
    tenant = make_tenant(
        Offer(slug="phone", document=by_minute, windows=[(opens, opens + timedelta(hours=20))]),
        Offer(slug="court", document=short, windows=windows),
    )
    slots = listed(tenant, "phone", from_=in_days(20), until=in_days(21))["slots"]
    assert (len(slots), {tuple(codes(slot["reasons"])) for slot in slots}) == (MOST_EXPLAINED, {("too_soon",)})
    gaps = listed(tenant, "court", from_=in_days(20), until=in_days(30))["unavailable"]
    assert 100 < len(gaps) <= MOST_EXPLAINED
    assert gaps[-1]["ends_at"] < f"{in_days(26)}"
