"""The administrators' timeline, in real browsers: what others do is seen while they do it, and nobody is in the way."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import psycopg
import pytest
from playwright.sync_api import Page, expect

from chalicelib.adapters.passwords import hash_password
from tests.offers import STAY, Offer, policy
from tests.web.conftest import PASSWORD
from tests.web.visits import DESKTOP, PHONE, TIMEOUT_MS, Size
from tools.people import add_member, add_user

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Locator

    from tests.web.conftest import MakeTenant, OpenVisit, Served
    from tests.web.visits import Scheme, Visit

pytestmark = pytest.mark.timeout(600)
ADA, SAM = "Ada Byron", "Sam Ortiz"
GUEST = "Margaret Doyle"
WIDE = Size("wide", 1680, 1050, is_touched=False)


def day(number: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=number)).isoformat()


@pytest.fixture
def tenant(make_tenant: MakeTenant, served: Served) -> str:
    labels = [f"Cabin {number}" for number in range(1, 4)]
    slug = make_tenant(
        Offer(slug="cabins", document=policy(STAY), capacity=3, assignment="labelled", units=labels),
        Offer(slug="lodge", document=policy(STAY, amount=30000), capacity=1, assignment="labelled", units=["Lodge"]),
    )
    with psycopg.connect(served.database.owner) as owner:
        for name, role in ((ADA, "owner"), (SAM, "manager"), ("Vic Viewer", "viewer")):
            user_id = add_user(owner, email_of(name, slug), name, password_hash=hash_password(PASSWORD))
            add_member(owner, slug, user_id, role)
    return slug


def email_of(name: str, tenant: str) -> str:
    return f"{name.split(maxsplit=1)[0].lower()}@{tenant}.example"


def reserve(served: Served, tenant: str, guest: str, first: int, last: int) -> None:
    with httpx.Client(base_url=served.api, timeout=60) as client:
        resources = client.get(f"/tenants/{tenant}/resources").json()["items"]
        cabins = next(one["id"] for one in resources if one["slug"] == "cabins")
        body = {
            "resource_id": cabins,
            "check_in_on": day(first),
            "check_out_on": day(last),
            "party_size": 2,
            "guest": {"name": guest, "email": "guest@example.org"},
        }
        answer = client.post(f"/tenants/{tenant}/reservations", json=body)
        assert answer.status_code == httpx.codes.CREATED, answer.text


def enter(who: Visit, name: str, tenant: str) -> Page:
    """Sign in, and wait until the timeline is live."""
    page = who.page
    with page.expect_websocket():
        page.goto(f"/admin/{tenant}/timeline")
        page.get_by_label("Email").fill(email_of(name, tenant))
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Cabin 1")).to_be_visible(timeout=TIMEOUT_MS)
    return page


def bar(page: Page, guest: str) -> Locator:
    return page.get_by_role("button", name=guest)


def box_of(found: Locator) -> FloatRect:
    box = found.bounding_box()
    assert box is not None
    return box


def row_of(page: Page, label: str) -> float:
    """The height at which the middle of a unit's row is."""
    box = box_of(page.get_by_text(label, exact=True))
    return box["y"] + box["height"] / 2


def take(page: Page, guest: str) -> tuple[float, float]:
    """Press a bar in its middle; return where."""
    box = box_of(bar(page, guest))
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y


def test_two_administrators_see_each_others_work_live(visit: OpenVisit, served: Served, tenant: str) -> None:
    reserve(served, tenant, GUEST, 2, 5)
    first, second = visit(WIDE, timezone="UTC"), visit(WIDE, timezone="UTC")
    second.permit(": 409")
    ada, sam = enter(first, ADA, tenant), enter(second, SAM, tenant)

    x, y = take(ada, GUEST)
    ada.mouse.move(x + 30, y + 2, steps=3)
    ada.mouse.move(x + 54, row_of(ada, "Cabin 3"), steps=4)
    expect(sam.get_by_title(f"{ADA} is editing").first).to_be_visible(timeout=TIMEOUT_MS)
    expect(ada.get_by_role("status").filter(has_text=day_text(3))).to_be_visible(timeout=TIMEOUT_MS)

    x, y = take(sam, GUEST)
    sam.mouse.move(x + 60, y, steps=4)
    expect(sam.get_by_text("Refused")).to_be_visible(timeout=TIMEOUT_MS)
    expect(sam.get_by_text(f"{ADA} is working on this")).to_be_visible()
    sam.keyboard.press("Escape")
    sam.mouse.up()
    expect(sam.get_by_text("Refused")).to_have_count(0)
    expect(sam.get_by_role("dialog")).to_have_count(0)

    ada.mouse.up()
    expect(ada.get_by_text(f"{GUEST} was changed.")).to_be_visible(timeout=TIMEOUT_MS)
    expect(bar(sam, GUEST)).to_have_accessible_name(re.compile(span_text(3, 6)), timeout=TIMEOUT_MS)
    box = box_of(bar(sam, GUEST))
    assert abs(box["y"] + box["height"] / 2 - row_of(sam, "Cabin 3")) < 3
    expect(sam.get_by_title(f"{ADA} is editing")).to_have_count(0, timeout=TIMEOUT_MS)

    ada.get_by_role("button", name="Undo").click()
    expect(ada.get_by_text(f"{GUEST} is back where it was.")).to_be_visible(timeout=TIMEOUT_MS)
    expect(bar(sam, GUEST)).to_have_accessible_name(re.compile(span_text(2, 5)), timeout=TIMEOUT_MS)


