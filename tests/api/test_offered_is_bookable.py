"""What availability offers is what admission accepts, however full and however fixed the units are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.api.tenant import asked, in_days
from tests.offers import INTERVAL, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.tenant import Tenant

BUFFERS = {"rule": "buffers", "before_minutes": 0, "after_minutes": 24 * 60}
DAYS = 9


def nights(first: int, length: int) -> dict[str, str]:
    return {"check_in_on": in_days(first), "check_out_on": in_days(first + length)}


def fill(tenant: Tenant, random: Random, *, labelled: bool) -> None:
    """Make some reservations, of which some keep a room that was promised, are in it, or leave; close some units."""
    for _ in range(12):
        first, length = random.randrange(DAYS), random.randint(1, 4)
        match random.choice(["any", "any", "any", "unit", "close", "cancel"]):
            case "unit" if labelled:
                tenant.reserve("rooms", **nights(first, length), unit=random.randint(1, 4))
            case "close":
                day = in_days(first)
                tenant.try_to_close(
                    "rooms", starts_at=f"{day}T18:00Z", ends_at=f"{day}T20:00Z", units=[random.randint(1, 4)]
                )
            case kind:
                made = tenant.reserve("rooms", **nights(first, length), quantity=random.choice([1, 1, 2]))
                if made.status_code == 201 and kind == "cancel":
                    tenant.cancelled(made.json())
                elif made.status_code == 201 and first == 0:
                    tenant.staff(f"/reservations/{made.json()['id']}/check-in")


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("assignment", ["labelled", "pooled"])
def test_a_stay_is_offered_exactly_where_it_can_be_had(
    assignment: str, seed: int, make_tenant: Callable[..., Tenant]
) -> None:
    random = Random(f"{assignment} {seed}")  # noqa: S311 - the same cases every time
    document = policy(STAY, *([BUFFERS] if seed % 2 else []))
    tenant = make_tenant(Offer(slug="rooms", document=document, capacity=4, assignment=assignment))
    fill(tenant, random, labelled=assignment == "labelled")
    refused = 0
    for first in range(DAYS):
        for length in (1, 2, 4):
            quantity = random.choice([1, 2])
            wanted = {**nights(first, length), "quantity": quantity}
            [match] = tenant.get("/availability", **asked(wanted)).json()["items"]
            made = tenant.reserve("rooms", **wanted)
            assert (made.status_code == 201) == match["bookable"], made.text
            if made.status_code == 201:
                tenant.cancelled(made.json())
            else:
                refused += 1
                assert match["blocked_by"] == made.json()["blocked_by"]
                assert match["remaining"] >= made.json()["free"]
    assert refused


EVENINGS = {day: [{"opens": "18:00", "closes": "02:00"}] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("zone", ["America/Santiago", "Asia/Kathmandu"])
def test_an_interval_is_in_a_free_range_exactly_where_it_can_be_had(
    zone: str, seed: int, make_tenant: Callable[..., Tenant]
) -> None:
    """A place that is open past midnight and closed on one evening, where starts are rarer than ends."""
    random = Random(f"{zone} {seed}")  # noqa: S311 - the same cases every time
    closed = {"from_on": in_days(5), "until_on": in_days(6), "reason": "Private party."}
    rules = (
        {"rule": "opening_hours", "weekly": EVENINGS},
        {"rule": "grid", "step_minutes": 60},
        {"rule": "blackout_dates", "ranges": [closed]},
        {"rule": "per_day_limit", "limit": 2, "scope": "resource"},
    )
    document = policy({**INTERVAL, "offered_in": "opening_hours"}, *rules, per="hour")
    tenant = make_tenant(Offer(slug="bar", document=document, capacity=1), timezone=zone)
    local = ZoneInfo(zone)
    evening = datetime.fromisoformat(f"{in_days(4)}T18:00").replace(tzinfo=local)
    for hours in (0, 2):
        tenant.reserved("bar", **times(evening + timedelta(days=2, hours=hours), 30))
    tenant.reserved("bar", **times(evening + timedelta(days=3, hours=7), 60))
    listed = tenant.get("/resources/bar/availability", from_=in_days(4), until=in_days(9)).json()["ranges"]
    free = [
        [datetime.fromisoformat(one[member]) for member in ("starts_at", "latest_start_at", "ends_at")]
        for one in listed
    ]
    seen = set[bool]()
    for _ in range(40):
        starts_at = evening + timedelta(days=random.randrange(4), minutes=30 * random.randrange(17))
        wanted = times(starts_at, random.choice([30, 60, 90, 240]))
        starts, ends = (datetime.fromisoformat(wanted[member]) for member in ("starts_at", "ends_at"))
        is_listed = starts.astimezone(local).minute == 0 and any(
            one[0] <= starts <= one[1] and ends <= one[2] for one in free
        )
        made = tenant.reserve("bar", **wanted)
        assert (made.status_code == 201) == is_listed, (wanted, made.text)
        if is_listed:
            tenant.cancelled(made.json())
        seen.add(is_listed)
    assert seen == {True, False}


def times(starts_at: datetime, minutes: int) -> dict[str, str]:
    instant = starts_at.astimezone(UTC)
    return {"starts_at": instant.isoformat(), "ends_at": (instant + timedelta(minutes=minutes)).isoformat()}


def test_at_half_past_midnight_it_is_still_the_evening_that_a_blackout_closes(
    make_tenant: Callable[..., Tenant],
) -> None:
    closed = {"from_on": in_days(5), "until_on": in_days(6), "reason": "Private party."}
    rules = (
        {"rule": "opening_hours", "weekly": EVENINGS},
        {"rule": "blackout_dates", "ranges": [closed]},
        {"rule": "per_day_limit", "limit": 1, "scope": "resource"},
    )
    document = policy({**INTERVAL, "offered_in": "opening_hours"}, *rules, per="hour")
    tenant = make_tenant(Offer(slug="bar", document=document, capacity=2))
    evening = datetime.fromisoformat(f"{in_days(4)}T18:00Z")
    night = timedelta(hours=6, minutes=30)
    tenant.reserved("bar", **times(evening + night, 30))
    again = tenant.reserve("bar", **times(evening, 30)).json()
    assert [one["code"] for one in again["violations"]] == ["day_is_full"]
    closed_night = tenant.reserve("bar", **times(evening + timedelta(days=1) + night, 30)).json()
    assert [one["code"] for one in closed_night["violations"]] == ["blacked_out"]
