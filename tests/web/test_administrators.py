"""A front desk at work: signing in, the day, a reservation, and what happens when somebody else comes between."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.web.conftest import PASSWORD
from tests.web.desk import GUEST, Desk, enter, sign_in
from tests.web.guests import cabin, expect_good_for_everybody, reservations_of
from tests.web.visits import DESKTOP, PHONE, SIZES, Size

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Route

    from tests.web.conftest import MakeTenant, OpenVisit, Served

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def desk(served: Served, client: httpx.Client, make_tenant: MakeTenant) -> Desk:
    return Desk(served, client, make_tenant(cabin(2)))


def test_signing_in_says_what_is_wrong_and_keeps_what_was_typed(visit: OpenVisit, desk: Desk) -> None:
    owner = visit()
    owner.permit("auth/login: 401")
    page = owner.open("/admin")
    sign_in(page, desk.email, "wrong")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    expect(page.locator("[type=email]")).to_have_value(desk.email)
    expect_good_for_everybody(owner)
    sign_in(page, desk.email)
    page.wait_for_url(f"**/admin/{desk.tenant}/calendar")
    page.reload()
    page.get_by_role("heading", name="Calendar", level=1).wait_for()
    stored: str = page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie")
    assert "eyJ" not in stored, "a token lies where any script reads it"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_the_day_shows_who_comes_and_checks_them_in(visit: OpenVisit, desk: Desk, size: Size) -> None:
    owner = visit(size)
    page = enter(owner, desk, f"/admin/{desk.tenant}/calendar")
    needs = page.locator("section", has=page.get_by_role("heading", name=re.compile("Today needs you")))
    expect(needs.get_by_role("link", name=GUEST)).to_be_visible()
    expect_good_for_everybody(owner)
    needs.get_by_role("button", name="Check in").click()
    expect(page.get_by_role("status").filter(has_text="is checked in")).to_be_visible()
    expect(needs.get_by_role("link", name=GUEST)).to_have_count(0)
    assert desk.read()["state"] == "checked_in"


def test_a_reservation_is_extended_after_what_it_costs_was_shown(visit: OpenVisit, desk: Desk) -> None:
    owner = visit()
    page = enter(owner, desk, desk.address)
    expect(page.get_by_role("heading", name=GUEST)).to_be_visible()
    expect_good_for_everybody(owner)
    page.keyboard.press("]")
    dialog = page.get_by_role("dialog")
    last = date.fromisoformat(desk.reservation["check_out_on"]) + timedelta(days=1)
    dialog.locator("[type=date]").fill(last.isoformat())
    expect(dialog.get_by_role("status")).to_contain_text("Possible")
    expect_good_for_everybody(owner)
    dialog.get_by_role("button", name="Extend").click()
    expect(dialog).to_have_count(0)
    expect(page.locator("li").filter(has_text="extended it")).to_be_visible()
    now = desk.read()
    assert now["check_out_on"] == last.isoformat()
    assert now["price"]["total"] > desk.reservation["price"]["total"]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=lambda size: size.name)
def test_who_saves_second_is_shown_what_changed_and_redoes_theirs_on_top(
    visit: OpenVisit, desk: Desk, size: Size
) -> None:
    owner = visit(size)
    owner.permit(": 412", ": 409")
    page = enter(owner, desk, desk.address)
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Notes").fill("Late arrival.")
    page.get_by_label("Phone").fill("+1 970 555 0142")
    desk.correct("Two dogs.")
    page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("saved this before you did")
    expect(dialog).to_contain_text("Two dogs.")
    expect(dialog).to_contain_text("Late arrival.")
    expect_good_for_everybody(owner)
    dialog.get_by_role("button", name="Redo mine on top").click()
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    saved = desk.read()
    assert (saved["notes"], saved["guest"]["phone"]) == ("Two dogs.\nLate arrival.", "+1 970 555 0142")


def test_a_session_that_ends_asks_for_the_password_and_sends_what_was_typed(visit: OpenVisit, desk: Desk) -> None:
    owner = visit()
    owner.permit(": 401")
    page = enter(owner, desk, desk.address)
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Notes").fill("Typed before the session ended.")

    refused: list[str] = []

    def refuse(route: Route) -> None:
        if route.request.method == "PATCH" and not refused:
            refused.append(route.request.url)
            route.fulfill(status=401, content_type="application/problem+json", body="{}")
        else:
            route.continue_()

    page.route("**/api/v1/tenants/**", refuse)
    owner.context.clear_cookies()
    page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Your session has ended")
    expect(page.get_by_label("Notes")).to_have_value("Typed before the session ended.")
    dialog.locator("[type=password]").fill(PASSWORD)
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    assert desk.read()["notes"] == "Typed before the session ended."


def test_the_list_is_found_by_its_address_and_walked_by_keyboard(visit: OpenVisit, desk: Desk, served: Served) -> None:
    owner = visit()
    page = enter(owner, desk, f"/admin/{desk.tenant}/reservations?state=held")
    expect(page.get_by_role("heading", name="No reservation fits")).to_be_visible()
    expect_good_for_everybody(owner)
    page.get_by_role("button", name="Clear filters").first.click()
    expect(page.get_by_role("link", name=GUEST)).to_be_visible()
    expect_good_for_everybody(owner)
    page.keyboard.press("/")
    page.keyboard.type("halvors")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/reservations\?text=halvors$"))
    page.get_by_role("link", name=GUEST).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{desk.address}")
    expect(page.get_by_role("heading", name=GUEST)).to_be_visible()
    assert len(reservations_of(served, desk.tenant)) == 1


def test_what_a_role_may_not_see_is_neither_there_nor_asked_for(visit: OpenVisit, desk: Desk) -> None:
    viewer = visit()
    page = viewer.open("/admin")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sign_in(page, f"viewer@{desk.tenant}.example")
    page.get_by_role("link", name=GUEST).first.wait_for()
    expect(page.get_by_role("button", name="Check in")).to_have_count(0)
    page.goto(desk.address)
    page.get_by_role("heading", name=GUEST).wait_for()
    expect(page.get_by_role("button", name="Edit")).to_have_count(0)
    assert not any(url.endswith("/actions") for url in asked)
