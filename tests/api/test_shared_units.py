"""Resources that draw from the same units: what one takes the others do not have, in listings and in refusals."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from chalicelib.access.model.people import Role
from chalicelib.reporting.storage.check import prove, snapshot
from tests.api.tenant import asked, in_days
from tests.offers import INTERVAL, SLOT, STAY, Offer, policy
from tools.consistency import LEGAL

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    import httpx

    from tests.api.tenant import Tenant
    from tests.offers import Json

HOURS = policy(INTERVAL, per="hour", amount=1000)
TOURS = policy({**SLOT, "slot_minutes": 120, "step_minutes": 60}, per="slot", amount=1000)


def windows(*days: int) -> list[tuple[datetime, datetime]]:
    dates = [datetime.combine((datetime.now(UTC) + timedelta(days=day)).date(), time(), UTC) for day in days]
    return [(date + timedelta(hours=8), date + timedelta(hours=18)) for date in dates]


def inventory(tenant: Tenant, name: str, capacity: int) -> str:
    return tenant.staff("/inventories", name=name, capacity=capacity)["id"]


def try_to_share(tenant: Tenant, slug: str, **body: Any) -> httpx.Response:  # noqa: ANN401 - JSON
    headers = {**tenant.as_role(Role.MANAGER), "If-Match": "*"}
    return tenant.client.put(f"/tenants/{tenant.slug}/resources/{slug}/inventory", json=body, headers=headers)


def share(tenant: Tenant, slug: str, inventory_id: str | UUID, units: list[int], units_each: int = 1) -> Json:
    draws = {"inventory_id": str(inventory_id), "units": units, "units_each": units_each}
    answer = try_to_share(tenant, slug, draws=draws)
    assert answer.status_code == 200, answer.text
    return answer.json()


def need(tenant: Tenant, slug: str, inventory_id: str, units: list[int]) -> Json:
    answer = try_to_share(tenant, slug, needs={"inventory_id": inventory_id, "units": units})
    assert answer.status_code == 200, answer.text
    return answer.json()


def at(day: int, first: int, end: int) -> dict[str, str]:
    return {"starts_at": f"{in_days(day)}T{first:02}:00:00Z", "ends_at": f"{in_days(day)}T{end:02}:00:00Z"}


def nothing_is_broken(tenant: Tenant) -> None:
    with snapshot(tenant.database.jobs) as connection:
        found = [finding for verdict in prove(connection, LEGAL, most=1000) for finding in verdict.findings]
    assert [finding for finding in found if finding.tenant == tenant.slug] == []


def free(tenant: Tenant, **query: object) -> dict[str, int]:
    """How much of each resource can be had, by the search for a time."""
    matches = tenant.get("/availability", **asked(query)).json()["items"]
    return {match["slug"]: match["remaining"] if match["bookable"] else 0 for match in matches}


def great_hall(make_tenant: Callable[..., Tenant]) -> Tenant:
    """A tenant with a hall and its two halves."""
    tenant = make_tenant(
        Offer(slug="hall", document=HOURS, assignment="labelled"),
        Offer(slug="east", document=HOURS, assignment="labelled"),
        Offer(slug="west", document=HOURS, assignment="labelled"),
    )
    halves = inventory(tenant, "Great hall", 2)
    share(tenant, "hall", halves, [1, 2], 2)
    share(tenant, "east", halves, [1])
    share(tenant, "west", halves, [2])
    return tenant


@pytest.fixture
def hall(make_tenant: Callable[..., Tenant]) -> Tenant:
    return great_hall(make_tenant)


LOCK = """
INSERT INTO edit_locks (tenant_id, id, resource_id, during, holder_id, holder_name, fencing, acquired_at, expires_at)
SELECT tenant_id, gen_random_uuid(), id, tstzrange(%s, %s), gen_random_uuid(), 'Grace', nextval('edit_lock_fencing'),
    clock_now(), clock_now() + interval '1 hour'
