"""What is owed, given back and retained, and the price that was seen, as guests and staff meet it over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.api.test_reservations import MAY, do, holder, staff
from tests.offers import STAY, Offer, policy, publish

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant
    from tests.offers import Json

FREE = [{"until_minutes_before": 10_080, "refund_percent": 100}]
SOON = (datetime.now(UTC) + timedelta(days=2)).date()


@pytest.fixture(scope="module")
def house(make_tenant: Callable[..., Tenant]) -> Tenant:
    def of(slug: str, confirmation: Json, **changes: object) -> Offer:
        document = policy(STAY, confirmation=confirmation, cancellation=FREE, **changes)  # type: ignore[arg-type] - JSON
        return Offer(slug=slug, document=document, capacity=9)

    return make_tenant(
        of("room", {"kind": "instant"}),
        of("held", {"kind": "hold", "hold_minutes": 30}),
        of("asked", {"kind": "approval"}),
        of("lenient", {"kind": "instant"}, guest_changes={"until_minutes_before": 0}),
    )


def money(answer: httpx.Response) -> tuple[int, int | None, int]:
    assert answer.status_code in {200, 201}, answer.text
    return amounts(answer.json())


def amounts(body: Json) -> tuple[int, int | None, int]:
    """What is owed, given back and retained, each as an amount of money."""
    told = [body[name] for name in ("due", "refund", "retained")]
    assert all(one is None or one == eur(one["total"]) for one in told)
    due, refund, retained = (None if one is None else one["total"] for one in told)
    assert due is not None
    assert retained is not None
    return due, refund, retained


def eur(total: int) -> Json:
    return {"currency": "EUR", "decimals": 2, "total": total}


def soon() -> Json:
    return {"check_in_on": SOON.isoformat(), "check_out_on": (SOON + timedelta(days=2)).isoformat()}


@pytest.mark.parametrize("slug", ["held", "asked"])
def test_nothing_is_refunded_of_what_was_never_owed(house: Tenant, slug: str) -> None:
    made = house.reserve(slug, **MAY).json()
    assert (made["price"]["total"], *amounts(made)) == (30_000, 0, None, 0)
    assert money(do(house, made, "cancel")) == (0, 0, 0)


def test_every_step_says_what_is_owed(house: Tenant) -> None:
    made = house.reserve("held", **MAY).json()
    assert money(do(house, made, "confirm")) == (30_000, 0, 0)
    assert money(do(house, made, "shorten", {"check_out_on": "2031-05-07"})) == (20_000, 10_000, 0)
    assert money(do(house, made, "extend", {"check_out_on": "2031-05-09"})) == (40_000, 0, 0)
    assert money(do(house, made, "cancel")) == (0, 40_000, 0)
    path = f"/tenants/{house.slug}/reservations/{made['id']}"
    assert money(house.client.get(path, headers=staff(house))) == (0, None, 0)


def test_changing_is_no_way_around_cancelling(house: Tenant) -> None:
    late = house.reserve("room", **soon()).json()
    refused = do(house, late, "move", MAY)
    assert (refused.status_code, [one["code"] for one in refused.json()["violations"]]) == (422, ["too_late_to_change"])
    assert money(do(house, late, "cancel")) == (20_000, 0, 20_000)
    moved = house.reserve("lenient", **soon()).json()
    assert do(house, moved, "move", {**MAY, "check_out_on": "2031-05-07"}).status_code == 200
    assert money(do(house, moved, "cancel"))[1] == 0


def test_approval_is_not_bypassed_by_changing(house: Tenant) -> None:
    made = house.reserve("asked", **MAY).json()
    assert do(house, made, "confirm", headers=staff(house)).json()["state"] == "confirmed"
    asked = do(house, made, "move", {"party_size": 4}).json()
    assert (asked["party_size"], asked["pending_change"]["waits_for"]) == (1, "approval")
    assert do(house, made, "approve-change").status_code == 403
    assert do(house, made, "approve-change", headers=staff(house)).json()["party_size"] == 4
    again = do(house, made, "reject-change", headers=staff(house))
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    room = house.reserve("room", **MAY).json()
    asked = do(house, room, "move", {"resource_id": made["resource_id"]}).json()
    assert (asked["state"], asked["resource_id"]) == ("confirmed", room["resource_id"])
    assert do(house, room, "reject-change", headers=staff(house)).json()["pending_change"] is None
    held = house.reserve("held", **MAY).json()
    assert do(house, held, "move", {"resource_id": made["resource_id"]}).json()["waits_for"] == "approval"
    assert do(house, held, "confirm").status_code == 403


def test_a_guest_takes_back_a_change_that_waits(house: Tenant) -> None:
    made = house.reserve("asked", **MAY).json()
    do(house, made, "confirm", headers=staff(house))
    do(house, made, "move", {"party_size": 4})
    key = {"Idempotency-Key": f"withdraw-{made['id']}"}
    mine = {"Authorization": f"Bearer {made['manage_token']}"}
    first, replay = (do(house, made, "withdraw-change", headers=mine | key) for _ in range(2))
    assert (first.status_code, first.json()["pending_change"], first.json()["party_size"]) == (200, None, 1)
    assert (replay.status_code, replay.json()["version"]) == (200, first.json()["version"])
    again = do(house, made, "withdraw-change")
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert do(house, made, "approve-change", headers=staff(house)).status_code == 409
    path = f"/tenants/{house.slug}/reservations/{made['id']}/changes"
    assert [one["state"] for one in house.client.get(path, headers=mine).json()["items"]] == ["withdrawn"]
    do(house, made, "move", {"party_size": 3})
    assert do(house, made, "withdraw-change", headers=staff(house)).json()["pending_change"] is None


def test_another_price_than_the_expected_one_is_refused_with_the_new_one(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(Offer(slug="room", document=policy(STAY, amount=10_000), capacity=9))
    seen = {"expected_price": eur(30_000)}
    made = tenant.reserve("room", **MAY, **seen).json()
    assert made["price"]["total"] == 30_000
    publish(tenant.database.owner, tenant.ids["room"], policy(STAY, amount=12_000))
    refused = tenant.reserve("room", **MAY, **seen)
    assert (refused.status_code, refused.json()["code"], refused.json()["quote"]["total"]) == (
        409,
        "price_changed",
        36_000,
    )
    plain = {"currency": "EUR", "total": 36_000}
    assert tenant.reserve("room", **MAY, expected_price=plain).status_code == 201
    assert tenant.reserve("room", **MAY, expected_price=plain | {"currency": "USD"}).status_code == 409
    for wrong in ({"total": 36_000}, {"currency": "EUR"}, plain | {"currency": "XXX"}, plain | {"decimals": 3}):
        assert tenant.reserve("room", **MAY, expected_price=wrong).status_code == 422
    for action, body, right in (
        ("extend", {"check_out_on": "2031-05-09"}, 40_000),
        ("shorten", {"check_out_on": "2031-05-07"}, 20_000),
        ("move", {"quantity": 2}, 40_000),
    ):
        refused = do(tenant, made, action, {**body, "expected_price": eur(right + 1)})
        assert (refused.status_code, refused.json()["quote"]["total"]) == (409, right)
        assert do(tenant, made, action, {**body, "expected_price": eur(right)}).json()["price"]["total"] == right


def test_a_series_costs_what_is_expected_of_all_its_dates(house: Tenant) -> None:
    wanted = {
        "resource_id": str(house.ids["room"]),
        "guest": {"name": "Ada", "email": "ada@example.org"},
        "rule": "FREQ=WEEKLY;COUNT=3",
        "first_on": "2031-06-02",
        "nights": 1,
    }
    path = f"/tenants/{house.slug}/series"
    refused = house.client.post(path, json={**wanted, "expected_price": eur(10_000)})
    assert (refused.status_code, refused.json()["quote"]["total"]) == (409, 30_000)
    made = house.client.post(path, json={**wanted, "expected_price": eur(30_000)}).json()
    answer = house.client.get(f"{path}/{made['id']}", headers=holder(made))
    headers = {**holder(made), "If-Match": answer.headers["ETag"]}
    refused = house.client.patch(f"{path}/{made['id']}", json={"nights": 2, "expected_price": eur(1)}, headers=headers)
    assert (refused.status_code, refused.json()["quote"]["total"]) == (409, 60_000)
    cancelled = house.client.post(f"{path}/{made['id']}/cancel", json={}, headers=holder(made)).json()
    assert amounts(cancelled) == (0, 30_000, 0)
    assert [amounts(one) for one in cancelled["occurrences"]] == [(0, 10_000, 0)] * 3
    again = house.client.post(f"{path}/{made['id']}/cancel", json={}, headers=holder(made)).json()
    assert amounts(again) == (0, 0, 0)
