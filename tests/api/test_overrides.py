"""Managers need not insist on rules when reservations are changed; what they waive is recorded, and makes no room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chalicelib.access.model.people import Role
from tests.api.tenant import in_days
from tests.offers import STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant

TWO_NIGHTS = {"rule": "length", "minimum": 2, "maximum": 3}
MANY = {"rule": "party_size", "minimum": 1, "maximum": 2}
WHY = "Their flight was cancelled"


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(Offer(slug="huts", document=policy(STAY, TWO_NIGHTS, MANY), capacity=1))


def reserved(tenant: Tenant, day: int) -> dict[str, Any]:
    return tenant.reserved("huts", check_in_on=in_days(day), check_out_on=in_days(day + 2))


def change(tenant: Tenant, role: Role, made: dict[str, Any], action: str, **members: object) -> httpx.Response:
    return tenant.post(f"/reservations/{made['id']}/{action}", members, **tenant.as_editor(role))


def waiving(*rules: str) -> dict[str, object]:
    return {"rules": list(rules), "reason": WHY}


def last_event(tenant: Tenant, made: dict[str, Any]) -> dict[str, Any]:
    path = f"/tenants/{tenant.slug}/reservations/{made['id']}/history"
    return tenant.client.get(path, headers=tenant.as_role(Role.VIEWER)).json()["items"][0]


@pytest.mark.parametrize(
    ("action", "members"),
    [
        ("extend", {"check_out_on": in_days(9)}),
        ("shorten", {"check_out_on": in_days(6)}),
        ("move", {"check_in_on": in_days(10), "check_out_on": in_days(15)}),
    ],
)
def test_a_change_waives_the_rules_that_are_named_and_says_so(
    tenant: Tenant, action: str, members: dict[str, str]
) -> None:
    made = reserved(tenant, 5)
    assert change(tenant, Role.MANAGER, made, action, **members).status_code == 422
    other_rule = change(tenant, Role.MANAGER, made, action, **members, override=waiving("party_size"))
    assert [one["rule"] for one in other_rule.json()["violations"]] == ["length"]
    both = waiving("length", "party_size")
    changed = change(tenant, Role.MANAGER, made, action, **members, override=both)
    assert changed.status_code == 200, changed.text
    assert changed.json()["overridden"] == {"rules": ["length"], "reason": WHY}
    as_guest = {"Authorization": f"Bearer {made['manage_token']}"}
    path = f"/tenants/{tenant.slug}/reservations/{made['id']}"
    assert tenant.client.get(path, headers=as_guest).json()["overridden"] is None
    assert tenant.client.get(path, headers=tenant.as_role(Role.VIEWER)).json()["overridden"]["reason"] == WHY
    after = last_event(tenant, made)["after"]
    assert (after["overridden"], after["reason"]) == (["length"], WHY)


def test_waiving_what_is_not_broken_leaves_no_trace(tenant: Tenant) -> None:
    made = reserved(tenant, 5)
    answer = change(tenant, Role.OWNER, made, "extend", check_out_on=in_days(8), override=waiving("length"))
    assert answer.status_code == 200
    assert answer.json()["overridden"] is None
    assert "overridden" not in last_event(tenant, made)["after"]


@pytest.mark.parametrize("role", [Role.AGENT, Role.HOST])
@pytest.mark.parametrize("action", ["move", "extend", "shorten"])
def test_only_managers_and_owners_waive_rules(tenant: Tenant, role: Role, action: str) -> None:
    made = reserved(tenant, 5)
    override = waiving("length")
    answer = change(tenant, role, made, action, check_out_on=in_days(9), override=override)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert tenant.change(made, action, check_out_on=in_days(9), override=override).status_code == 403


def test_no_change_takes_what_somebody_has(tenant: Tenant) -> None:
    made, neighbour = reserved(tenant, 5), reserved(tenant, 7)
    answer = change(tenant, Role.OWNER, made, "extend", check_out_on=in_days(9), override=waiving("length"))
    assert (answer.status_code, answer.json()["code"]) == (409, "no_capacity")
    assert last_event(tenant, neighbour)["type"] == "reservation.created"


@pytest.mark.parametrize("rule", ["capacity", "stay", "nonsense"])
def test_capacity_and_mode_are_no_rules_to_waive(tenant: Tenant, rule: str) -> None:
    made = reserved(tenant, 5)
    answer = change(tenant, Role.OWNER, made, "extend", check_out_on=in_days(9), override=waiving(rule))
    assert answer.status_code == 422
    assert "override" in answer.text
    assert last_event(tenant, made)["type"] == "reservation.created"


def test_a_key_reserves_as_itself_and_waives_nothing(tenant: Tenant) -> None:
    wanted = {"name": "Channel manager", "scopes": ["reservations:write"]}
    key = tenant.post("/api-keys", wanted, **tenant.as_role(Role.OWNER)).json()
    as_key = {"Authorization": f"Bearer {key['key']}"}
    body = {
        "resource_id": str(tenant.ids["huts"]),
        "check_in_on": in_days(5),
        "check_out_on": in_days(7),
        "guest": {"name": "Ada Lovelace", "email": "ada@example.org"},
    }
    assert tenant.post("/reservations", {**body, "override": waiving("length")}, **as_key).status_code == 403
    made = tenant.post("/reservations", body, **as_key)
    assert made.status_code == 201, made.text
    event = last_event(tenant, made.json())
    assert (event["actor_kind"], event["actor_id"]) == ("api_key", key["id"])


def test_agents_override_where_a_setting_of_the_tenant_lets_them(tenant: Tenant) -> None:
    made = reserved(tenant, 5)
    members: dict[str, Any] = {"check_out_on": in_days(9), "override": waiving("length")}
    refused = change(tenant, Role.AGENT, made, "extend", **members)
    assert refused.status_code == 403
    path = f"/tenants/{tenant.slug}/settings"
    manager = tenant.as_role(Role.MANAGER)
    found = tenant.client.get(path, headers=tenant.as_role(Role.VIEWER))
    assert found.json()["agents_may_override"] is False
    for etag, status in (('"0"', 412), (found.headers["etag"], 200)):
        answer = tenant.client.patch(path, json={"agents_may_override": True}, headers={**manager, "If-Match": etag})
        assert answer.status_code == status
    assert answer.json() == {**found.json(), "agents_may_override": True}
    told = tenant.client.get(f"/tenants/{tenant.slug}/audit?type=tenant.settings_changed", headers=manager).json()
    assert [(one["before"], one["after"]) for one in told["items"]] == [(found.json(), answer.json())]
    assert change(tenant, Role.AGENT, made, "extend", **members).status_code == 200
