"""What a half shows as free in calendar, day and statistics is what listing offers, whoever sold what."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.access.model.people import Role
from tests.api.tenant import in_days
from tests.api.test_calendar import LINK_HOST, database_now
from tests.api.test_shared_units import TOURS, at, great_hall, inventory, need, share, slots, windows
from tests.offers import INTERVAL, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant
    from tests.offers import Json

HOURS = policy(INTERVAL, per="hour", amount=1000)
NIGHT = 1440
FREE, OCCUPIED, CLOSED, ELSEWHERE = (0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)


@pytest.fixture
def hall(make_tenant: Callable[..., Tenant]) -> Tenant:
    return great_hall(make_tenant)


@pytest.fixture
def house(make_tenant: Callable[..., Tenant]) -> Tenant:
    """A house and its two floors, by the night."""
    tenant = make_tenant(
        *(Offer(slug=slug, document=policy(STAY), assignment="labelled") for slug in ("house", "lower", "upper")),
        timezone="Europe/Berlin",
    )
    floors = inventory(tenant, "Floors", 2)
    share(tenant, "house", floors, [1, 2], 2)
    share(tenant, "lower", floors, [1])
    share(tenant, "upper", floors, [2])
    return tenant


def get(tenant: Tenant, path: str, role: Role = Role.OWNER, /, **query: object) -> httpx.Response:
    given = {name: str(value) for name, value in query.items()}
    return tenant.client.get(f"/tenants/{tenant.slug}{path}", params=given, headers=tenant.as_role(role))


def calendar(
    tenant: Tenant, first: int, end: int, role: Role = Role.OWNER, /, **query: object
) -> list[dict[str, tuple[int, ...]]]:
    """Of each day, what is occupied, closed and taken elsewhere of each resource."""
    slugs = {str(identifier): slug for slug, identifier in tenant.ids.items()}
    items = get(tenant, "/calendar", role, **{"from": in_days(first), "until": in_days(end)}, **query).json()["items"]
    members = ("occupied", "closed", "taken_elsewhere")
    return [
        {slugs[one["resource_id"]]: tuple(one[member] for member in members) for one in day["resources"]}
        for day in items
    ]


def figures(tenant: Tenant, first: int, end: int) -> dict[str, tuple[int, int, int]]:
    """Of each resource what was offered, what was reserved, in minutes, and the revenue."""
    period = {"from": in_days(first), "until": in_days(end)}
    items = get(tenant, "/statistics/top-resources", **period).json()["items"]
    return {one["slug"]: (one["offered_minutes"], one["reserved_minutes"], one["revenue"]) for one in items}


def nights(first: int, end: int) -> Json:
    return {"check_in_on": in_days(first), "check_out_on": in_days(end)}


def test_the_calendar_of_a_half_tells_what_the_hall_has_taken_of_it_and_the_other_way_round(hall: Tenant) -> None:
    """The example of docs/POLICIES.md."""
    whole = hall.reserved("hall", **at(3, 10, 12))
    hall.reserved("east", **at(4, 10, 12))
    hall.close("west", **at(5, 10, 12))
    assert calendar(hall, 3, 6) == [
        {"hall": OCCUPIED, "east": ELSEWHERE, "west": ELSEWHERE},
        {"hall": ELSEWHERE, "east": OCCUPIED, "west": FREE},
        {"hall": CLOSED, "east": FREE, "west": CLOSED},
    ]
    assert calendar(hall, 3, 6) == calendar(hall, 3, 6, as_of=database_now(hall))
    then = database_now(hall)
    hall.cancelled(whole)
    assert calendar(hall, 3, 4) == [{"hall": FREE, "east": FREE, "west": FREE}]
    assert calendar(hall, 3, 4, as_of=then) == [{"hall": OCCUPIED, "east": ELSEWHERE, "west": ELSEWHERE}]


def test_one_resource_alone_is_told_the_same(hall: Tenant) -> None:
    hall.reserved("hall", **at(3, 10, 12))
    east = hall.ids["east"]
    assert calendar(hall, 3, 4, resource_id=east) == [{"east": ELSEWHERE}]
    assert calendar(hall, 3, 4, resource_id=east, as_of=database_now(hall)) == [{"east": ELSEWHERE}]


def test_what_is_closed_is_not_told_once_more_as_taken(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="seats", document=HOURS, capacity=6), Offer(slug="tables", document=HOURS))
    share(tenant, "tables", tenant.ids["seats"], [1, 2, 3, 4, 5, 6], 2)
    tenant.close("seats", **at(3, 9, 12), units=[1])
    tenant.reserved("seats", **at(3, 10, 11))
    assert calendar(tenant, 3, 4) == [{"seats": (1, 1, 0), "tables": (0, 1, 0)}]
    tenant.reserved("seats", **at(3, 10, 11))
    assert calendar(tenant, 3, 4) == [{"seats": (2, 1, 0), "tables": (0, 1, 1)}]


def test_a_half_day_tells_from_when_until_when_others_have_it_and_not_who(hall: Tenant) -> None:
    times = at(3, 10, 12)
    made = hall.reserved("hall", **times)
    hall.as_role(Role.HOST)
    with psycopg.connect(hall.database.owner) as owner:
        owner.execute(LINK_HOST, [hall.ids["east"], hall.slug, f"host@{hall.slug}.example"])
    answer = get(hall, f"/calendar/{in_days(3)}", Role.HOST)
    day = answer.json()
    assert day["taken_elsewhere"] == [{"resource_id": str(hall.ids["east"]), **times, "units": [1]}]
    assert (day["arrivals"], day["staying"], day["departures"], day["closures"]) == ([], [], [], [])
    for secret in (made["id"], made["code"], str(hall.ids["hall"]), "Ada Lovelace"):
        assert secret not in answer.text
    seen = get(hall, f"/calendar/{in_days(3)}").json()
    assert {one["resource_id"] for one in seen["taken_elsewhere"]} == {str(hall.ids[slug]) for slug in ("east", "west")}
    assert get(hall, f"/calendar/{in_days(4)}").json()["taken_elsewhere"] == []


def test_the_host_of_a_half_sees_what_is_taken_and_closed_of_it_by_the_hall_that_they_do_not_see(hall: Tenant) -> None:
    hall.reserved("hall", **at(3, 10, 12))
    hall.close("hall", **at(4, 10, 12))
    hall.as_role(Role.HOST)
    with psycopg.connect(hall.database.owner) as owner:
        owner.execute(LINK_HOST, [hall.ids["east"], hall.slug, f"host@{hall.slug}.example"])
    expected = [{"east": ELSEWHERE}, {"east": CLOSED}, {"east": FREE}]
    assert calendar(hall, 3, 6, Role.HOST) == expected
    assert calendar(hall, 3, 6, Role.HOST, as_of=database_now(hall)) == expected


def test_what_was_taken_is_told_when_its_allocations_are_gone(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="seats", document=HOURS, capacity=6), Offer(slug="tables", document=HOURS))
    share(tenant, "tables", tenant.ids["seats"], [3, 4, 5, 6], 2)
    tenant.close("seats", **at(3, 10, 11), units=[1, 2])
    tenant.reserved("seats", **at(3, 10, 11))  # of 3 to 6
    before = calendar(tenant, 3, 4), figures(tenant, 3, 4)
    assert before[0] == [{"seats": (1, 2, 0), "tables": (0, 0, 1)}]
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(
            "DELETE FROM allocations WHERE tenant_id = (SELECT id FROM tenants WHERE slug = %s)", [tenant.slug]
        )
    assert (calendar(tenant, 3, 4), figures(tenant, 3, 4)) == before
    assert calendar(tenant, 3, 4, as_of=database_now(tenant)) == before[0]


UNKNOWN = """
INSERT INTO reservations (
    id, tenant_id, code, resource_id, guest_id, state, starts_at, ends_at, quantity, party_size, price, policy_id,
    policy_version, created_at, updated_at
)
SELECT
    gen_random_uuid(), tenant_id, 'UNKNOWN', resource_id, guest_id, 'completed', starts_at, ends_at, 3, 1, price,
    policy_id, policy_version, created_at, updated_at
