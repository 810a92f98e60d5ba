"""What cancelling gives back until when, before anything is cancelled: of a price, and of a reservation."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from chalicelib.access.model.people import Role
from tests.api.test_dues import amounts, eur
from tests.api.test_reservations import do, holder, staff
from tests.offers import STAY, Offer, policy, publish

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.tenant import Tenant
    from tests.offers import Json

TIERS = [
    {"until_minutes_before": 20 * 1440, "refund_percent": 100},
    {"until_minutes_before": 3 * 1440, "refund_percent": 50},
]
AT_ANY_TIME = {"until_minutes_before": 0}
FIRST_ON = datetime.now(UTC).date() + timedelta(days=10)
NIGHTS = {"check_in_on": FIRST_ON.isoformat(), "check_out_on": (FIRST_ON + timedelta(days=2)).isoformat()}
NEXT_YEAR = {
    "check_in_on": (FIRST_ON + timedelta(days=365)).isoformat(),
    "check_out_on": (FIRST_ON + timedelta(days=367)).isoformat(),
}


@pytest.fixture(scope="module")
def house(make_tenant: Callable[..., Tenant]) -> Tenant:
    def of(slug: str, confirmation: Json, cancellation: list[Json]) -> Offer:
        document = policy(STAY, confirmation=confirmation, cancellation=cancellation, guest_changes=AT_ANY_TIME)
        return Offer(slug=slug, document=document, capacity=50)

    return make_tenant(
        of("room", {"kind": "instant"}, TIERS),
        of("held", {"kind": "hold", "hold_minutes": 30}, TIERS),
        of("asked", {"kind": "approval"}, TIERS),
        of("strict", {"kind": "instant"}, []),
        timezone="America/Denver",
    )


def instant(days_before: int) -> str:
    starts_at = datetime.combine(FIRST_ON, time(15), ZoneInfo("America/Denver"))
    return f"{starts_at.astimezone(UTC) - timedelta(days=days_before):%Y-%m-%dT%H:%M:%SZ}"


def preview(house: Tenant, reservation: Json, headers: dict[str, str] | None = None) -> Json:
    path = f"/tenants/{house.slug}/reservations/{reservation['id']}/cancellation"
    answer = house.client.get(path, headers=headers or holder(reservation))
    assert answer.status_code == 200, answer.text
    return answer.json()


def step(until: str | None, percent: int, refund: int, retained: int, *, current: bool) -> Json:
    return {
        "until": until,
        "refund_percent": percent,
        "refund": eur(refund),
        "retained": eur(retained),
        "current": current,
    }


STEPS = [
    step(instant(20), 100, 20_000, 0, current=False),
    step(instant(3), 50, 10_000, 10_000, current=True),
    step(None, 0, 0, 20_000, current=False),
]


def test_a_quote_says_what_cancelling_would_give_back_and_until_when(house: Tenant) -> None:
    quoted = house.post("/quotes", {"resource_id": str(house.ids["room"]), **NIGHTS}).json()
    assert quoted["refund_steps"] == STEPS
    strict = house.post("/quotes", {"resource_id": str(house.ids["strict"]), **NIGHTS}).json()
    assert strict["refund_steps"] == [step(None, 0, 0, 20_000, current=True)]


def test_a_preview_says_what_cancelling_then_does_to_guest_and_staff(house: Tenant) -> None:
    made = house.reserved("room", **NIGHTS)
    seen = preview(house, made)
    assert (seen["possible"], seen["reason"], seen["timezone"]) == (True, None, "America/Denver")
    assert seen["refund_steps"] == STEPS
    assert preview(house, made, house.as_role(Role.VIEWER)) | {"at": ""} == seen | {"at": ""}
    cancelled = do(house, made, "cancel").json()
    assert (seen["refund"], seen["retained"]) == (cancelled["refund"], cancelled["retained"]) == (eur(10_000),) * 2
    after = preview(house, made)
    assert (after["possible"], after["refund"], after["retained"], after["refund_steps"]) == (False, None, None, [])
    assert after["reason"] == do(house, made, "cancel").json()["detail"]


@pytest.mark.parametrize("slug", ["held", "asked"])
def test_what_is_not_agreed_yet_gives_nothing_back_but_shows_its_steps(house: Tenant, slug: str) -> None:
    made = house.reserved(slug, **NIGHTS)
    seen = preview(house, made)
    assert (seen["possible"], seen["refund"], seen["retained"]) == (True, eur(0), eur(0))
    assert seen["refund_steps"] == STEPS
    assert amounts(do(house, made, "cancel").json()) == (0, 0, 0)


def test_what_a_move_has_made_nonrefundable_is_in_every_step(house: Tenant) -> None:
    made = house.reserved("room", **NIGHTS)
    assert do(house, made, "move", NEXT_YEAR).status_code == 200
    seen = preview(house, made)
    assert [one["refund"]["total"] for one in seen["refund_steps"]] == [10_000, 10_000, 0]
    assert (seen["refund"], seen["retained"]) == (eur(10_000), eur(10_000))
    assert amounts(do(house, made, "cancel").json()) == (10_000, 10_000, 10_000)


def test_a_reservation_keeps_the_steps_it_was_made_under(make_tenant: Callable[..., Tenant]) -> None:
    house = make_tenant(Offer(slug="room", document=policy(STAY, cancellation=TIERS)), timezone="America/Denver")
    made = house.reserved("room", **NIGHTS)
    publish(house.database.owner, house.ids["room"], policy(STAY))
    archived = house.client.delete(f"/tenants/{house.slug}/resources/room", headers=staff(house))
    assert archived.is_success
    assert preview(house, made)["refund_steps"] == STEPS


def test_nobody_else_sees_what_cancelling_would_give_back(house: Tenant, make_tenant: Callable[..., Tenant]) -> None:
    made, theirs = house.reserved("room", **NIGHTS), house.reserved("room", **NIGHTS)
    other = make_tenant(Offer(slug="room", document=policy(STAY)))
    path = f"/reservations/{made['id']}/cancellation"
    assert house.get(path).status_code == 401
    for headers, slug in ((holder(theirs), house.slug), (other.as_role(), other.slug), (holder(made), other.slug)):
        assert house.client.get(f"/tenants/{slug}{path}", headers=headers).status_code in {401, 403, 404}
