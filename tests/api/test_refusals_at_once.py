"""A refusal says everything that stands against a request, so that mending one thing does not lead to the next."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.tenant import Tenant
    from tests.offers import Json

SATURDAYS: Json = {"rule": "arrival_weekdays", "weekdays": ["sat"]}
MONDAY = {"check_in_on": "2031-05-05", "check_out_on": "2031-05-07"}
SATURDAY = {"check_in_on": "2031-05-10", "check_out_on": "2031-05-12"}
OVERRIDE = {"override": {"rules": ["arrival_weekdays"], "reason": "by telephone"}}


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    weekly = policy(STAY, SATURDAYS)
    return make_tenant(
        Offer(slug="pool", document=weekly, capacity=2),
        Offer(slug="rooms", document=weekly, capacity=2, assignment="labelled", units=("A", "B")),
        Offer(slug="asked", document=weekly | {"confirmation": {"kind": "approval"}}, capacity=2),
    )


def taken(tenant: Tenant, resource: str, **members: object) -> Json:
    """A reservation that its people made against the rule."""
    body = {"resource_id": str(tenant.ids[resource]), "guest": {"name": "Ada", "email": "a@example.org"}}
    answer = tenant.post("/reservations", body | MONDAY | OVERRIDE | members, **tenant.as_role())
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.mark.parametrize("resource", ["pool", "rooms"])
def test_a_broken_rule_and_no_room_are_told_in_one_answer(tenant: Tenant, resource: str) -> None:
    taken(tenant, resource)
    tenant.close(resource, starts_at="2031-05-01T00:00:00Z", ends_at="2031-05-08T00:00:00Z", units=[2])
    answer = tenant.reserve(resource, **MONDAY)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "rule_violations")
    assert [violation["rule"] for violation in told["violations"]] == ["arrival_weekdays"]
    assert (told["wanted"], told["free"], told["blocked_by"]) == (1, 0, ["closure", "reservations"])
    assert "Besides, 1 wanted, 0 free for the whole time; blocked by closure and reservations." in told["detail"]
    arrivals = [datetime.fromisoformat(alternative["check_in_on"]) for alternative in told["alternatives"]]
    assert {arrival.strftime("%a") for arrival in arrivals} == {"Sat"}


def test_a_broken_rule_alone_says_that_there_is_room(tenant: Tenant) -> None:
    told = tenant.reserve("pool", **MONDAY, quantity=2).json()
    assert (told["wanted"], told["free"], told["blocked_by"]) == (2, 2, [])
    assert "Besides" not in told["detail"]


def test_no_room_alone_says_that_no_rule_is_broken(tenant: Tenant) -> None:
    tenant.reserved("pool", **SATURDAY, quantity=2)
    answer = tenant.reserve("pool", **SATURDAY)
    told = answer.json()
    assert (answer.status_code, told["code"], told["violations"]) == (409, "no_capacity", [])
    assert (told["wanted"], told["free"], told["blocked_by"]) == (1, 0, ["reservations"])


def test_a_move_counts_its_own_units_as_free(tenant: Tenant) -> None:
    made = tenant.reserved("pool", **SATURDAY)
    told = tenant.change(made, "move", check_in_on="2031-05-11", check_out_on="2031-05-13", quantity=2).json()
    assert [violation["rule"] for violation in told["violations"]] == ["arrival_weekdays"]
    assert (told["wanted"], told["free"], told["blocked_by"]) == (2, 2, [])
    tenant.reserved("pool", **SATURDAY)
    told = tenant.change(made, "move", check_in_on="2031-05-11", check_out_on="2031-05-13", quantity=2).json()
    assert (told["wanted"], told["free"], told["blocked_by"]) == (2, 1, ["reservations"])


def test_a_unit_that_was_asked_for_is_what_must_be_free(tenant: Tenant) -> None:
    taken(tenant, "rooms", unit=1)
    blocked = tenant.reserve("rooms", **MONDAY, unit=1).json()
    assert (blocked["violations"][0]["rule"], blocked["blocked_by"]) == ("arrival_weekdays", ["reservations"])
    assert tenant.reserve("rooms", **MONDAY, unit=2).json()["blocked_by"] == []


def test_what_only_waits_needs_no_room(tenant: Tenant) -> None:
    told = tenant.reserve("asked", **MONDAY).json()
    assert told["code"] == "rule_violations"
    assert "free" not in told


def test_dates_of_a_series_say_both(tenant: Tenant) -> None:
    taken(tenant, "pool", quantity=2)
    body = {
        "resource_id": str(tenant.ids["pool"]),
        "guest": {"name": "Ada", "email": "ada@example.org"},
        "rule": "FREQ=WEEKLY;COUNT=2",
        "first_on": "2031-05-05",
        "nights": 2,
    }
    first, second = tenant.post("/series", body).json()["occurrences"]
    assert (first["refusal"], second["refusal"]) == ("rule_violations", "rule_violations")
    assert "blocked by reservations" in first["detail"]
    assert "blocked by" not in second["detail"]