FROM reservations WHERE id = %s
"""


def test_whose_units_nobody_knows_any_more_is_told_to_have_had_the_first_ones(
    make_tenant: Callable[..., Tenant],
) -> None:
    """As after a restore without the archive of events."""
    tenant = make_tenant(Offer(slug="seats", document=HOURS, capacity=6), Offer(slug="tables", document=HOURS))
    share(tenant, "tables", tenant.ids["seats"], [3, 4, 5, 6], 2)
    made = tenant.reserved("seats", **at(3, 10, 11))
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(UNKNOWN, [made["id"]])
    tenant.cancelled(made)
    assert calendar(tenant, 3, 4) == [{"seats": (3, 0, 0), "tables": (0, 0, 1)}]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_free_of_a_floor_or_the_house_is_what_listing_offers(house: Tenant, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - the same case each time
    for _ in range(8):
        first = dice.randint(3, 20)
        house.reserve(dice.choice(list(house.ids)), **nights(first, first + dice.randint(1, 3)))
    months = calendar(house, 3, 25)
    assert months == calendar(house, 3, 25, as_of=database_now(house))
    assert any(ELSEWHERE in day.values() for day in months)
    for slug in house.ids:
        listed = house.get(f"/resources/{slug}/availability", from_=in_days(3), until=in_days(25)).json()["nights"]
        offered = {night["on"]: night["remaining"] for night in listed}
        for number, day in enumerate(months, 3):
            assert 1 - sum(day[slug]) == offered.get(in_days(number), 0), (slug, number, day)
    found = figures(house, 3, 25)
    for slug, (offered_minutes, reserved, _) in found.items():
        sold = sum(day[slug] == OCCUPIED for day in months)
        free = sum(day[slug] == FREE for day in months)
        assert (offered_minutes, reserved) == ((sold + free) * NIGHT, sold * NIGHT)


def test_what_the_hall_sold_of_a_half_was_not_on_offer_and_the_revenue_is_the_halls(hall: Tenant) -> None:
    """The example of docs/STATISTICS.md."""
    day = NIGHT
    assert figures(hall, 3, 4) == dict.fromkeys(("hall", "east", "west"), (day, 0, 0))
    whole = hall.reserved("hall", **at(3, 10, 12))
    hall.reserved("east", **at(3, 14, 15))
    assert figures(hall, 3, 4) == {
        "hall": (day - 60, 120, 2000),
        "east": (day - 120, 60, 1000),
        "west": (day - 120, 0, 0),
    }
    hall.cancelled(whole)
    assert figures(hall, 3, 4) == {"hall": (day - 60, 0, 0), "east": (day, 60, 1000), "west": (day, 0, 0)}


def test_a_half_by_the_hour_of_a_house_by_the_night_is_taken_until_check_out(
    make_tenant: Callable[..., Tenant],
) -> None:
    tenant = make_tenant(
        Offer(slug="house", document=policy(STAY), assignment="labelled"),
        Offer(slug="room", document=HOURS, assignment="labelled"),
    )
    rooms = inventory(tenant, "Rooms", 2)
    share(tenant, "house", rooms, [1, 2], 2)
    share(tenant, "room", rooms, [1])
    tenant.reserved("house", **nights(3, 4))
    assert [day["room"] for day in calendar(tenant, 3, 6)] == [ELSEWHERE, ELSEWHERE, FREE]
    assert [day["house"] for day in calendar(tenant, 3, 6)] == [OCCUPIED, FREE, FREE]
    assert figures(tenant, 3, 5)["room"][0] == 2 * NIGHT - 20 * 60  # from 15:00 to 11:00
    tenant.reserved("room", **at(6, 10, 12))
    assert figures(tenant, 5, 7)["house"][0] == NIGHT  # the night before lasts until 11:00


def test_a_tour_has_no_guide_while_another_has_and_is_not_on_offer(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(
        Offer(slug="peak", document=TOURS, capacity=5, windows=windows(3)),
        Offer(slug="lake", document=TOURS, capacity=2, windows=windows(3)),
        Offer(slug="guide", document=HOURS),
    )
    guide = inventory(tenant, "Guide", 1)
    for slug in ("peak", "lake"):
        need(tenant, slug, guide, [1])
    share(tenant, "guide", guide, [1])
    for _ in range(2):
        tenant.reserved("peak", **at(3, 10, 12))
    assert slots(tenant, "lake")[10] == 0
    assert calendar(tenant, 3, 4) == [{"peak": (2, 0, 0), "lake": (0, 0, 2), "guide": ELSEWHERE}]
    assert calendar(tenant, 3, 4) == calendar(tenant, 3, 4, as_of=database_now(tenant))
    found = {slug: offered for slug, (offered, _, _) in figures(tenant, 3, 4).items()}
    assert found == {"peak": 5 * 600, "lake": 2 * 480, "guide": NIGHT - 120}


def test_who_left_the_hall_early_left_its_halves_too(hall: Tenant) -> None:
    made = hall.reserved("hall", **at(1, 10, 14))
    left_at = datetime.fromisoformat(made["starts_at"]) + timedelta(hours=1)
    with psycopg.connect(hall.database.owner) as owner:
        owner.execute(
            "UPDATE reservations SET state = 'completed', checked_out_at = %s WHERE id = %s", [left_at, made["id"]]
        )
    assert figures(hall, 1, 2)["east"] == (NIGHT - 60, 0, 0)
    [taken] = [
        one
        for one in get(hall, f"/calendar/{in_days(1)}").json()["taken_elsewhere"]
        if one["resource_id"] == str(hall.ids["east"])
    ]
    assert datetime.fromisoformat(taken["ends_at"]) == left_at