FROM resources WHERE id = %s
"""


def test_who_edits_a_half_keeps_other_staff_out_of_the_hall_and_not_out_of_the_other_half(hall: Tenant) -> None:
    times = at(3, 10, 12)
    with psycopg.connect(hall.database.owner) as owner:
        owner.execute(LOCK, [times["starts_at"], times["ends_at"], hall.ids["east"]])

    def reserve(slug: str, when: dict[str, str], **headers: str) -> int | str:
        guest = {"name": "Ada", "email": "ada@example.org"}
        body = {"resource_id": str(hall.ids[slug]), "guest": guest, **when}
        answer = hall.post("/reservations", body, **headers)
        return 201 if answer.status_code == 201 else answer.json()["code"]

    staff = hall.as_role()
    assert reserve("hall", times, **staff) == reserve("east", times, **staff) == "edit_locked"
    assert reserve("west", times, **staff) == 201
    assert reserve("hall", at(4, 10, 12), **staff) == 201
    assert reserve("east", times) == 201  # guests are kept out by nobody's editing


def test_nobody_lets_a_resource_draw_from_units_that_somebody_is_editing(hall: Tenant) -> None:
    times = at(3, 10, 12)
    hall_id, west = hall.ids["hall"], hall.ids["west"]
    assert try_to_share(hall, "west").status_code == 200
    drawn = "SELECT inventory_id FROM resources WHERE id = %s"
    with psycopg.connect(hall.database.owner) as owner:
        owner.execute(LOCK, [times["starts_at"], times["ends_at"], hall_id])
        inventory_id = (owner.execute(drawn, [hall_id]).fetchone() or ("",))[0]
    back = {"draws": {"inventory_id": str(inventory_id), "units": [2]}}
    refused = try_to_share(hall, "west", **back)
    assert (refused.status_code, refused.json()["code"]) == (409, "edit_locked"), refused.text
    assert refused.json()["edit_lock"]["resource_id"] == str(hall_id)
    with psycopg.connect(hall.database.owner) as owner:
        assert owner.execute(drawn, [west]).fetchone() == (west,)
        owner.execute("UPDATE edit_locks SET expires_at = clock_now() WHERE resource_id = %s", [hall_id])
    assert try_to_share(hall, "west", **back).status_code == 200


def test_a_hall_and_its_halves_exclude_each_other_and_the_halves_do_not(hall: Tenant) -> None:
    east = hall.reserved("east", **at(3, 10, 12))
    assert east["units"] == [1]
    assert free(hall, **at(3, 11, 12)) == {"hall": 0, "east": 0, "west": 1}
    refused = hall.reserve("hall", **at(3, 11, 13))
    assert (refused.status_code, refused.json()["code"]) == (409, "no_capacity")
    assert refused.json()["blocked_by"] == ["reservations"]
    for alternative in refused.json()["alternatives"]:
        times = {name: alternative[name] for name in ("starts_at", "ends_at")}
        made = hall.post(
            "/reservations",
            {"resource_id": alternative["resource_id"], "guest": {"name": "A", "email": "a@example.org"}, **times},
        )
        assert made.status_code == 201, made.text
        hall.cancelled(made.json())
    hall.cancelled(east)
    whole = hall.reserved("hall", **at(3, 11, 13))
    assert whole["units"] == [1, 2]
    assert free(hall, **at(3, 12, 13)) == {"hall": 0, "east": 0, "west": 0}
    assert hall.reserve("west", **at(3, 12, 14)).status_code == 409
    assert hall.reserved("west", **at(3, 13, 14))["units"] == [2]
    nothing_is_broken(hall)


def test_a_closure_of_the_hall_closes_its_halves_and_the_other_way_round(hall: Tenant) -> None:
    closed = hall.close("hall", **at(3, 10, 12))
    assert free(hall, **at(3, 11, 12)) == {"hall": 0, "east": 0, "west": 0}
    half = hall.close("west", **at(3, 11, 14))
    assert free(hall, **at(3, 12, 14)) == {"hall": 0, "east": 1, "west": 0}
    nothing_is_broken(hall)
    for one in (closed, half):
        path = f"/tenants/{hall.slug}/closures/{one['id']}"
        assert hall.client.delete(path, headers=hall.as_editor()).status_code == 204
        nothing_is_broken(hall)
    made = hall.reserved("east", **at(3, 10, 12))
    refused = hall.try_to_close("hall", **at(3, 11, 12))
    assert [one["code"] for one in refused.json()["reservations"]] == [made["code"]]
    assert hall.try_to_close("west", **at(3, 11, 12)).status_code == 201
    nothing_is_broken(hall)


def test_what_is_closed_of_the_hall_is_not_on_offer_of_its_halves(hall: Tenant) -> None:
    hall.close("hall", **at(3, 6, 18))
    hall.close("west", **at(3, 12, 20))
    headers = hall.as_role()
    period = {"from": in_days(3), "until": in_days(4)}
    days = hall.client.get(f"/tenants/{hall.slug}/calendar", params=period, headers=headers).json()["items"]
    assert [one["closed"] for one in days[0]["resources"]] == [1, 1, 1]
    figures = hall.client.get(f"/tenants/{hall.slug}/statistics/top-resources", params=period, headers=headers).json()
    offered = {one["slug"]: one["offered_minutes"] for one in figures["items"]}
    assert offered == {"hall": 10 * 60, "east": 12 * 60, "west": 10 * 60}
    plan = hall.client.get(f"/tenants/{hall.slug}/calendar/{in_days(3)}", headers=headers).json()
    assert len(plan["closures"]) == 2


def test_a_boat_is_sold_by_seat_or_whole(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(
        Offer(slug="seats", document=HOURS, capacity=6), Offer(slug="boat", document=HOURS, max_party_size=6)
    )
    assert share(tenant, "boat", tenant.ids["seats"], [1, 2, 3, 4, 5, 6], 6)["capacity"] == 1
    tenant.reserved("seats", **at(3, 9, 10), quantity=2)
    assert free(tenant, **at(3, 9, 10)) == {"seats": 4, "boat": 0}
    assert tenant.reserve("boat", **at(3, 9, 12)).status_code == 409
    tenant.reserved("boat", **at(3, 10, 12))
    assert free(tenant, **at(3, 11, 12)) == {"seats": 0, "boat": 0}
    ranges = tenant.get("/resources/seats/availability", from_=in_days(3), until=in_days(4)).json()["ranges"]
    free_until = [(one["ends_at"][11:16], one["remaining"]) for one in ranges if one["starts_at"][11:16] == "00:00"]
    assert ("10:00", 4) in free_until
    assert tenant.reserve("seats", **at(3, 9, 11), quantity=1).status_code == 409
    nothing_is_broken(tenant)


def test_what_takes_several_units_is_counted_by_what_is_left_of_them(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="seats", document=HOURS, capacity=6), Offer(slug="tables", document=HOURS))
    assert share(tenant, "tables", tenant.ids["seats"], [1, 2, 3, 4, 5, 6], 2)["capacity"] == 3
    tenant.reserved("seats", **at(3, 9, 10))
    tenant.reserved("seats", **at(3, 10, 11))
    assert free(tenant, **at(3, 9, 11)) == {"seats": 5, "tables": 2}
    refused = tenant.reserve("tables", **at(3, 9, 11), quantity=3)
    assert (refused.json()["free"], refused.json()["wanted"]) == (2, 3)
    assert len(tenant.reserved("tables", **at(3, 9, 11), quantity=2)["units"]) >= 4
    assert tenant.reserve("tables", **at(3, 9, 11)).status_code == 409
    assert free(tenant, **at(3, 9, 11))["tables"] == 0
    tenant.reserved("seats", **at(3, 14, 15), quantity=3)
    assert free(tenant, **at(3, 14, 15)) == {"seats": 3, "tables": 1}
    nothing_is_broken(tenant)


def test_a_host_has_one_service_at_a_time(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="massage", document=HOURS), Offer(slug="yoga", document=HOURS))
    person = inventory(tenant, "Anna", 1)
    for slug in ("massage", "yoga"):
        share(tenant, slug, person, [1])
    tenant.reserved("massage", **at(3, 9, 10))
    assert tenant.reserve("yoga", **at(3, 9, 11)).status_code == 409
    tenant.reserved("yoga", **at(3, 10, 11))
    assert tenant.staff("/inventories", name="Ben", capacity=1)["resources"] == []
    listed = tenant.client.get(f"/tenants/{tenant.slug}/inventories", headers=tenant.as_role()).json()["items"]
    assert [(one["name"], [drawing["slug"] for drawing in one["resources"]]) for one in listed] == [
        ("Anna", ["massage", "yoga"]),
        ("Ben", []),
    ]
    nothing_is_broken(tenant)


def test_labelled_reservations_of_one_resource_make_room_for_another_that_shares_their_units(
    make_tenant: Callable[..., Tenant],
) -> None:
    tenant = make_tenant(
        Offer(slug="any", document=policy(STAY), capacity=3, assignment="labelled"),
        Offer(slug="view", document=policy(STAY), assignment="labelled"),
    )
    share(tenant, "view", tenant.ids["any"], [1, 2])

    def nights(first: int, end: int) -> dict[str, str]:
        return {"check_in_on": in_days(first), "check_out_on": in_days(end)}

    leaving = tenant.reserved("any", **nights(5, 9))
    late = tenant.reserved("any", **nights(7, 9))
    tenant.cancelled(leaving)
    early = tenant.reserved("any", **nights(5, 7))
    assert (early["units"], late["units"]) == ([1], [2])
    assert free(tenant, **nights(5, 9)) == {"any": 2, "view": 1}
    [unit] = tenant.reserved("view", **nights(5, 9))["units"]
    headers = tenant.as_role()
    paths = [f"/tenants/{tenant.slug}/reservations/{one['id']}" for one in (early, late)]
    units = [tenant.client.get(path, headers=headers).json()["units"] for path in paths]
    assert (unit in {1, 2}, [unit] in units) == (True, False)
    assert free(tenant, **nights(5, 9)) == {"any": 1, "view": 0}
    nothing_is_broken(tenant)


def test_guests_are_exchanged_only_within_what_their_own_resource_draws_from(
    make_tenant: Callable[..., Tenant],
) -> None:
    tenant = make_tenant(
        Offer(slug="any", document=policy(STAY), capacity=3, assignment="labelled"),
        Offer(slug="sea", document=policy(STAY), assignment="labelled"),
        Offer(slug="hill", document=policy(STAY), assignment="labelled"),
        Offer(slug="cove", document=policy(STAY), assignment="labelled"),
    )
    share(tenant, "sea", tenant.ids["any"], [1])
    share(tenant, "hill", tenant.ids["any"], [2])
    share(tenant, "cove", tenant.ids["any"], [3])
    tenant.reserved("sea", check_in_on=in_days(5), check_out_on=in_days(7))
    tenant.reserved("hill", check_in_on=in_days(7), check_out_on=in_days(9))
    stay = {"check_in_on": in_days(5), "check_out_on": in_days(9)}
    tenant.reserved("cove", **stay)
    assert free(tenant, **stay) == {"any": 0, "sea": 0, "hill": 0, "cove": 0}
    refused = tenant.reserve("any", **stay)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_capacity")
    nothing_is_broken(tenant)


@pytest.fixture
def guided(make_tenant: Callable[..., Tenant]) -> Tenant:
    """Two tours with seats of their own that the same guide leads."""
    tenant = make_tenant(
        Offer(slug="peak", document=TOURS, capacity=5, windows=windows(3)),
        Offer(slug="lake", document=TOURS, capacity=2, windows=windows(3)),
    )
    guide = inventory(tenant, "Guide", 1)
    for slug in ("peak", "lake"):
        need(tenant, slug, guide, [1])
    return tenant


def slots(tenant: Tenant, slug: str) -> dict[int, int]:
    answer = tenant.get(f"/resources/{slug}/availability", from_=in_days(3), until=in_days(4))
    return {int(slot["starts_at"][11:13]): slot["remaining"] for slot in answer.json()["slots"]}


def test_guests_of_one_departure_share_the_guide_and_other_tours_have_no_guide_meanwhile(guided: Tenant) -> None:
    first = guided.reserved("peak", **at(3, 10, 12), quantity=2)
    second = guided.reserved("peak", **at(3, 10, 12), quantity=1)
    assert slots(guided, "peak") == {8: 5, 9: 0, 10: 2, 11: 0, 12: 5, 13: 5, 14: 5, 15: 5, 16: 5}
    assert slots(guided, "lake") == {8: 2, 9: 0, 10: 0, 11: 0, 12: 2, 13: 2, 14: 2, 15: 2, 16: 2}
    for slug, hour in (("peak", 9), ("lake", 10), ("lake", 11)):
        refused = guided.reserve(slug, **at(3, hour, hour + 2))
        assert (refused.status_code, refused.json()["code"]) == (409, "no_capacity")
        assert refused.json()["blocked_by"] == ["reservations"]
        assert refused.json()["alternatives"]
    nothing_is_broken(guided)
    guided.cancelled(first)
    assert guided.reserve("lake", **at(3, 10, 12)).status_code == 409
    guided.cancelled(second)
    assert guided.reserved("lake", **at(3, 10, 12))["units"] in ([1], [2])
    assert slots(guided, "peak")[10] == 0
    nothing_is_broken(guided)


def test_a_departure_is_moved_as_a_whole_or_its_guest_joins_another(guided: Tenant) -> None:
    one, two = (guided.reserved("peak", **at(3, 10, 12)) for _ in range(2))
    assert guided.change(one, "move", **at(3, 11, 13)).status_code == 409
    moved = guided.change(one, "move", **at(3, 14, 16))
    assert moved.status_code == 200, moved.text
    assert slots(guided, "lake") == {8: 2, 9: 0, 10: 0, 11: 0, 12: 2, 13: 0, 14: 0, 15: 0, 16: 2}
    joined = guided.change(two, "move", **at(3, 14, 16))
    assert joined.status_code == 200, joined.text
    assert slots(guided, "lake")[10] == 2
    nothing_is_broken(guided)


def test_a_guide_who_was_only_held_is_free_when_the_hold_ends(make_tenant: Callable[..., Tenant]) -> None:
    held = {**TOURS, "confirmation": {"kind": "hold", "hold_minutes": 5}}
    tenant = make_tenant(
        Offer(slug="peak", document=held, capacity=5, windows=windows(3)),
        Offer(slug="lake", document=TOURS, capacity=2, windows=windows(3)),
    )
    guide = inventory(tenant, "Guide", 1)
    for slug in ("peak", "lake"):
        need(tenant, slug, guide, [1])
    made = tenant.reserved("peak", **at(3, 10, 12))
    assert tenant.reserve("lake", **at(3, 10, 12)).status_code == 409
    with psycopg.connect(tenant.database.owner) as owner:
        for table, key, column in (
            ("reservations", "id", "hold_expires_at"),
            ("allocations", "owner_id", "held_until"),
        ):
            ended = SQL("UPDATE {} SET {} = now() - interval '1 second' WHERE {} = %s AND {} IS NOT NULL")
            names = (Identifier(name) for name in (table, column, key, column))
            owner.execute(ended.format(*names), [made["id"]])
    assert slots(tenant, "lake")[10] == 2
    tenant.reserved("lake", **at(3, 10, 12))
    assert slots(tenant, "peak")[10] == 0
    nothing_is_broken(tenant)


def test_what_a_resource_draws_from_stays_while_something_of_it_is_reserved_or_closed(hall: Tenant) -> None:
    other = inventory(hall, "Annex", 3)
    draws = {"inventory_id": other, "units": [1, 2, 3]}
    made = hall.reserved("east", **at(3, 10, 12))
    refused = try_to_share(hall, "east", draws=draws)
    assert [one["code"] for one in refused.json()["reservations"]] == [made["code"]]
    hall.cancelled(made)
    closed = hall.close("east", **at(3, 10, 12))
    assert try_to_share(hall, "east", draws=draws).json()["code"] == "conflict"
    hall.client.delete(f"/tenants/{hall.slug}/closures/{closed['id']}", headers=hall.as_editor())
    changed = try_to_share(hall, "east", draws=draws).json()
    assert (changed["capacity"], changed["draws"]) == (3, {**draws, "units": [1, 2, 3], "units_each": 1})
    assert try_to_share(hall, "east").json()["draws"] is None
    assert hall.reserved("east", **at(3, 10, 12))["units"] in ([1], [2], [3])
    hall.reserved("hall", **at(3, 10, 12))
    nothing_is_broken(hall)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"draws": {"units": [1, 3]}}, "draws.units"),
        ({"draws": {"units": [1, 2], "units_each": 3}}, "draws.units_each"),
        ({"draws": {"units": [1]}, "needs": {"units": [2]}}, "needs.inventory_id"),
    ],
)
def test_units_that_there_are_not_cannot_be_drawn(hall: Tenant, body: Json, field: str) -> None:
    items = hall.client.get(f"/tenants/{hall.slug}/inventories", headers=hall.as_role()).json()["items"]
    for wanted in body.values():
        wanted["inventory_id"] = items[0]["id"]
    refused = try_to_share(hall, "east", **body)
    assert (refused.status_code, refused.json()["violations"][0]["field"]) == (422, field), refused.text


def test_a_capacity_that_follows_from_shared_units_is_not_set_by_itself(hall: Tenant) -> None:
    headers = {**hall.as_role(Role.MANAGER), "If-Match": "*"}
    refused = hall.client.patch(f"/tenants/{hall.slug}/resources/east", json={"capacity": 2}, headers=headers)
    assert (refused.status_code, refused.json()["violations"][0]["field"]) == (422, "capacity")


def test_who_others_draw_from_keeps_its_own_units(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="seats", document=HOURS, capacity=4), Offer(slug="boat", document=HOURS))
    share(tenant, "boat", tenant.ids["seats"], [1, 2, 3, 4], 4)
    refused = try_to_share(tenant, "seats", draws={"inventory_id": inventory(tenant, "Else", 4), "units": [1]})
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    headers = {**tenant.as_role(Role.MANAGER), "If-Match": "*"}
    path = f"/tenants/{tenant.slug}/resources/seats"
    assert tenant.client.patch(path, json={"capacity": 3}, headers=headers).status_code == 200
    assert free(tenant, **at(3, 9, 10)) == {"seats": 3, "boat": 0}
    nothing_is_broken(tenant)
    assert tenant.client.patch(path, json={"capacity": 4}, headers=headers).status_code == 200
    made = tenant.reserved("boat", **at(3, 9, 10))
    refused = tenant.client.patch(path, json={"capacity": 3}, headers=headers)
    assert [one["code"] for one in refused.json()["reservations"]] == [made["code"]]
    nothing_is_broken(tenant)
