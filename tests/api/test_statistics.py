"""Statistics agree to the minute and the cent with another calculation: plain Python over what the API says."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from chalicelib.access.model.people import Role
from chalicelib.database.migrations import migrate
from tests.api.tenant import in_days
from tests.offers import INTERVAL, SLOT, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant

ZONE = ZoneInfo("America/New_York")
SOLD = {"confirmed", "checked_in", "completed"}
COUNTED = (
    "offered_minutes",
    "reserved_minutes",
    "nights",
    "revenue",
    "retained",
    "active",
    "cancelled",
    "came",
    "no_shows",
)
NIGHT = 1440
CAPACITIES = {"rooms": 6, "kayaks": 4, "boat": 8}


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(
        Offer(slug="rooms", document=policy(STAY, amount=3333), capacity=6),
        Offer(slug="kayaks", document=policy(INTERVAL, per="hour", amount=777), capacity=4),
        Offer(
            slug="boat",
            document=policy({**INTERVAL, "max_minutes": 2880}, per="person", capacity_counts="people"),
            capacity=8,
        ),
        timezone="America/New_York",
    )


def read(tenant: Tenant, role: Role = Role.MANAGER, /, **query: object) -> httpx.Response:
    given = {
        "from": in_days(-2),
        "until": in_days(30),
        **{name.rstrip("_"): str(value) for name, value in query.items()},
    }
    return tenant.client.get(f"/tenants/{tenant.slug}/statistics", params=given, headers=tenant.as_role(role))


def by_hand(tenant: Tenant, closures: list[dict[str, Any]], from_on: date, until_on: date) -> dict[str, dict[str, int]]:
    """The same figures by resource, minute by minute where the API has days."""
    path = f"/tenants/{tenant.slug}/reservations"
    found = tenant.client.get(path, params={"limit": 200}, headers=tenant.as_role()).json()["items"]
    slugs = {str(identifier): slug for slug, identifier in tenant.ids.items()}
    figures: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
    begins, ends = (datetime.combine(on, time.min, ZONE).astimezone(UTC) for on in (from_on, until_on))
    for slug, capacity in CAPACITIES.items():
        figures[slug]["offered_minutes"] = capacity * int((ends - begins).total_seconds() // 60)
    nights = [from_on + timedelta(days=number) for number in range((until_on - from_on).days)]
    figures["rooms"]["offered_minutes"] = NIGHT * sum(CAPACITIES["rooms"] - len(closed(closures, on)) for on in nights)
    for one in found:
        slug = slugs[one["resource_id"]]
        mine = figures[slug]
        started_on = datetime.fromisoformat(one["starts_at"]).astimezone(ZONE).date()
        if from_on <= started_on < until_on:
            mine["retained"] += one["retained"]["total"]
            mine["cancelled"] += one["state"] == "cancelled"
            mine["no_shows"] += one["state"] == "no_show"
            mine["active"] += one["state"] not in {"cancelled", "no_show"}
            mine["came"] += one["state"] in {"checked_in", "completed"}
        if one["state"] not in SOLD:
            continue
        units = one["party_size"] if slug == "boat" else one["quantity"]
        total = one["price"]["total"]
        if one["check_in_on"] is None:
            mine["reserved_minutes"] += units * overlap(one, begins, ends)
            mine["revenue"] += earned(one, ends) - earned(one, begins)
            continue
        first, last = date.fromisoformat(one["check_in_on"]), date.fromisoformat(one["check_out_on"])
        nights = [first + timedelta(days=number) for number in range((last - first).days)]
        inside = [number for number, night in enumerate(nights) if from_on <= night < until_on]
        mine["nights"] += units * len(inside)
        mine["reserved_minutes"] += units * len(inside) * NIGHT
        mine["revenue"] += sum(total * (number + 1) // len(nights) - total * number // len(nights) for number in inside)
    return figures


def closed(closures: list[dict[str, Any]], on: date) -> set[int]:
    """The units of the rooms that are closed at any moment of a night."""
    begins, ends = datetime.combine(on, time(15), ZONE), datetime.combine(on + timedelta(days=1), time(11), ZONE)
    return {unit for closure in closures if overlap(closure, begins, ends) for unit in closure["units"]}


def earned(one: dict[str, Any], until: datetime) -> int:
    """What of a price for hours counts before an instant: as much of it as of the time."""
    starts_at, ends_at = datetime.fromisoformat(one["starts_at"]), datetime.fromisoformat(one["ends_at"])
    sold = min(max(until, starts_at), ends_at) - starts_at
    return one["price"]["total"] * (sold // timedelta(seconds=1)) // ((ends_at - starts_at) // timedelta(seconds=1))


def overlap(one: dict[str, Any], begins: datetime, ends: datetime) -> int:
    starts_at, ends_at = datetime.fromisoformat(one["starts_at"]), datetime.fromisoformat(one["ends_at"])
    return max(0, int((min(ends_at, ends) - max(starts_at, begins)).total_seconds()) // 60)


def leads(tenant: Tenant, from_on: date, until_on: date) -> list[float]:
    """Days from reserving to the start, of those that stand and start in the period."""
    path = f"/tenants/{tenant.slug}/reservations"
    found = tenant.client.get(path, params={"limit": 200}, headers=tenant.as_role()).json()["items"]
    standing = [one for one in found if one["state"] not in {"cancelled", "no_show"}]
    times = [[datetime.fromisoformat(one[name]) for name in ("created_at", "starts_at")] for one in standing]
    inside = [pair for pair in times if from_on <= pair[1].astimezone(ZONE).date() < until_on]
    return [(starts_at - created_at) / timedelta(days=1) for created_at, starts_at in inside]


def reserve_something(tenant: Tenant, choice: random.Random) -> dict[str, Any] | None:
    day = choice.randrange(-1, 25)
    if choice.random() < 0.5 and day >= 0:
        members: dict[str, object] = {"check_in_on": in_days(day), "check_out_on": in_days(day + choice.randint(1, 6))}
        answer = tenant.reserve("rooms", **members, quantity=choice.randint(1, 3))
    else:
        slug = choice.choice(["kayaks", "boat"])
        starts_at = datetime.fromisoformat(f"{in_days(max(day, 1))}T00:00+00:00") + timedelta(
            hours=choice.randrange(24)
        )
        ends_at = starts_at + timedelta(minutes=30 * choice.randint(1, 16))
        size = {"party_size": choice.randint(1, 4)} if slug == "boat" else {"quantity": choice.randint(1, 2)}
        answer = tenant.reserve(slug, starts_at=starts_at.isoformat(), ends_at=ends_at.isoformat(), **size)
    return answer.json() if answer.status_code == 201 else None


def agree(tenant: Tenant, closures: list[dict[str, Any]], **query: Any) -> dict[str, Any]:  # noqa: ANN401 - passed on
    from_on = date.fromisoformat(query.get("from_", in_days(-2)))
    until_on = date.fromisoformat(query.get("until", in_days(30)))
    answer = read(tenant, **query)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    expected = by_hand(tenant, closures, from_on, until_on)
    assert {one["slug"]: {name: one[name] for name in COUNTED} for one in found["resources"]} == expected
    assert found["total"]["median_lead_days"] == pytest.approx(median(leads(tenant, from_on, until_on)), abs=1 / 1440)
    for name in COUNTED:
        assert found["total"][name] == sum(one[name] for one in expected.values())
        assert sum(step[name] for step in found["steps"]) == found["total"][name]
    for figures in (found["total"], *found["steps"], *found["resources"]):
        if figures["reserved_minutes"]:
            rate = figures["average_daily_rate"] * figures["occupancy"]
            assert figures["revenue_per_available"] == pytest.approx(rate)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_the_figures_are_those_of_another_calculation(tenant: Tenant, seed: int) -> None:
    choice = random.Random(seed)  # noqa: S311 - the same case each time
    made: list[dict[str, Any]] = []
    closures: list[dict[str, Any]] = []
    for number in range(4):
        made += [one for _ in range(12) if (one := reserve_something(tenant, choice))]
        for one in choice.sample(made, 3):
            tenant.client.post(f"/tenants/{tenant.slug}/reservations/{one['id']}/cancel", headers=tenant.as_role())
        for one in choice.sample(made, 3):
            if one["check_out_on"]:
                end = (date.fromisoformat(one["check_out_on"]) + timedelta(days=1)).isoformat()
                tenant.change(one, "extend", check_out_on=end)
        for one in made:
            if one["check_in_on"] == in_days(0):
                tenant.client.post(
                    f"/tenants/{tenant.slug}/reservations/{one['id']}/check-in", headers=tenant.as_role()
                )
        day = 40 + 5 * number  # not over each other: what two closures close is closed once
        closing = {"starts_at": f"{in_days(day)}T10:00:00Z", "ends_at": f"{in_days(day + 2)}T10:00:00Z"}
        answer = tenant.try_to_close("rooms", **closing, units=[choice.randint(1, 6)])
        closures += [answer.json()] if answer.status_code == 201 else []
        agree(tenant, closures)
        agree(tenant, closures, from_=in_days(3), until=in_days(70), by="week")
    kept = agree(tenant, closures)
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(
            "DELETE FROM statistics_progress WHERE tenant_id = (SELECT id FROM tenants WHERE slug = %s)", [tenant.slug]
        )
    assert read(tenant).json() == kept


def test_days_on_which_clocks_change_have_their_own_length(tenant: Tenant) -> None:
    found = read(tenant, from_="2027-03-13", until="2027-03-16").json()
    by_the_hour, rooms = CAPACITIES["kayaks"] + CAPACITIES["boat"], CAPACITIES["rooms"] * NIGHT
    minutes = [(step["offered_minutes"] - rooms) // by_the_hour for step in found["steps"]]
    assert minutes == [1440, 1380, 1440]
    months = read(tenant, from_="2027-10-15", until="2027-12-01", by="month").json()["steps"]
    assert [step["from_on"] for step in months] == ["2027-10-01", "2027-11-01"]
    assert months[1]["offered_minutes"] == by_the_hour * (30 * 1440 + 60) + 30 * rooms


def test_what_commits_late_is_not_missed(tenant: Tenant) -> None:
    made = tenant.reserved("rooms", check_in_on=in_days(5), check_out_on=in_days(7))
    assert read(tenant).json()["total"]["active"] == 1
    with psycopg.connect(tenant.database.owner) as slow:
        slow.execute("UPDATE reservations SET state = 'cancelled' WHERE id = %s", [made["id"]])
        slow.execute(
            "INSERT INTO events (tenant_id, id, type, entity_kind, entity_id, actor_kind, before, after, occurred_at)"
            " SELECT tenant_id, gen_random_uuid(), 'reservation.cancelled', entity_kind, entity_id, 'staff', after,"
            " after, clock_now() FROM events WHERE entity_id = %s",
            [made["id"]],
        )
        tenant.reserved("rooms", check_in_on=in_days(8), check_out_on=in_days(9))
        read(tenant)
    total = read(tenant).json()["total"]
    assert (total["active"], total["cancelled"]) == (1, 1)


def test_what_is_committed_is_in_while_others_are_still_at_work(tenant: Tenant) -> None:
    read(tenant)
    with psycopg.connect(tenant.database.owner) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        tenant.reserved("rooms", check_in_on=in_days(5), check_out_on=in_days(7))
        assert read(tenant).json()["total"]["active"] == 1


def test_a_day_whose_midnight_happens_twice_begins_with_the_earlier(make_tenant: Callable[..., Tenant]) -> None:
    offer = Offer(slug="kayaks", document=policy(INTERVAL, per="hour"), capacity=4)
    tenant = make_tenant(offer, timezone="Atlantic/Azores")
    for starts_at, ends_at in (("30T23:30", "31T01:30"), ("31T00:00", "31T00:30")):
        tenant.reserved("kayaks", starts_at=f"2027-10-{starts_at}:00Z", ends_at=f"2027-10-{ends_at}:00Z")
    steps = read(tenant, from_="2027-10-30", until="2027-11-02").json()["steps"]
    assert [step["offered_minutes"] for step in steps] == [4 * 1440, 4 * 1500, 4 * 1440]
    assert [step["reserved_minutes"] for step in steps] == [30, 90 + 30, 0]


def test_the_price_of_hours_over_midnight_counts_on_both_days_as_their_time_does(tenant: Tenant) -> None:
    """Three hours for 23.31, one of them before midnight: the example of docs/STATISTICS.md."""
    made = tenant.reserved("kayaks", starts_at="2027-07-02T23:00:00-04:00", ends_at="2027-07-03T02:00:00-04:00")
    assert made["price"]["total"] == 2331

    def days() -> list[tuple[int, int, int]]:
        steps = read(tenant, from_="2027-07-02", until="2027-07-04").json()["steps"]
        assert [step["average_daily_rate"] for step in steps] == [pytest.approx(777 * 24)] * 2
        return [(step["revenue"], step["reserved_minutes"], step["active"]) for step in steps]

    assert days() == [(777, 60, 1), (1554, 120, 0)]
    [migration] = [one for one in migrate.load(migrate.FOLDER) if one.name.endswith("revenue_by_the_hour")]
    as_it_was = "UPDATE daily_statistics SET revenue = 2331 * active WHERE resource_id = %s AND revenue > 0"
    with psycopg.connect(tenant.database.owner) as owner:
        assert owner.execute(as_it_was, [tenant.ids["kayaks"]]).rowcount == 2
        owner.execute("SET LOCAL ROLE berth_owner")
        owner.execute(migration.statements)
    assert days() == [(777, 60, 1), (1554, 120, 0)]


def test_nothing_is_null_and_not_a_division_by_nothing(tenant: Tenant) -> None:
    total = read(tenant).json()["total"]
    assert (total["occupancy"], total["revenue"]) == (0, 0)
    for name in ("average_daily_rate", "no_show_rate", "lead_days", "median_lead_days"):
        assert total[name] is None
    assert total["revenue_per_available"] == 0


def test_days_whose_lead_times_were_not_kept_are_made_anew(tenant: Tenant) -> None:
    for day, slug in ((5, "rooms"), (9, "rooms"), (20, "rooms")):
        tenant.reserved(slug, check_in_on=in_days(day), check_out_on=in_days(day + 1))
    kept = read(tenant).json()
    assert 8 < kept["total"]["median_lead_days"] < 10.5
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute("UPDATE daily_statistics SET lead_times = NULL WHERE resource_id = %s", [tenant.ids["rooms"]])
    assert read(tenant).json() == kept
    assert read(tenant, resource_id=tenant.ids["kayaks"]).json()["total"]["median_lead_days"] is None


def test_one_resource_alone_and_the_best_one_first(tenant: Tenant) -> None:
    tenant.reserved("rooms", check_in_on=in_days(5), check_out_on=in_days(7), quantity=2)
    found = read(tenant).json()
    assert next(one["slug"] for one in found["resources"]) == "rooms"
    alone = read(tenant, resource_id=tenant.ids["rooms"]).json()
    assert [one["slug"] for one in alone["resources"]] == ["rooms"]
    assert (alone["total"]["nights"], alone["total"]["average_daily_rate"]) == (4, 3333.0)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"from_": in_days(3), "until": in_days(3)}, 422),
        ({"from_": "2000-01-01", "until": "2100-01-01"}, 422),
        ({"by": "year"}, 422),
        ({"resource_id": "0192f0c4-7c1e-7b9a-8c55-2f1d6f0a4b11"}, 404),
    ],
)
def test_periods_that_make_no_sense_are_refused(tenant: Tenant, query: dict[str, Any], status: int) -> None:
    assert read(tenant, **query).status_code == status


@pytest.mark.parametrize("role", [Role.AGENT, Role.VIEWER, Role.HOST])
def test_statistics_are_for_managers(tenant: Tenant, role: Role) -> None:
    assert read(tenant, role).status_code == 403


def test_what_was_closed_stays_out_of_what_was_offered_when_its_allocations_are_gone(tenant: Tenant) -> None:
    tenant.close("rooms", starts_at=f"{in_days(-2)}T12:00:00Z", ends_at=f"{in_days(-1)}T12:00:00Z", units=[1, 2])
    tenant.close("rooms", starts_at=f"{in_days(-2)}T18:00:00Z", ends_at=f"{in_days(-1)}T18:00:00Z", units=[2, 3])
    before = read(tenant, resource_id=tenant.ids["rooms"]).json()["total"]["offered_minutes"]
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute("DELETE FROM allocations WHERE resource_id = %s", [tenant.ids["rooms"]])
    assert read(tenant, resource_id=tenant.ids["rooms"]).json()["total"]["offered_minutes"] == before
    assert before == (32 * 6 - 3) * NIGHT  # the night of the day before yesterday, in three rooms


def test_days_count_with_the_capacity_that_they_had(tenant: Tenant) -> None:
    path = f"/tenants/{tenant.slug}/resources/rooms"
    for capacity in (10, 7):
        version = tenant.client.get(path, headers=tenant.as_role()).json()["version"]
        headers = {**tenant.as_role(), "If-Match": f'"{version}"'}
        assert tenant.client.patch(path, json={"capacity": capacity}, headers=headers).status_code == 200
    query = {"from_": in_days(-10), "until": in_days(10), "resource_id": tenant.ids["rooms"]}
    steps = {step["from_on"]: step["offered_minutes"] for step in read(tenant, **query).json()["steps"]}
    assert (steps[in_days(-5)], steps[in_days(5)]) == (6 * NIGHT, 7 * NIGHT)


def test_the_best_resources_are_named_by_what_is_asked_for(tenant: Tenant) -> None:
    tenant.reserved("rooms", check_in_on=in_days(5), check_out_on=in_days(6))
    for hour in (8, 10):
        times = {"starts_at": f"{in_days(4)}T{hour:02}:00Z", "ends_at": f"{in_days(4)}T{hour + 1:02}:00Z"}
        tenant.reserved("kayaks", **times)
    for measure, best in (("revenue", "rooms"), ("active", "kayaks"), ("nights", "rooms"), ("occupancy", "rooms")):
        params = {"from": in_days(0), "until": in_days(10), "measure": measure, "limit": 1}
        path = f"/tenants/{tenant.slug}/statistics/top-resources"
        items = tenant.client.get(path, params=params, headers=tenant.as_role()).json()["items"]
        assert [one["slug"] for one in items] == [best], measure


def test_a_house_that_sold_every_night_is_full(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY, amount=9000)), timezone="America/New_York")
    tenant.reserved("cabin", check_in_on=in_days(3), check_out_on=in_days(10))
    total = read(tenant, from_=in_days(3), until=in_days(10)).json()["total"]
    assert (total["occupancy"], total["average_daily_rate"], total["revenue_per_available"]) == (1.0, 9000.0, 9000.0)
    half = read(tenant, from_=in_days(3), until=in_days(17)).json()["total"]
    assert (half["occupancy"], half["average_daily_rate"], half["revenue_per_available"]) == (0.5, 9000.0, 4500.0)


def test_what_a_policy_does_not_offer_is_not_on_offer(make_tenant: Callable[..., Tenant]) -> None:
    dark = {
        "rule": "blackout_dates",
        "ranges": [{"from_on": "2031-05-06", "until_on": "2031-05-08", "reason": "Inventory"}],
    }
    evenings = {"weekly": {day: [{"opens": "18:00", "closes": "02:00"}] for day in ("mon", "tue", "wed", "thu")}}
    hours = {"rule": "opening_hours", **evenings}
    monday = datetime(2031, 5, 5, tzinfo=UTC)
    tenant = make_tenant(
        Offer(slug="cabin", document=policy(STAY, dark, {"rule": "arrival_weekdays", "weekdays": ["fri"]}), capacity=2),
        Offer(slug="bar", document=policy({**INTERVAL, "offered_in": "opening_hours"}, hours, dark, per="hour")),
        Offer(
            slug="tutor",
            document=policy(SLOT, dark, per="slot"),
            windows=[
                (monday + timedelta(days=day, hours=9), monday + timedelta(days=day, hours=17)) for day in range(4)
            ],
        ),
    )
    tenant.reserved("tutor", starts_at="2031-05-05T09:00Z", ends_at="2031-05-05T10:00Z")
    offered = {
        slug: [
            step["offered_minutes"] / 60
            for step in read(tenant, from_="2031-05-05", until="2031-05-10", resource_id=tenant.ids[slug]).json()[
                "steps"
            ]
        ]
        for slug in ("cabin", "bar", "tutor")
    }
    # Tuesday and Wednesday are dark: the bar's Monday ends on Tuesday at two, its Thursday on Friday.
    assert offered == {"cabin": [48, 0, 0, 48, 48], "bar": [6, 2, 0, 6, 2], "tutor": [8, 0, 0, 8, 0]}
    assert (
        read(tenant, from_="2031-05-05", until="2031-05-06", resource_id=tenant.ids["tutor"]).json()["total"][
            "occupancy"
        ]
        == 1 / 8
    )


def test_days_count_with_the_policy_that_they_had(tenant: Tenant) -> None:
    dark = {
        "rule": "blackout_dates",
        "ranges": [{"from_on": in_days(-9), "until_on": in_days(9), "reason": "Inventory"}],
    }
    path = f"/tenants/{tenant.slug}/policies"
    (mine,) = [
        one for one in tenant.client.get(path, headers=tenant.as_role()).json()["items"] if one["slug"] == "rooms"
    ]
    published = tenant.post(
        f"/policies/{mine['id']}/versions", {"document": policy(STAY, dark)}, **{**tenant.as_role(), "If-Match": '"1"'}
    )
    assert published.status_code == 201, published.text
    query = {"from_": in_days(-10), "until": in_days(10), "resource_id": tenant.ids["rooms"]}
    steps = {step["from_on"]: step["offered_minutes"] // NIGHT for step in read(tenant, **query).json()["steps"]}
    assert (steps[in_days(-5)], steps[in_days(5)], steps[in_days(9)]) == (6, 0, 6)


def test_sums_of_more_than_a_bigint_holds_are_exact(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="rooms", document=policy(STAY)))
    assert read(tenant).status_code == 200  # from now on days are only made again where something happens
    days, of_each = 1500, 2**53 - 1
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(
            "INSERT INTO daily_statistics (tenant_id, resource_id, on_date, reserved_minutes, nights, revenue, active,"
            " cancelled, came, no_shows, lead_minutes, lead_times, retained)"
            " SELECT tenant_id, id, date '2028-01-01' + number, 1440, 1, %s, 1, 0, 0, 0, 0, '{}', %s"
            " FROM resources, generate_series(0, %s) AS number WHERE id = %s",
            [of_each, of_each, days - 1, tenant.ids["rooms"]],
        )
    answer = read(tenant, from_="2028-01-01", until="2032-12-31", by="month")
    assert answer.status_code == 200, answer.text
    total = answer.json()["total"]
    assert (total["revenue"], total["retained"], total["average_daily_rate"]) == (
        days * of_each,
        days * of_each,
        pytest.approx(of_each),
    )
