"""A capacity is lowered exactly if everybody who has reserved finds room in what is left."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.access.model.people import Role
from chalicelib.reporting.storage.check import prove, snapshot
from tests.api.tenant import asked, in_days
from tests.offers import INTERVAL, STAY, Offer, policy
from tools.consistency import LEGAL

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant
    from tests.offers import Json

CAPACITY = 6
BLOCKED = """
SELECT units::text, round(extract(EPOCH FROM ends_at - starts_at) / 60)::integer, pinned
FROM allocations WHERE owner_id = %s ORDER BY starts_at
"""
RUNNING = (
    "UPDATE reservations SET starts_at = starts_at - %(by)s, ends_at = ends_at - %(by)s WHERE id = %(id)s",
    """
    UPDATE allocations SET
        during = tstzrange(lower(during) - %(by)s, upper(during) - %(by)s), units = '{[5,7)}', pinned = true
    WHERE owner_id = %(id)s
    """,
)


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(
        Offer(slug="kayaks", document=policy(INTERVAL, per="hour"), capacity=CAPACITY),
        Offer(slug="cabins", document=policy(STAY), capacity=3, assignment="labelled", units=("A", "B", "C")),
    )


def lower(tenant: Tenant, slug: str, capacity: int) -> httpx.Response:
    headers = {**tenant.as_role(Role.MANAGER), "If-Match": "*"}
    return tenant.client.patch(f"/tenants/{tenant.slug}/resources/{slug}", json={"capacity": capacity}, headers=headers)


def preview(tenant: Tenant, slug: str, lowered_to: int, **times: str) -> list[Json]:
    body = {"resource_id": str(tenant.ids[slug]), "reason": "test", "lowered_to": lowered_to, **times}
    return tenant.staff("/closures/preview", **body)["reservations"]


def paddled(tenant: Tenant, day: int, first: int, end: int, quantity: int) -> httpx.Response:
    times = [f"{in_days(day)}T{hour:02}:00:00Z" for hour in (first, end)]
    return tenant.reserve("kayaks", starts_at=times[0], ends_at=times[1], quantity=quantity)


def nothing_is_broken(tenant: Tenant) -> None:
    with snapshot(tenant.database.jobs) as connection:
        found = [finding for verdict in prove(connection, LEGAL, most=1000) for finding in verdict.findings]
    assert [finding for finding in found if finding.tenant == tenant.slug] == []


@pytest.mark.parametrize("seed", range(4))
def test_a_pool_is_lowered_exactly_if_the_sum_fits_at_every_instant(tenant: Tenant, seed: int) -> None:
    choice = random.Random(seed)  # noqa: S311 - the same case each time
    hours = [0] * 24
    for _ in range(25):
        first = choice.randrange(22)
        end, quantity = min(23, first + choice.randint(1, 5)), choice.randint(1, 2)
        if paddled(tenant, 3, first, end, quantity).status_code == 201:
            for hour in range(first, end):
                hours[hour] += quantity
    tenant.close("kayaks", starts_at=f"{in_days(3)}T23:00:00Z", ends_at=f"{in_days(4)}T01:00:00Z", units=[1, CAPACITY])
    peak = max(hours)
    for capacity in range(CAPACITY - 1, 0, -1):
        day = {"starts_at": f"{in_days(3)}T00:00:00Z", "ends_at": f"{in_days(4)}T00:00:00Z"}
        stuck = preview(tenant, "kayaks", capacity, **day)
        answer = lower(tenant, "kayaks", capacity)
        assert (answer.status_code, not stuck) == ((200, True) if capacity >= peak else (409, False)), answer.text
        if capacity < peak:
            assert answer.json()["reservations"] == stuck
            break
        nothing_is_broken(tenant)
    for hour in range(23):
        left = max(1, peak) - hours[hour]
        if left:
            assert paddled(tenant, 3, hour, hour + 1, left).status_code == 201, hour
        assert paddled(tenant, 3, hour, hour + 1, 1).status_code == 409, hour
    nothing_is_broken(tenant)


def test_what_was_used_of_a_pool_stays_and_the_rest_goes_on_in_other_units(tenant: Tenant) -> None:
    made = paddled(tenant, 2, 10, 16, 2).json()
    by = datetime.fromisoformat(made["starts_at"]) - datetime.now(UTC) + timedelta(hours=2)
    with psycopg.connect(tenant.database.owner) as owner:
        for statement in RUNNING:
            owner.execute(statement, {"by": by, "id": made["id"]})
    assert lower(tenant, "kayaks", 1).status_code == 409
    assert lower(tenant, "kayaks", 5).status_code == 200
    with psycopg.connect(tenant.database.owner) as owner:
        past, rest = owner.execute(BLOCKED, [made["id"]]).fetchall()
    assert (past[0], past[1]) == ("{[5,7)}", 120)
    assert (rest[0].startswith("{[4,6)}") or rest[0].endswith(",[5,6)}"), rest[1]) == (True, 4 * 60)
    assert past[2] == rest[2] is True
    path, query = f"/tenants/{tenant.slug}/audit", {"entity_id": made["id"]}
    events = tenant.client.get(path, params=query, headers=tenant.as_role()).json()["items"]
    assert [event["type"] for event in events] == ["reservation.units_changed", "reservation.created"]


def test_labelled_units_are_exchanged_unless_they_were_promised(tenant: Tenant) -> None:
    nights = {"check_in_on": in_days(4), "check_out_on": in_days(6)}
    first, last = tenant.reserved("cabins", **nights, quantity=2), tenant.reserved("cabins", **nights)
    assert (first["units"], last["units"]) == ([1, 2], [3])
    assert lower(tenant, "cabins", 2).json()["reservations"][0]["id"] == last["id"]
    tenant.cancelled(first)
    assert lower(tenant, "cabins", 2).status_code == 200
    path = f"/tenants/{tenant.slug}/reservations/{last['id']}"
    moved = tenant.client.get(path, headers=tenant.as_role()).json()
    assert moved["units"] in ([1], [2])
    nothing_is_broken(tenant)
    promised = tenant.staff(
        "/reservations",
        resource_id=str(tenant.ids["cabins"]),
        guest={"name": "Ada", "email": "ada@example.org"},
        check_in_on=in_days(9),
        check_out_on=in_days(10),
        unit=2,
    )
    answer = lower(tenant, "cabins", 1)
    assert [one["id"] for one in answer.json()["reservations"]] == [promised["id"]]


def test_a_lowered_capacity_is_raised_up_to_the_bound_and_no_further(tenant: Tenant) -> None:
    assert lower(tenant, "kayaks", 3).status_code == 200
    assert lower(tenant, "kayaks", 100_000).json()["capacity"] == 100_000
    nothing_is_broken(tenant)
    assert paddled(tenant, 3, 10, 12, 5_000).status_code == 201
    refused = lower(tenant, "kayaks", 100_001)
    assert (refused.status_code, "100000" in refused.text) == (422, True)
    assert lower(tenant, "kayaks", 5_000).status_code == 200
    nothing_is_broken(tenant)


def test_what_a_lowered_capacity_leaves_is_listed(tenant: Tenant) -> None:
    assert lower(tenant, "kayaks", 4).status_code == 200
    assert lower(tenant, "cabins", 2).status_code == 200
    times = {"starts_at": f"{in_days(3)}T10:00:00Z", "ends_at": f"{in_days(3)}T12:00:00Z"}
    nights = {"check_in_on": in_days(3), "check_out_on": in_days(5)}
    found = [
        match for query in (times, nights) for match in tenant.get("/availability", **asked(query)).json()["items"]
    ]
    assert [(one["slug"], one["remaining"], one["bookable"]) for one in found] == [
        ("kayaks", 4, True),
        ("cabins", 2, True),
    ]
