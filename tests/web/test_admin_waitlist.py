"""Reserving for somebody who calls, and the waitlist for what is taken: from the key to the offer that is accepted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.eventually import eventually
from tests.web.desk import GUEST, Desk, enter
from tests.web.guests import cabin, expect_good_for_everybody, reservations_of
from tests.web.visits import DESKTOP, PHONE, SIZES, Size

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Locator, Page

    from tests.web.conftest import MakeTenant, OpenVisit, Served

pytestmark = pytest.mark.timeout(400)
CALLER = "Noor Haddad"


@pytest.fixture
def desk(served: Served, client: httpx.Client, make_tenant: MakeTenant) -> Desk:
    return Desk(served, client, make_tenant(cabin(1)))


def entries(desk: Desk) -> list[dict[str, Any]]:
    """The waitlist as the API lists it, the oldest first."""
    found: list[dict[str, Any]] = desk.client.get(f"/tenants/{desk.tenant}/waitlist", headers=desk.headers).json()[
        "items"
    ]
    return found


def wait_for_cabin(desk: Desk, name: str) -> dict[str, Any]:
    """Put somebody on the list for the nights that are taken."""
    wanted = {
        **{key: desk.reservation[key] for key in ("resource_id", "check_in_on", "check_out_on")},
        "guest": {"name": name, "email": f"{uuid4().hex[:8]}@guests.example"},
    }
    headers = {**desk.headers, "Idempotency-Key": uuid4().hex}
    answer = desk.client.post(f"/tenants/{desk.tenant}/waitlist", json=wanted, headers=headers)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def begin(page: Page, arrival: date, departure: date) -> Locator:
    """Press the key for a new reservation, and choose nights in the only cabin."""
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Resource")).not_to_have_value("")
    dialog.get_by_label("Arrives").fill(arrival.isoformat())
    dialog.get_by_label("Leaves").fill(departure.isoformat())
    return dialog


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=lambda size: size.name)
def test_a_known_guest_is_reserved_for_at_the_price_that_was_shown(
    visit: OpenVisit, desk: Desk, served: Served, size: Size
) -> None:
    owner = visit(size)
    page = enter(owner, desk, f"/admin/{desk.tenant}/dashboard")
    arrival = date.fromisoformat(desk.reservation["check_out_on"]) + timedelta(days=5)
    dialog = begin(page, arrival, arrival + timedelta(days=2))
    expect(dialog.get_by_role("status")).to_contain_text("Free, €246.90")
    dialog.get_by_label("Name").fill("halvor")
    dialog.get_by_role("button", name=GUEST).click()
    expect(dialog.get_by_label("Email")).to_have_value("ingrid@guests.example")
    expect_good_for_everybody(owner)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method) if request.url.endswith("/reservations") else None)
    # A double click, before the page is drawn again.
    dialog.get_by_role("button", name="Reserve").evaluate("(button) => { button.click(); button.click(); }")
    page.get_by_role("button", name="Show").click()  # at once: what is said goes by itself
    expect(dialog).to_have_count(0)
    assert sent.count("POST") == 1
    made = reservations_of(served, desk.tenant)
    assert [one["guest_name"] for one in made] == [GUEST, GUEST]
    page.wait_for_url(f"**/admin/{desk.tenant}/reservations/{made[1]['id']}")


def test_what_is_taken_is_refused_with_what_is_possible_instead(visit: OpenVisit, desk: Desk) -> None:
    owner = visit()
    page = enter(owner, desk, f"/admin/{desk.tenant}/calendar")
    arrival = date.fromisoformat(desk.reservation["check_in_on"])
    dialog = begin(page, arrival + timedelta(days=1), arrival + timedelta(days=3))
    refusal = dialog.get_by_role("alert")
    expect(refusal).to_contain_text("Possible instead:")
    expect_good_for_everybody(owner)
    refusal.get_by_role("button").first.click()
    expect(dialog.get_by_role("status")).to_contain_text("Free")
    expect(dialog.get_by_label("Arrives")).not_to_have_value((arrival + timedelta(days=1)).isoformat())
    dialog.get_by_label("Name").fill(CALLER)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("n")
    expect(dialog.get_by_label("Name")).to_have_value(CALLER)
    expect(dialog.get_by_role("status")).to_contain_text("Free")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_who_finds_it_taken_is_put_on_the_list_and_removed_again(visit: OpenVisit, desk: Desk, size: Size) -> None:
    owner = visit(size)
    page = enter(owner, desk, f"/admin/{desk.tenant}/waitlist")
    expect(page.get_by_role("heading", name="The waitlist is empty")).to_be_visible()
    expect_good_for_everybody(owner)
    nights = [date.fromisoformat(desk.reservation[key]) for key in ("check_in_on", "check_out_on")]
    dialog = begin(page, *nights)
    expect(dialog).to_contain_text("It can be waited for.")
    dialog.get_by_label("Name").fill(CALLER)
    dialog.get_by_label("Email").fill("noor@guests.example")
    dialog.get_by_role("button", name="Put on the waitlist").click()
    line = page.get_by_role("listitem").filter(has_text=CALLER)
    expect(dialog).to_have_count(0)
    expect(line).to_contain_text("Waiting")
    expect_good_for_everybody(owner)
    line.get_by_role("button", name="Renew link").click()
    page.get_by_role("dialog").get_by_role("button", name="Renew link").click()
    expect(page.get_by_role("status").filter(has_text="on its way to noor@guests.example")).to_be_visible()
    line.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("dialog")).to_contain_text("They lose their place")
    expect_good_for_everybody(owner)
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(line).to_have_count(0)
    assert [one["state"] for one in entries(desk)] == ["left"]
    page.get_by_role("button", name="Everyone").click()
    page.wait_for_url("**/waitlist?ended=true")
    expect(line).to_contain_text("Left")


def test_an_offer_shows_its_end_and_is_accepted_for_the_guest(visit: OpenVisit, desk: Desk) -> None:
    first, second = wait_for_cabin(desk, CALLER), wait_for_cabin(desk, "Sam Ortiz")
    owner = visit()
    page = enter(owner, desk, f"/admin/{desk.tenant}/waitlist")
    expect(page.get_by_role("listitem").filter(has_text="Sam Ortiz")).to_contain_text("Waiting")
    cancelled = desk.client.post(
        f"/tenants/{desk.tenant}/reservations/{desk.reservation['id']}/cancel",
        headers={**desk.headers, "Idempotency-Key": uuid4().hex, "If-Match": str(desk.read()["version"])},
    )
    assert cancelled.status_code == 200, cancelled.text
    line = page.get_by_role("listitem").filter(has_text=CALLER)
    eventually(lambda: entries(desk)[0]["state"] == "offered", "an offer to the first")
    expect(line.get_by_role("link", name="Offer ends")).to_be_visible()
    expect_good_for_everybody(owner)
    line.get_by_role("button", name="Confirm").click()
    expect(line).to_have_count(0)
    assert {one["id"]: one["state"] for one in entries(desk)} == {first["id"]: "accepted", second["id"]: "waiting"}