def day_text(number: int) -> str:
    """A day as the page says it in English."""
    on = datetime.now(UTC).date() + timedelta(days=number)
    return f"{on:%a}, {on:%b} {on.day}"


def span_text(first: int, last: int) -> str:
    return f"{GUEST}.* {day_text(first)} . {day_text(last)}, 2 people"


def test_a_lock_goes_after_its_grace_when_the_window_of_its_holder_is_gone(
    visit: OpenVisit, served: Served, tenant: str
) -> None:
    reserve(served, tenant, GUEST, 2, 5)
    first, second = visit(WIDE, timezone="UTC"), visit(WIDE, timezone="UTC")
    ada, sam = enter(first, ADA, tenant), enter(second, SAM, tenant)
    x, y = take(ada, GUEST)
    ada.mouse.move(x + 60, y, steps=4)
    expect(sam.get_by_title(f"{ADA} is editing").first).to_be_visible(timeout=TIMEOUT_MS)
    ada.close()
    expect(sam.get_by_title(f"{ADA} is editing")).to_have_count(0, timeout=120_000)


def test_everything_can_be_done_by_keyboard(visit: OpenVisit, served: Served, tenant: str) -> None:
    reserve(served, tenant, GUEST, 2, 5)
    reserve(served, tenant, "Owen Iverson", 7, 9)
    page = enter(visit(WIDE, timezone="UTC"), ADA, tenant)
    bar(page, GUEST).focus()
    page.keyboard.press("ArrowRight")
    expect(bar(page, "Owen Iverson")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(bar(page, GUEST)).to_be_focused()
    page.keyboard.press("]")
    status = page.get_by_role("status").filter(has_text=day_text(6))
    expect(status).to_contain_text("€400.00", timeout=TIMEOUT_MS)
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{GUEST} was changed.")).to_be_visible(timeout=TIMEOUT_MS)
    expect(bar(page, GUEST)).to_be_focused()
    page.keyboard.press("m")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_text("OK", exact=False).first).to_be_visible(timeout=TIMEOUT_MS)
    page.keyboard.press("Escape")
    expect(page.get_by_text("OK,")).to_have_count(0)
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=GUEST)
    expect(dialog).to_contain_text("€400.00")
    page.keyboard.press("Escape")
    expect(bar(page, GUEST)).to_be_focused()


def test_free_cells_that_are_dragged_over_become_a_reservation_once(
    visit: OpenVisit, served: Served, tenant: str
) -> None:
    reserve(served, tenant, GUEST, 2, 5)
    page = enter(visit(WIDE, timezone="UTC"), ADA, tenant)
    box = box_of(bar(page, GUEST))
    y = row_of(page, "Cabin 2")
    page.mouse.move(box["x"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"], y, steps=5)
    expect(page.get_by_text("OK, +€300")).to_be_visible(timeout=TIMEOUT_MS)
    page.mouse.up()
    dialog = page.get_by_role("dialog", name="New reservation")
    dialog.get_by_label("Name").fill("ليلى الحداد")
    dialog.get_by_label("Email").fill("leila@example.org")
    expect(dialog).to_contain_text("Cabins, Cabin 2")
    dialog.get_by_role("button", name="Reserve").dblclick()
    expect(dialog).to_be_hidden(timeout=TIMEOUT_MS)
    expect(bar(page, "ليلى الحداد")).to_have_count(1, timeout=TIMEOUT_MS)


def test_viewers_look_and_nothing_of_theirs_can_be_dragged(visit: OpenVisit, served: Served, tenant: str) -> None:
    reserve(served, tenant, GUEST, 2, 5)
    page = enter(visit(WIDE, timezone="UTC"), "Vic Viewer", tenant)
    x, y = take(page, GUEST)
    page.mouse.move(x + 60, y, steps=4)
    page.mouse.up()
    expect(page.get_by_text("Asking …")).to_have_count(0)
    bar(page, GUEST).focus()
    page.keyboard.press("m")
    expect(page.get_by_text("Asking …")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP, WIDE], ids=lambda size: size.name)
def test_the_timeline_is_good_for_everybody(
    visit: OpenVisit, served: Served, tenant: str, size: Size, scheme: Scheme
) -> None:
    reserve(served, tenant, GUEST, 2, 5)
    who = visit(size, scheme=scheme, timezone="UTC")
    page = enter(who, ADA, tenant)
    expect(bar(page, GUEST)).to_be_visible()
    assert who.axe() == []
    assert not who.wider_than_screen()
