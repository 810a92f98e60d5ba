"""What staff do when a guest stands before them: check in early, and sell the night that is running."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.offers import INTERVAL, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.tenant import Tenant

MINUTES = {**INTERVAL, "step_minutes": 1, "min_minutes": 1}


def zone_of_noon() -> str:
    """A zone in which it is about noon now, so that no test meets a midnight."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}"


def in_minutes(number: int) -> str:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    return (now + timedelta(minutes=number)).isoformat()


@pytest.mark.parametrize(("early_minutes", "accepted"), [(None, [True, False]), (120, [True, True]), (0, [False] * 2)])
def test_guests_are_checked_in_as_early_as_the_tenant_says(
    early_minutes: int | None, accepted: list[bool], make_tenant: Callable[..., Tenant]
) -> None:
    tenant = make_tenant(Offer(slug="room", document=policy(MINUTES, per="hour"), capacity=2))
    if early_minutes is not None:
        change = {"check_in_early_minutes": early_minutes}
        headers = tenant.as_role() | {"If-Match": '"1"'}
        answer = tenant.client.patch(f"/tenants/{tenant.slug}/settings", json=change, headers=headers)
        assert answer.status_code == 200, answer.text
    found = list[bool]()
    for minutes in (40, 100):
        made = tenant.reserved("room", starts_at=in_minutes(minutes), ends_at=in_minutes(minutes + 60))
        answer = tenant.post(f"/reservations/{made['id']}/check-in", {}, **tenant.as_role())
        found.append(answer.status_code == 200)
        if not found[-1]:
            assert [one["code"] for one in answer.json()["violations"]] == ["too_early"]
    assert found == accepted


def test_the_night_that_is_running_is_sold_by_staff_alone(make_tenant: Callable[..., Tenant]) -> None:
    zone = zone_of_noon()
    document = policy({**STAY, "check_in_time": "16:00", "check_out_time": "15:00"})
    tenant = make_tenant(Offer(slug="room", document=document, capacity=2), timezone=zone)
    today = datetime.now(ZoneInfo(zone)).date()

    def reserve(first_on: date, **headers: str) -> tuple[int, list[str]]:
        guest = {"name": "Ada", "email": "ada@example.org"}
        dates = {"check_in_on": first_on.isoformat(), "check_out_on": (today + timedelta(days=1)).isoformat()}
        wanted = {"resource_id": str(tenant.ids["room"]), "guest": guest, **dates}
        answer = tenant.post("/reservations", wanted, **headers)
        return answer.status_code, [one["code"] for one in answer.json().get("violations", [])]

    last_night = today - timedelta(days=1)
    assert reserve(last_night) == (422, ["in_the_past"])
    assert reserve(last_night, **tenant.as_role()) == (201, [])
    assert reserve(last_night - timedelta(days=1), **tenant.as_role()) == (422, ["in_the_past"])


def test_where_the_running_night_is_taken_staff_are_told_who_else_has_it(make_tenant: Callable[..., Tenant]) -> None:
    zone = zone_of_noon()
    document = policy({**STAY, "check_in_time": "16:00", "check_out_time": "15:00"})
    tenant = make_tenant(Offer(slug="room", document=document), Offer(slug="other", document=document), timezone=zone)
    today = datetime.now(ZoneInfo(zone)).date()
    dates = {"check_in_on": str(today - timedelta(days=1)), "check_out_on": str(today + timedelta(days=1))}
    guest = {"name": "Ada", "email": "ada@example.org"}
    wanted = {"resource_id": str(tenant.ids["room"]), "guest": guest, **dates}
    assert tenant.post("/reservations", wanted, **tenant.as_role()).status_code == 201
    refused = tenant.post("/reservations", wanted, **tenant.as_role())
    offered = [(one["resource_id"], one["check_in_on"]) for one in refused.json()["alternatives"]]
    assert (refused.status_code, (str(tenant.ids["other"]), dates["check_in_on"]) in offered) == (409, True)
