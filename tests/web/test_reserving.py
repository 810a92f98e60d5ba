"""A guest reserves, whatever happens on the way: nothing twice, nothing lost, and always a way on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.web.guests import (
    EMAIL,
    NAME,
    cabin,
    change,
    choose_nights_by_keyboard,
    code_of,
    expect_good_for_everybody,
    fill,
    nights_from,
    reservations_of,
    reserve_path,
    send,
    tab_to,
)
from tests.web.visits import DESKTOP, PHONE, SIZES, Size

if TYPE_CHECKING:
    from playwright.sync_api import Route

    from tests.web.conftest import MakeTenant, OpenVisit, Served

pytestmark = pytest.mark.timeout(400)
DAYS = nights_from(20, 3)
RESERVATIONS = "**/api/v1/tenants/*/reservations"
EVERYTHING = "**/api/**"


@pytest.mark.parametrize("language", ["de", "ar"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_a_guest_reserves_by_keyboard_alone(
    visit: OpenVisit, make_tenant: MakeTenant, served: Served, size: Size, language: str
) -> None:
    tenant = make_tenant(cabin())
    guest = visit(size)
    page = guest.open(f"/t/{tenant}?lang={language}")
    assert page.evaluate("document.documentElement.dir") == ("rtl" if language == "ar" else "ltr")
    assert page.evaluate("document.documentElement.lang").startswith(language)
    tab_to(page, "a[href$='/resources/cabin']")
    page.keyboard.press("Enter")
    from_day, until_day = choose_nights_by_keyboard(page, 3)
    tab_to(page, "a[href*='/reserve?']")
    expect_good_for_everybody(guest)
    page.keyboard.press("Enter")
    tab_to(page, "[name=name]")
    page.keyboard.type(NAME)
    tab_to(page, "[name=email]")
    page.keyboard.type("ada@")
    tab_to(page, "button[type=submit]")
    guest.permit("reservations: 422")
    page.keyboard.press("Enter")
    # What is wrong is said at its field, and there one goes on.
    expect(page.locator("[name=email]:focus")).to_have_attribute("aria-invalid", "true")
    expect_good_for_everybody(guest)
    page.keyboard.press("End")
    page.keyboard.type("example.org")
    page.keyboard.press("Enter")
    code = code_of(page)
    expect(page.locator("h1:focus")).to_be_visible()
    expect_good_for_everybody(guest)
    (reservation,) = reservations_of(served, tenant)
    assert (reservation["code"], reservation["guest_name"], reservation["state"]) == (code, NAME, "confirmed")
    assert (str(reservation["starts_at"].date()), str(reservation["ends_at"].date())) == (from_day, until_day)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_a_guest_reserves_by_finger_or_mouse(
    visit: OpenVisit, make_tenant: MakeTenant, served: Served, size: Size
) -> None:
    tenant = make_tenant(cabin())
    guest = visit(size)
    page = guest.open(f"/t/{tenant}/resources/cabin")
    calendar = page.get_by_role("application")
    page.get_by_role("button", name="Later months").click()
    free = calendar.get_by_role("button", name="$").or_(calendar.get_by_role("button", name="€"))
    free.nth(8).click()
    free.nth(10).click()
    page.wait_for_url("**until=**")
    page.get_by_role("link", name="Reserve").click()
    fill(page)
    send(page)
    code = code_of(page)
    assert [one["code"] for one in reservations_of(served, tenant)] == [code]


def test_two_guests_want_the_last_cabin_and_the_slower_one_takes_another_stay(
    visit: OpenVisit, make_tenant: MakeTenant, served: Served
) -> None:
    tenant = make_tenant(cabin())
    fast, slow = visit(PHONE), visit(DESKTOP)
    for guest, name in ((fast, "Fast"), (slow, "Slow")):
        fill(guest.open(reserve_path(tenant, DAYS)), name)
    send(fast.page)
    code = code_of(fast.page)
    slow.permit("reservations: 409")
    send(slow.page)
    notice = slow.page.get_by_role("alert")
    expect(notice).to_contain_text("Not free for all of these nights.")
    expect_good_for_everybody(slow)
    notice.get_by_role("button").first.click()
    # What was typed is still there.
    expect(slow.page.locator("[name=name]")).to_have_value("Slow")
    expect(slow.page.locator("[name=email]")).to_have_value(EMAIL)
    expect(slow.page.get_by_role("alert")).to_have_count(0)
    send(slow.page)
    other = code_of(slow.page)
    found = {one["code"]: one for one in reservations_of(served, tenant)}
    assert {code: one["guest_name"] for code, one in found.items()} == {code: "Fast", other: "Slow"}
    first, second = sorted(found.values(), key=lambda one: one["starts_at"])
    assert first["ends_at"] <= second["starts_at"]


HELD = {"kind": "hold", "hold_minutes": 15}


def test_a_hold_that_runs_out_is_said_and_leads_on(visit: OpenVisit, make_tenant: MakeTenant, served: Served) -> None:
    tenant = make_tenant(cabin(confirmation=HELD))
    guest = visit(PHONE)
    guest.page.clock.install()
    page = guest.open(reserve_path(tenant, DAYS))
    fill(page)
    send(page)
    code_of(page)
    expect(page.get_by_role("timer")).to_contain_text("left")
    expect_good_for_everybody(guest)
    change(
        served,
        """
        WITH ended AS (
            UPDATE reservations SET hold_expires_at = clock_now() - interval '1 second'
            WHERE tenant_id = (SELECT id FROM tenants WHERE slug = %s)
            RETURNING id, hold_expires_at
        )
        UPDATE allocations SET held_until = ended.hold_expires_at FROM ended WHERE owner_id = ended.id
        """,
        tenant,
    )
    other = visit()
    fill(other.open(reserve_path(tenant, DAYS)), "Quick")
    send(other.page)
    code_of(other.page)
    # The clock of the page still has time left, but the API decides.
    guest.permit("confirm: 409")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect_good_for_everybody(guest)
    page.clock.fast_forward("20:00")
    expect(page.get_by_text("The time is over")).to_be_visible()
    expect_good_for_everybody(guest)
    page.get_by_role("link", name="To the calendar").click()
    refusal = page.get_by_role("alert").filter(has_text="These days are not possible")
    refusal.get_by_role("button").first.click()
    expect(refusal).to_have_count(0)
    page.get_by_role("link", name="Reserve").click()
    fill(page)
    send(page)
    code_of(page)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Reserved")
    assert [one["state"] for one in reservations_of(served, tenant)] == ["expired", "held", "confirmed"]


def test_a_double_click_and_an_impatient_guest_reserve_once(
    visit: OpenVisit, make_tenant: MakeTenant, served: Served
) -> None:
    """The API takes its time: it answers only after the guest has pressed the button again and again."""
    tenant = make_tenant(cabin(capacity=5))
    guest = visit(PHONE)
    page = guest.open(reserve_path(tenant, DAYS))
    fill(page)
    waiting: list[Route] = []
    page.route(RESERVATIONS, lambda route: waiting.append(route))
    page.locator("button[type=submit]").dblclick()
    expect(page.locator("button[type=submit]")).to_have_attribute("aria-busy", "true")
    expect_good_for_everybody(guest)
    page.locator("[name=email]").press("Enter")
    page.locator("button[type=submit]").click()
    assert len(waiting) == 1
    waiting[0].continue_()
    code = code_of(page)
    assert [one["code"] for one in reservations_of(served, tenant)] == [code]


def test_reloading_and_going_back_reserve_once(visit: OpenVisit, make_tenant: MakeTenant, served: Served) -> None:
    tenant = make_tenant(cabin(capacity=5))
    guest = visit(DESKTOP)
    page = guest.open(f"/t/{tenant}/resources/cabin?from={DAYS[0]}&until={DAYS[1]}&people=2")
    page.get_by_role("link", name="Reserve").click()
    fill(page)
    send(page)
    code = code_of(page)
    page.reload()
    assert code_of(page) == code
    page.go_back()
    page.get_by_role("link", name="Reserve").click()
    assert code_of(page) == code
    assert [one["code"] for one in reservations_of(served, tenant)] == [code]


def test_a_lost_answer_and_a_lost_connection_reserve_once_and_lose_nothing(
    visit: OpenVisit, make_tenant: MakeTenant, served: Served
) -> None:
    tenant = make_tenant(cabin(capacity=5))
    guest = visit(PHONE)
    page = guest.open(reserve_path(tenant, DAYS))
    fill(page)
    guest.permit("net::ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED")
    guest.context.set_offline(offline=True)
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    expect_good_for_everybody(guest)
    guest.context.set_offline(offline=False)
    made: list[str] = []

    def lose_answer(route: Route) -> None:
        made.append(json.loads(route.fetch().text())["code"])
        route.abort()

    page.route(RESERVATIONS, lose_answer)
    send(page)
    expect(page.locator("button[type=submit]")).not_to_have_attribute("aria-busy", "true")
    expect(page.get_by_role("alert")).to_contain_text("will not be reserved twice")
    page.unroute(RESERVATIONS)
    expect(page.locator("[name=name]")).to_have_value(NAME)
    send(page)
    assert [code_of(page)] == made == [one["code"] for one in reservations_of(served, tenant)]


@pytest.mark.parametrize(
    ("status", "headers", "code", "said"),
    [
        (429, {"Retry-After": "7"}, "too_many_attempts", "in 7 seconds"),
        (503, {"Retry-After": "1"}, "database_unavailable", "in a second"),
        (500, {}, "internal_error", "could not do this"),
        (502, {}, "", "could not do this"),
    ],
    ids=["429", "503", "500", "502"],
)
def test_an_api_that_cannot_is_said_and_can_be_asked_again(
    visit: OpenVisit,
    make_tenant: MakeTenant,
    served: Served,
    status: int,
    headers: dict[str, str],
    code: str,
    said: str,
) -> None:
    """While a page loads as well as while one reserves; what was typed stays."""
    tenant = make_tenant(cabin())
    guest = visit(PHONE)
    guest.permit(f": {status}")
    body = json.dumps({"code": code, "title": "No", "status": status, "detail": "No."}) if code else "<html>Bad gateway"

    def refuse(route: Route) -> None:
        route.fulfill(status=status, headers=headers, content_type="application/problem+json", body=body)

    page = guest.page
    page.route(EVERYTHING, refuse)
    guest.open(reserve_path(tenant, DAYS))
    expect(page.get_by_role("alert")).to_contain_text(said)
    expect_good_for_everybody(guest)
    page.unroute(EVERYTHING)
    page.get_by_role("button", name="Try again").click()
    fill(page)
    page.route(RESERVATIONS, refuse)
    send(page)
    expect(page.get_by_role("alert")).to_contain_text(said)
    expect_good_for_everybody(guest)
    page.unroute(RESERVATIONS)
    expect(page.locator("[name=name]")).to_have_value(NAME)
    send(page)
    code_of(page)
    assert len(reservations_of(served, tenant)) == 1


def test_a_slow_api_is_waited_for_in_peace(visit: OpenVisit, make_tenant: MakeTenant) -> None:
    """Each answer comes when the page has said that it waits; nothing jumps, and nothing is asked twice."""
    tenant = make_tenant(cabin())
    guest = visit(PHONE)
    page = guest.page
    waiting: list[Route] = []
    page.route("**/api/v1/tenants/*/quotes", lambda route: waiting.append(route))
    guest.open(f"/t/{tenant}/resources/cabin?from={DAYS[0]}&until={DAYS[1]}&people=2")
    expect(page.get_by_text("Asking for the price")).to_be_attached()
    page.get_by_role("button", name="One person more").click()
    page.wait_for_url("**people=3**")
    page.wait_for_timeout(400)
    *former, last = waiting
    assert [json.loads(route.request.post_data or "{}")["party_size"] for route in (*former, last)] == [2, 3]
    last.continue_()
    expect(page.get_by_role("link", name="Reserve")).to_be_visible()
    assert "people=3" in (page.get_by_role("link", name="Reserve").get_attribute("href") or "")
