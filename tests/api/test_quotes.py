from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.api.tenant import in_days
from tests.offers import INTERVAL, NO_RATES, STAY, Offer, policy, publish

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.tenant import Tenant
    from tests.offers import Json

RATES = {
    **NO_RATES,
    "base": {"per": "night", "amount": 10000},
    "extra_guests": {"included": 2, "amount": 1500},
    "fees": [{"name": "Cleaning", "amount": 4000, "per": "reservation"}],
    "taxes": [{"name": "VAT", "basis_points": 1000, "included": False}],
}


@pytest.fixture(scope="module")
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(
        Offer(
            slug="cabin", document=policy(STAY, {"rule": "horizon", "maximum_days": 60}, rates=RATES), max_party_size=4
        ),
        Offer(slug="taken", document=policy(STAY), capacity=3),
        Offer(slug="room", document=policy(INTERVAL, per="hour", amount=2000)),
        timezone="Europe/Berlin",
        currency="CHF",
    )


def quote(tenant: Tenant, resource: str, **members: object) -> Json:
    answer = tenant.post("/quotes", {"resource_id": str(tenant.ids[resource]), **members})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_quote_has_the_price_with_its_lines_and_a_time_for_which_it_is_good(tenant: Tenant) -> None:
    found = quote(tenant, "cabin", check_in_on=in_days(5), check_out_on=in_days(7), party_size=3)
    price = found["price"]
    assert (price["currency"], price["total"]) == ("CHF", (20000 + 3000 + 4000) * 11 // 10)
    assert [line["kind"] for line in price["lines"]] == ["base", "extra_guests", "fee", "tax"]
    assert sum(line["amount"] for line in price["lines"]) == price["total"]
    assert (found["bookable"], found["remaining"], found["violations"], found["blocked_by"]) == (True, 1, [], [])
    valid_for = datetime.fromisoformat(found["valid_until"]) - datetime.now(UTC)
    assert timedelta(0) < valid_for <= timedelta(minutes=15)
    assert (found["timezone"], found["check_in_on"], found["policy_version"]) == ("Europe/Berlin", in_days(5), 1)


def test_a_quote_is_what_the_reservation_costs_then(tenant: Tenant) -> None:
    times = {"starts_at": f"{in_days(5)}T09:00", "ends_at": f"{in_days(5)}T10:30"}
    price = quote(tenant, "room", **times)["price"]
    assert price["total"] == 3000
    assert tenant.reserved("room", **times)["price"] == price


def test_what_is_against_the_rules_has_a_price_and_every_reason(tenant: Tenant) -> None:
    found = quote(tenant, "cabin", check_in_on=in_days(90), check_out_on=in_days(91), party_size=5)
    assert found["price"]["total"] > 0
    assert not found["bookable"]
    assert {violation["rule"] for violation in found["violations"]} == {"horizon", "capacity"}


def test_what_is_full_has_a_price_and_says_what_blocks(tenant: Tenant) -> None:
    nights = {"check_in_on": in_days(10), "check_out_on": in_days(12)}
    tenant.close("taken", starts_at=f"{in_days(11)}T20:00Z", ends_at=f"{in_days(11)}T21:00Z", units=[3])
    tenant.reserved("taken", **nights)
    found = quote(tenant, "taken", **nights, quantity=2)
    assert found["price"]["total"] == 40000
    assert (found["bookable"], found["remaining"], found["violations"]) == (False, 1, [])
    assert found["blocked_by"] == ["closure", "reservations"]


@pytest.mark.parametrize(
    ("members", "status", "field"),
    [
        ({"resource_id": "01890000-0000-7000-8000-000000000000"}, 404, None),
        ({"check_in_on": None}, 422, "check_in_on"),
        ({"starts_at": "2027-05-14T15:00:00Z"}, 422, "starts_at"),
        ({"check_out_on": "2027-05-14"}, 422, "check_out_on"),
        ({"quantity": 0}, 422, "quantity"),
        ({"surprise": 1}, 422, "surprise"),
    ],
)
def test_a_quote_of_nothing_sensible_is_refused(tenant: Tenant, members: Json, status: int, field: str | None) -> None:
    body = {"resource_id": str(tenant.ids["cabin"]), "check_in_on": "2027-05-14", "check_out_on": "2027-05-16"}
    answer = tenant.post("/quotes", body | members)
    assert answer.status_code == status
    if field is not None:
        assert answer.json()["violations"][0]["field"] == field


def test_a_quote_says_where_to_wait_for_what_is_taken(make_tenant: Callable[..., Tenant]) -> None:
    tenant = make_tenant(
        Offer(slug="cabin", document=policy(STAY, {"rule": "horizon", "maximum_days": 60})),
        Offer(slug="hut", document=policy(STAY)),
    )
    nights = {"check_in_on": in_days(5), "check_out_on": in_days(7)}
    tenant.reserved("cabin", **nights)
    waitlist = f"https://berth.example/api/v1/tenants/{tenant.slug}/waitlist"
    assert quote(tenant, "cabin", **nights)["waitlist"] == waitlist
    assert quote(tenant, "hut", **nights)["waitlist"] is None
    tenant.reserved("hut", **nights)
    assert quote(tenant, "hut", **nights)["waitlist"] == waitlist
    publish(tenant.database.owner, tenant.ids["hut"], policy(STAY, confirmation={"kind": "pending"}))
    found = quote(tenant, "hut", **nights)
    assert (found["blocked_by"], found["waitlist"]) == (["reservations"], None)
    assert quote(tenant, "cabin", check_in_on=in_days(90), check_out_on=in_days(92))["waitlist"] is None
    settings = f"/tenants/{tenant.slug}/settings"
    tenant.client.patch(settings, json={"waitlist": False}, headers=tenant.as_editor()).raise_for_status()
    assert quote(tenant, "cabin", **nights)["waitlist"] is None
