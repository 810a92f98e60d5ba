"""A guest changes, shortens, extends and cancels by the link they have: sums on the screen are those of the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.offers import INTERVAL, SLOT, STAY, Offer, policy
from tests.web.guests import EMAIL, NAME, cabin, expect_good_for_everybody, nights_from, tab_to
from tests.web.test_prices import amounts
from tests.web.visits import PHONE

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Locator, Page

    from tests.offers import Json
    from tests.web.conftest import MakeTenant, OpenVisit

pytestmark = pytest.mark.timeout(400)
CANCELLING: Json = {
    "cancellation": [
        {"until_minutes_before": 7 * 24 * 60, "refund_percent": 100},
        {"until_minutes_before": 0, "refund_percent": 33},
    ]
}
OPENS = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=30)
ANY_TIME = {"until_minutes_before": 0, "other_resources": False}


def reserve(client: httpx.Client, tenant: str, resource: str, **use: object) -> Json:
    """Reserve as a guest does; the answer holds the token of the link."""
    found = client.get(f"/tenants/{tenant}/resources/{resource}").json()
    body = {"resource_id": found["id"], "party_size": 2, "guest": {"name": NAME, "email": EMAIL}, **use}
    answer = client.post(f"/tenants/{tenant}/reservations", json=body, headers={"Idempotency-Key": uuid4().hex})
    assert answer.status_code == 201, answer.text
    return answer.json()


def reserve_nights(client: httpx.Client, tenant: str, in_days: int = 30, nights: int = 3) -> Json:
    """Some nights in the cabin."""
    days = nights_from(in_days, nights)
    return reserve(client, tenant, "cabin", check_in_on=days[0], check_out_on=days[1])


def link(tenant: str, reservation: Json) -> str:
    """The link of its emails."""
    return f"/t/{tenant}/r/{reservation['id']}#{reservation['manage_token']}"


def now(client: httpx.Client, tenant: str, reservation: Json, *below: str) -> Json:
    """What the API says of it to its guest."""
    path = "/".join([f"/tenants/{tenant}/reservations/{reservation['id']}", *below])
    return client.get(path, headers=bearer(reservation)).json()


def ask(client: httpx.Client, tenant: str, reservation: Json, action: str, body: Json) -> Json:
    """What the API says that a change comes to."""
    path = f"/tenants/{tenant}/reservations/{reservation['id']}/{action}/preview"
    answer = client.post(path, json=body, headers=bearer(reservation))
    assert answer.status_code == 200, answer.text
    return answer.json()


def bearer(reservation: Json) -> dict[str, str]:
    """As its guest."""
    return {"Authorization": f"Bearer {reservation['manage_token']}"}


def panel(page: Page) -> Locator:
    """Where something is changed or cancelled."""
    return page.locator("section[aria-labelledby=change-title], section[aria-labelledby=cancel-title]")


def press(page: Page, name: str) -> None:
    """Press a button of the page once it can be."""
    page.get_by_role("button", name=name).click()


def expect_sums(page: Page, preview: Json) -> None:
    """The panel shows the new price, and its button what is paid or given back."""
    button = panel(page).locator("button").nth(-2)
    expect(button).to_be_enabled()
    assert amounts(panel(page).locator("tfoot td").all_inner_texts()) == [preview["new_price"]["total"]]
    due, back = preview["price_change"]["total"], (preview["refund"] or {"total": 0})["total"]
    if due > 0 or back > 0:
        assert amounts([button.inner_text()]) == [due if due > 0 else back]


def send(page: Page, said: str) -> None:
    """Press the button of the panel, and read what became of it."""
    panel(page).locator("button").nth(-2).click()
    expect(page.get_by_text(said)).to_be_visible()


def test_a_guest_extends_shortens_and_cancels_nights_on_a_phone(
    visit: OpenVisit, make_tenant: MakeTenant, client: httpx.Client
) -> None:
    tenant = make_tenant(cabin(**CANCELLING))
    made = reserve_nights(client, tenant)
    guest = visit(PHONE)
    page = guest.open(link(tenant, made))
    expect_good_for_everybody(guest)
    assert made["manage_token"] not in page.url

    press(page, "Make it longer")
    longer = ask(client, tenant, made, "extend", {"check_out_on": nights_from(30, 4)[1]})
    expect(panel(page).locator("tfoot td")).to_be_visible()
    expect_sums(page, longer)
    expect_good_for_everybody(guest)
    send(page, "Changed.")
    assert now(client, tenant, made)["price"]["total"] == longer["new_price"]["total"] == 4 * 12_345

    press(page, "Make it shorter")
    expect(panel(page).get_by_role("button", name="One night fewer")).to_be_visible()
    panel(page).get_by_role("button", name="One night fewer").click()
    expect(panel(page).locator("tfoot td")).to_contain_text("246.90")
    expect_sums(page, ask(client, tenant, made, "shorten", {"check_out_on": nights_from(30, 2)[1]}))
    send(page, "Changed.")
    assert now(client, tenant, made)["check_out_on"] == nights_from(30, 2)[1]

    press(page, "Cancel")
    refund = now(client, tenant, made, "cancellation")["refund"]["total"]
    expect_good_for_everybody(guest)
    assert amounts([panel(page).locator("button").first.inner_text()]) == [refund]
    panel(page).locator("button").first.click()
    expect(page.get_by_text("Cancelled.", exact=False).first).to_be_visible()
    after = now(client, tenant, made)
    assert (after["state"], after["refund"]) == ("cancelled", None)
    expect(page.get_by_text("Cancelled.").first).to_contain_text(f"{refund / 100:.2f}")
    expect_good_for_everybody(guest)


def test_cancelling_late_says_in_german_what_stays_owed(
    visit: OpenVisit, make_tenant: MakeTenant, client: httpx.Client
) -> None:
    tenant = make_tenant(cabin(**CANCELLING))
    made = reserve_nights(client, tenant, in_days=3)
    guest = visit(PHONE)
    page = guest.open(link(tenant, made).replace("#", "?lang=de#"))
    expect(page.get_by_text("Guests can change this by themselves")).to_have_count(0)
    expect(page.get_by_text("Ändern ließ es sich bis")).to_be_visible()
    page.locator("button[aria-expanded]").last.click()
    said = now(client, tenant, made, "cancellation")
    assert 0 < said["refund"]["total"] < 3 * 12_345
    assert amounts([panel(page).locator("b").first.inner_text()]) == [said["refund"]["total"]]
    assert amounts([panel(page).locator("p.small").first.inner_text()]) == [said["retained"]["total"]]


def test_a_guest_takes_another_departure_by_keyboard_alone(
    visit: OpenVisit, make_tenant: MakeTenant, client: httpx.Client
) -> None:
    """The days without any say so, and those that have some are found without guessing dates."""
    later = OPENS + timedelta(days=4)
    windows = [(at, at + timedelta(hours=2)) for at in (OPENS, later)]
    document = policy(SLOT, per="person", amount=4_321, capacity_counts="people", guest_changes=ANY_TIME)
    tenant = make_tenant(Offer(slug="tour", document=document, capacity=8, max_party_size=6, windows=windows))
    made = reserve(
        client, tenant, "tour", starts_at=OPENS.isoformat(), ends_at=(OPENS + timedelta(hours=1)).isoformat()
    )
    guest = visit()
    page = guest.open(link(tenant, made))
    tab_to(page, "button[aria-expanded]")
    page.keyboard.press("Enter")
    expect(panel(page).get_by_role("button", name="yours")).to_be_visible()
    expect_good_for_everybody(guest)
    for day in (OPENS + timedelta(days=1), later):
        tab_to(page, f"[role=group] button:has(b:text-is('{day.day}'))")
        page.keyboard.press("Enter")
        if day != later:
            expect(panel(page).locator("p", has_text="Nothing is offered on this day")).to_be_visible()
    tab_to(page, "[role=group] button:has(small)")
    page.keyboard.press("Enter")
    wanted = {"starts_at": later.isoformat(), "ends_at": (later + timedelta(hours=1)).isoformat()}
    expect(panel(page).locator("tfoot td")).to_be_visible()
    expect_sums(page, ask(client, tenant, made, "move", wanted))
    expect_good_for_everybody(guest)
    tab_to(page, "section[aria-labelledby=change-title] button:has-text('Change it')")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Changed.")).to_be_visible()
    assert datetime.fromisoformat(now(client, tenant, made)["starts_at"]) == later


def test_a_guest_moves_and_extends_an_interval(visit: OpenVisit, make_tenant: MakeTenant, client: httpx.Client) -> None:
    document = policy(INTERVAL, per="hour", amount=1_234, guest_changes=ANY_TIME)
    tenant = make_tenant(Offer(slug="room", document=document, max_party_size=4))
    ends = OPENS + timedelta(hours=1)
    made = reserve(client, tenant, "room", starts_at=OPENS.isoformat(), ends_at=ends.isoformat())
    guest = visit(PHONE)
    page = guest.open(link(tenant, made))
    press(page, "Make it longer")
    later = ends + timedelta(hours=1)
    panel(page).get_by_label("End").select_option(later.strftime("%Y-%m-%dT%H:%MZ"))
    expect(panel(page).locator("tfoot td")).to_be_visible()
    expect_sums(page, ask(client, tenant, made, "extend", {"ends_at": later.isoformat()}))
    expect_good_for_everybody(guest)
    send(page, "Changed.")
    press(page, "Change time or people")
    start = OPENS + timedelta(days=1, hours=2)
    panel(page).get_by_role("button", name=f"{start:%B}").filter(has_text=str(start.day)).first.click()
    panel(page).get_by_label("Start").select_option(start.strftime("%Y-%m-%dT%H:%MZ"))
    wanted = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=2)).isoformat()}
    expect(panel(page).locator("tfoot td")).to_be_visible()
    expect_sums(page, ask(client, tenant, made, "move", wanted))
    expect_good_for_everybody(guest)
    send(page, "Changed.")
    assert datetime.fromisoformat(now(client, tenant, made)["starts_at"]) == start


def test_a_link_that_opens_nothing_leads_to_another_one(
    visit: OpenVisit, make_tenant: MakeTenant, client: httpx.Client
) -> None:
    tenant = make_tenant(Offer(slug="cabin", document=policy(STAY), capacity=2))
    made, other = reserve_nights(client, tenant), reserve_nights(client, tenant)
    wrong = {"nothing": "", "nonsense": "nonsense", "of another": other["manage_token"]}
    for why, token in wrong.items():
        guest = visit(PHONE)
        guest.permit(": 401", ": 403", ": 404")
        page = guest.open(link(tenant, made | {"manage_token": token}))
        expect(page.get_by_role("heading", name="This link opens no reservation"), why).to_be_visible()
        expect_good_for_everybody(guest)
        press(page, "Send me the link")
        page.get_by_label("Code of the reservation").fill(made["code"].lower())
        page.locator("[name=email]").fill(EMAIL)
        press(page, "Send me the link")
        expect(page.get_by_text(f"a link is on its way to {EMAIL}")).to_be_visible()
        expect_good_for_everybody(guest)
