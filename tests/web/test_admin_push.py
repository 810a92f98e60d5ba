"""What the administrators' app does when nobody looks at it, and without a network."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from chalicelib.delivery.model.push import USUAL_EVENT_TYPES
from tests.eventually import eventually
from tests.web.desk import GUEST, Desk, enter
from tests.web.guests import cabin, expect_good_for_everybody
from tests.web.visits import DESKTOP, PHONE, Size

if TYPE_CHECKING:
    import httpx
    from playwright.sync_api import Page

    from tests.web.conftest import MakeTenant, OpenVisit, Served
    from tests.web.visits import Visit

pytestmark = pytest.mark.timeout(400)
KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}
SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
    .map(({ title, body, tag }) => ({ title, body, tag }))"""
COUNT_SHOWN = """() => {
    if (self.shown === undefined) {
        self.shown = 0;
        const show = self.registration.showNotification.bind(self.registration);
        self.registration.showNotification = async (...said) => { await show(...said); self.shown += 1; };
    }
    return self.shown;
}"""


@pytest.fixture
def desk(served: Served, client: httpx.Client, make_tenant: MakeTenant) -> Desk:
    return Desk(served, client, make_tenant(cabin(2)))


class Pushes:
    """Pushes to the worker of a page as the browser would, by DevTools: there is no push service here."""

    def __init__(self, page: Page) -> None:
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        self.devtools: Any = page.context.new_cdp_session(page)
        self.origin = page.evaluate("location.origin")
        found: list[Any] = []

        def hear(update: Any) -> None:  # noqa: ANN401 - JSON
            found.extend(update["registrations"])

        self.devtools.on("ServiceWorker.workerRegistrationUpdated", hear)
        self.devtools.send("ServiceWorker.enable")
        eventually(lambda: bool(found) or page.evaluate("0"), "the registration")
        self.page = page
        self.registration = next(one["registrationId"] for one in reversed(found) if not one["isDeleted"])

    def push(self, **said: str) -> None:
        """Deliver it, and wait until the worker has shown it: looking before that, Chromium forgets what it shows."""
        (worker,) = self.page.context.service_workers
        before = worker.evaluate(COUNT_SHOWN)
        values = {"origin": self.origin, "registrationId": self.registration, "data": json.dumps(said)}
        self.devtools.send("ServiceWorker.deliverPushMessage", values)
        eventually(lambda: worker.evaluate(COUNT_SHOWN) > before, "the notification")


def said(desk: Desk, title: str, tag: str | None = None) -> dict[str, str]:
    """As chalicelib/delivery/channels/push.py says it."""
    return {
        "title": title,
        "body": "1 Dec",
        "url": desk.address,
        "tag": tag or uuid4().hex,
        "group": desk.tenant,
        "several": "{count} notifications",
        "language": "en",
    }


def add_device(desk: Desk, client: httpx.Client) -> None:
    answer = client.post(
        f"/tenants/{desk.tenant}/push-subscriptions",
        json={
            "endpoint": f"https://updates.push.services.mozilla.com/wpush/v2/{uuid4()}",
            "keys": KEYS,
            "name": "Phone of the house",
            "language": "en",
        },
        headers={**desk.headers, "Idempotency-Key": uuid4().hex},
    )
    assert answer.status_code == 201, answer.text


def at_work(visit: Visit, desk: Desk) -> Page:
    visit.context.grant_permissions(["notifications"], origin=visit.address)
    page = enter(visit, desk, f"/admin/{desk.tenant}/calendar")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return page


def test_what_is_pushed_is_shown_and_a_later_one_replaces_it(visit: OpenVisit, desk: Desk) -> None:
    page = at_work(visit(worker=True), desk)
    pushes = Pushes(page)
    pushes.push(**said(desk, "New reservation: Cabin", "one"))
    assert page.evaluate(SHOWN) == [{"title": "New reservation: Cabin", "body": "1 Dec", "tag": "one"}]
    pushes.push(**said(desk, "Reservation cancelled: Cabin", "one"))
    eventually(lambda: page.evaluate(SHOWN)[0]["title"].startswith("Reservation cancelled"), "the later one")
    assert len(page.evaluate(SHOWN)) == 1


def test_more_than_three_of_a_business_become_one_that_counts_them(visit: OpenVisit, desk: Desk) -> None:
    page = at_work(visit(worker=True), desk)
    pushes = Pushes(page)
    for number in range(1, 4):
        pushes.push(**said(desk, f"New reservation: Cabin {number}"))
        eventually(lambda number=number: len(page.evaluate(SHOWN)) == number, f"notification {number}")
    pushes.push(**said(desk, "New reservation: Cabin 4"))
    eventually(lambda: [one["title"] for one in page.evaluate(SHOWN)] == ["4 notifications"], "one for all")
    assert page.evaluate(SHOWN)[0]["body"].startswith("New reservation: Cabin 4\n")


def click_notification(visit: Visit) -> None:
    """As the screen of the machine would: headless browsers have none that could be clicked."""
    (worker,) = visit.context.service_workers
    worker.evaluate(
        """async () => {
            const [notification] = await self.registration.getNotifications();
            WindowClient.prototype.focus = async () => {};  // nobody has touched anything
            self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
        }"""
    )


