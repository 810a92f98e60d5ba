"""Slots and intervals are reserved as nights are: by keyboard alone, on phone and desktop, in either direction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.offers import INTERVAL, SLOT, Offer, policy
from tests.web.guests import EMAIL, NAME, code_of, expect_good_for_everybody, fill, reservations_of, send, tab_to
from tests.web.visits import DESKTOP, PHONE, SIZES, Size

if TYPE_CHECKING:
    from tests.web.conftest import MakeTenant, OpenVisit, Served

pytestmark = pytest.mark.timeout(400)
OPENS = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=5)
SLOTS = "div:has(> #day-title) button[aria-pressed]"


def tour(capacity: int = 1) -> Offer:
    """Four departures on one day."""
    windows = [(OPENS, OPENS.replace(hour=12))]
    document = policy(SLOT, per="slot", amount=12_345)
    return Offer(slug="tour", document=document, capacity=capacity, max_party_size=4, windows=windows)


def room() -> Offer:
    """A room at any time."""
    return Offer(slug="room", document=policy(INTERVAL, per="hour", amount=12_345), max_party_size=4)


@pytest.mark.parametrize("language", ["de", "ar"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
@pytest.mark.parametrize("mode", ["slot", "interval"])
def test_a_guest_reserves_a_time_by_keyboard_alone(
    visit: OpenVisit, make_tenant: MakeTenant, served: Served, mode: str, size: Size, language: str
) -> None:
    offer = tour() if mode == "slot" else room()
    tenant = make_tenant(offer)
    guest = visit(size)
    page = guest.open(f"/t/{tenant}/resources/{offer.slug}?lang={language}&on={OPENS:%Y-%m-%d}")
    expect_good_for_everybody(guest)
    if mode == "slot":
        tab_to(page, SLOTS)
        page.keyboard.press("Enter")
    else:
        tab_to(page, "#when select")
        page.keyboard.press("ArrowDown")
        page.wait_for_url("**start=**")
    tab_to(page, "a[href*='/reserve?']")
    expect_good_for_everybody(guest)
    page.keyboard.press("Enter")
    tab_to(page, "[name=name]")
    page.keyboard.type(NAME)
    tab_to(page, "[name=email]")
    page.keyboard.type(EMAIL)
    page.keyboard.press("Enter")
    code = code_of(page)
    expect_good_for_everybody(guest)
    (reservation,) = reservations_of(served, tenant)
    assert (reservation["code"], reservation["guest_name"], reservation["state"]) == (code, NAME, "confirmed")
    assert reservation["starts_at"].date() == OPENS.date()


def test_two_guests_want_the_last_place_and_the_slower_one_takes_another_time(
    visit: OpenVisit, make_tenant: MakeTenant, served: Served
) -> None:
    tenant = make_tenant(tour())
    fast, slow = visit(DESKTOP), visit(PHONE)
    for guest, name in ((fast, "Fast"), (slow, "Slow")):
        page = guest.open(f"/t/{tenant}/resources/tour?on={OPENS:%Y-%m-%d}")
        page.locator(SLOTS).first.click()
        page.locator("a[href*='/reserve?']").click()
        fill(page, name)
    send(fast.page)
    code = code_of(fast.page)
    slow.permit("reservations: 409")
    send(slow.page)
    refusal = slow.page.get_by_role("alert").first
    expect(refusal).to_be_visible()
    expect_good_for_everybody(slow)
    refusal.get_by_role("button").first.click()
    expect(slow.page.locator("[name=name]")).to_have_value("Slow")
    send(slow.page)
    other = code_of(slow.page)
    assert {one["code"]: one["guest_name"] for one in reservations_of(served, tenant)} == {code: "Fast", other: "Slow"}
