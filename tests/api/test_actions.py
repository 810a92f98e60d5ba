"""Which actions are allowed is what trying each of them says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from chalicelib.access.model.people import Role
from tests.api.tenant import in_days
from tests.offers import INTERVAL, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.api.tenant import Tenant
    from tests.offers import Json

NOT_NOW = {"invalid_transition", "forbidden", "conflict"}
ACTIONS: dict[str, Json] = {
    "confirm": {},
    "reject": {},
    "cancel": {},
    "check_in": {},
    "check_out": {},
    "no_show": {},
    "undo": {},
    "move": {"party_size": 2},
    "extend": {"check_out_on": in_days(9)},
    "shorten": {"check_out_on": in_days(6)},
    "extend_hold": {},
    "approve_change": {},
    "reject_change": {},
    "withdraw_change": {},
}
STATES = ("confirmed", "held", "pending", "changing", "checked_in", "no_show", "cancelled")


@pytest.fixture(scope="module")
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    kinds = {
        "confirmed": {"kind": "instant"},
        "held": {"kind": "hold", "hold_minutes": 30},
        "pending": {"kind": "approval"},
    }
    return make_tenant(
        *(Offer(slug=slug, document=policy(STAY, confirmation=kind), capacity=200) for slug, kind in kinds.items()),
        Offer(
            slug="late",
            document=policy(INTERVAL, per="hour", guest_changes={"until_minutes_before": 1440}),
            capacity=50,
        ),
    )


def made(tenant: Tenant, state: str) -> Json:
    """A reservation in that state."""
    days = {"check_in_on": in_days(5), "check_out_on": in_days(8)}
    if state in {"checked_in", "no_show"}:
        days["check_in_on"] = in_days(0)
    resource = state if state in {"held", "pending"} else "pending" if state == "changing" else "confirmed"
    reservation = tenant.reserved(resource, **days)
    path = f"/reservations/{reservation['id']}"
    if state == "changing":
        tenant.staff(f"{path}/confirm")
        assert tenant.change(reservation, "extend", check_out_on=in_days(10)).json()["pending_change"] is not None
    elif state == "cancelled":
        tenant.cancelled(reservation)
    elif state in {"checked_in", "no_show"}:
        _begin(tenant, reservation)
        tenant.staff(f"{path}/{'check-in' if state == 'checked_in' else 'no-show'}")
    return reservation


def _begin(tenant: Tenant, reservation: Json) -> None:
    """Let it have begun an hour ago, whatever the time of day is."""
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(
            "UPDATE reservations SET starts_at = clock_now() - interval '1 hour' WHERE id = %s",
            [reservation["id"]],
        )


def allowed(tenant: Tenant, reservation: Json, headers: dict[str, str]) -> dict[str, Json]:
    answer = tenant.client.get(f"/tenants/{tenant.slug}/reservations/{reservation['id']}/actions", headers=headers)
    assert answer.status_code == 200, answer.text
    return {one["action"]: one for one in answer.json()["items"]}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", [Role.GUEST, Role.AGENT, Role.OWNER])
def test_what_is_listed_is_what_trying_says(tenant: Tenant, state: str, role: Role) -> None:
    for action, body in ACTIONS.items():
        reservation = made(tenant, state)
        guest = {"Authorization": f"Bearer {reservation['manage_token']}"}
        headers = guest if role is Role.GUEST else tenant.as_editor(role)
        told = allowed(tenant, reservation, headers).get(action)
        path = f"/reservations/{reservation['id']}/{action.replace('_', '-')}"
        answer = tenant.post(path, body, **headers)
        tried = answer.is_success or answer.json()["code"] not in NOT_NOW
        assert (told is not None) == tried, (state, role, action, told, answer.text)
        if told is not None and not answer.is_success:
            reasons = [one["message"] for one in answer.json()["violations"]]
            assert told["possible"] or told["reason"] in reasons, (told, answer.text)
        if told is not None and not told["possible"]:
            assert not answer.is_success, (told, answer.text)


def test_what_is_too_early_says_from_when_it_is_possible(tenant: Tenant) -> None:
    reservation = made(tenant, "confirmed")
    starts_at = datetime.fromisoformat(reservation["starts_at"])
    found = allowed(tenant, reservation, tenant.as_role(Role.AGENT))
    assert "undo" not in found
    check_in, no_show, cancel = found["check_in"], found["no_show"], found["cancel"]
    assert (check_in["possible"], no_show["possible"], cancel["possible"]) == (False, False, True)
    assert datetime.fromisoformat(check_in["available_from"]).date() == starts_at.date()
    assert datetime.fromisoformat(no_show["available_from"]) == starts_at
    assert (check_in["available_until"], cancel["available_until"]) == (reservation["ends_at"], reservation["ends_at"])
    assert check_in["reason"].startswith("Guests can be checked in from")
    assert allowed(tenant, reservation, tenant.as_role(Role.VIEWER)) == {}


def test_a_guest_is_told_until_when_they_change_it_and_why_not_after_that(tenant: Tenant) -> None:
    begins = f"{in_days(3)}T10:00:00Z"
    reservation = tenant.reserved("late", starts_at=begins, ends_at=f"{in_days(3)}T11:00:00Z")
    guest = {"Authorization": f"Bearer {reservation['manage_token']}"}
    found = allowed(tenant, reservation, guest)
    until = datetime.fromisoformat(begins.replace("Z", "+00:00")) - timedelta(days=1)
    assert datetime.fromisoformat(found["extend"]["available_until"]) == until
    assert found["shorten"]["available_until"] == reservation["ends_at"]
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(
            "UPDATE reservations SET starts_at = clock_now() + interval '1 hour' WHERE id = %s",
            [reservation["id"]],
        )
    late = allowed(tenant, reservation, guest)
    assert {name for name, one in late.items() if not one["possible"]} == {"move", "extend"}
    assert late["move"]["reason"].startswith("Guests can change this by themselves until 1 day before it begins.")
    violation = late["move"]["violation"]
    assert (violation["code"], violation["message"]) == ("too_late_to_change", late["move"]["reason"])
    assert datetime.fromisoformat(violation["parameters"]["until_at"]) < until
    assert late["shorten"]["violation"] is None
    assert {
        one["possible"] for name, one in allowed(tenant, reservation, tenant.as_role()).items() if name == "move"
    } == {True}


def test_a_hold_that_was_extended_says_why_not_again(tenant: Tenant) -> None:
    reservation = made(tenant, "held")
    guest = {"Authorization": f"Bearer {reservation['manage_token']}"}
    assert allowed(tenant, reservation, guest)["extend_hold"]["possible"] is True
    assert tenant.change(reservation, "extend-hold").status_code == 200
    again = allowed(tenant, reservation, guest)["extend_hold"]
    assert (again["possible"], again["reason"]) == (False, "A hold can be extended once. Confirm it before it ends.")


def test_nobody_is_told_of_the_reservation_of_another(tenant: Tenant) -> None:
    mine, other = made(tenant, "confirmed"), made(tenant, "confirmed")
    path = f"/tenants/{tenant.slug}/reservations/{mine['id']}/actions"
    answer = tenant.client.get(path, headers={"Authorization": f"Bearer {other['manage_token']}"})
    assert answer.status_code == 404