def test_a_click_opens_the_reservation_and_asks_first_where_something_was_typed(visit: OpenVisit, desk: Desk) -> None:
    owner = visit(worker=True)
    page = at_work(owner, desk)
    Pushes(page).push(**said(desk, "New reservation: Cabin"))
    page.goto(desk.address)
    owner.wait_for_content()
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Notes").fill("Half a sentence")
    click_notification(owner)
    note = page.get_by_role("status").filter(has_text="what the notification is about")
    expect(note).to_be_visible()
    expect(page.get_by_label("Notes")).to_have_value("Half a sentence")
    expect_good_for_everybody(owner)
    note.get_by_role("button", name="Stay here").click()
    expect(note).to_have_count(0)
    page.goto(f"/admin/{desk.tenant}/calendar")
    owner.wait_for_content()
    Pushes(page).push(**said(desk, "New reservation: Cabin"))
    click_notification(owner)
    page.wait_for_url(f"**{desk.address}")
    expect(page.get_by_role("heading", name=GUEST)).to_be_visible()


def test_without_a_network_the_last_calendar_and_arrivals_are_there_with_their_age(
    visit: OpenVisit, desk: Desk
) -> None:
    owner = visit(PHONE, worker=True)
    owner.permit("net::ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    page = at_work(owner, desk)
    expect(page.get_by_role("link", name=GUEST).first).to_be_visible()
    eventually(lambda: GUEST in (page.evaluate("localStorage.getItem('berth-offline')") or ""), "what is kept")
    owner.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("No connection")
    expect(page.get_by_role("alert")).to_contain_text("As of")
    expect(page.get_by_text(GUEST)).to_be_visible()
    expect(page.get_by_role("row").nth(1)).to_contain_text("1/2")
    expect_good_for_everybody(owner)
    owner.context.set_offline(False)
    page.get_by_role("heading", name="Calendar", level=1).wait_for()


def test_who_signs_out_leaves_nothing_to_show_without_a_network(visit: OpenVisit, desk: Desk) -> None:
    owner = visit(worker=True)
    owner.permit(": 401")  # what was asked for at the moment of leaving
    page = at_work(owner, desk)
    eventually(lambda: page.evaluate("localStorage.getItem('berth-offline')"), "what is kept")
    page.get_by_role("button", name=re.compile("Signed in as")).click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.locator("[type=password]").wait_for()
    assert page.evaluate("localStorage.getItem('berth-offline')") is None


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=lambda size: size.name)
def test_a_member_chooses_what_they_are_notified_of(
    visit: OpenVisit, desk: Desk, client: httpx.Client, size: Size
) -> None:
    add_device(desk, client)
    owner = visit(size, worker=True)
    owner.permit(": 412")
    page = enter(owner, desk, f"/admin/{desk.tenant}/notifications")
    expect(page.get_by_text("Phone of the house", exact=True)).to_be_visible()
    page.get_by_label("Guest checked in").check()
    page.get_by_label("Keep quiet at certain hours").check()
    page.get_by_label("From").fill("21:30")
    expect_good_for_everybody(owner)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="saved")).to_be_visible()
    chosen = client.get(f"/tenants/{desk.tenant}/push-preferences", headers=desk.headers).json()
    assert "reservation.checked_in" in chosen["events"]
    assert (chosen["quiet_hours"]["starts_at"], chosen["quiet_hours"]["timezone"]) == ("21:30", "Asia/Tokyo")
    elsewhere = client.put(
        f"/tenants/{desk.tenant}/push-preferences", json={"events": []}, headers={**desk.headers, "If-Match": "*"}
    )
    assert elsewhere.status_code == 200
    page.get_by_label("Moved").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("in another window")
    expect_good_for_everybody(owner)
    page.get_by_role("button", name="Save this choice").click()
    expected = set(USUAL_EVENT_TYPES) - {"reservation.moved"} | {"reservation.checked_in"}

    def events() -> set[str]:
        return set(client.get(f"/tenants/{desk.tenant}/push-preferences", headers=desk.headers).json()["events"])

    eventually(lambda: events() == expected, "the choice is saved")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_device_is_tested_and_turned_off(visit: OpenVisit, desk: Desk, client: httpx.Client) -> None:
    add_device(desk, client)
    page = enter(visit(worker=True), desk, f"/admin/{desk.tenant}/notifications")
    page.get_by_role("button", name="Send a test to Phone of the house").click()
    expect(page.get_by_role("status").filter(has_text="on its way")).to_be_visible()
    page.get_by_role("button", name="Turn off notifications on Phone of the house").click()
    expect(page.get_by_text("not notified on any device")).to_be_visible()
    found = client.get(f"/tenants/{desk.tenant}/push-subscriptions", headers=desk.headers).json()
    assert found["items"] == []


def test_a_browser_that_may_not_notify_says_what_to_do(visit: OpenVisit, desk: Desk) -> None:
    owner = visit(worker=True)
    owner.context.grant_permissions([], origin=owner.address)  # all others are denied
    page = enter(owner, desk, f"/admin/{desk.tenant}/notifications")
    expect(page.get_by_text("This browser does not let Berth notify you")).to_be_visible()
    expect_good_for_everybody(owner)


def test_the_app_can_be_installed(visit: OpenVisit) -> None:
    page = visit(worker=True).open("/admin")
    manifest = page.evaluate("fetch(document.querySelector('[rel=manifest]').href).then((answer) => answer.json())")
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/admin", "/admin", "standalone")
    sizes = page.evaluate(
        """(icons) => Promise.all(icons.map(async ({ src, sizes }) => {
            const image = await createImageBitmap(await (await fetch(src)).blob());
            return [sizes, `${image.width}x${image.height}`];
        }))""",
        manifest["icons"],
    )
    assert len(sizes) == 3
    assert all(declared == real for declared, real in sizes)
