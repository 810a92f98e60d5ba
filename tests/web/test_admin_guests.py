"""Guests and the audit log: finding, correcting, merging, exporting and forgetting people, and what is kept of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.web.desk import GUEST, Desk, enter
from tests.web.guests import cabin, expect_good_for_everybody, nights_from
from tests.web.visits import DESKTOP, PHONE, SIZES, Size

if TYPE_CHECKING:
    import httpx

    from tests.web.conftest import MakeTenant, OpenVisit, Served

pytestmark = pytest.mark.timeout(400)
TWIN = "Ingrid Halvorsen-Berg"


@pytest.fixture
def desk(served: Served, client: httpx.Client, make_tenant: MakeTenant) -> Desk:
    return Desk(served, client, make_tenant(cabin(3)))


def reserve(desk: Desk, name: str, email: str, in_days: int) -> dict[str, Any]:
    """Another reservation at the desk, of somebody else."""
    arrival, departure = nights_from(in_days, 2)
    wanted = {
        "resource_id": desk.reservation["resource_id"],
        "check_in_on": arrival,
        "check_out_on": departure,
        "party_size": 1,
        "guest": {"name": name, "email": email},
    }
    headers = {**desk.headers, "Idempotency-Key": uuid4().hex}
    answer = desk.client.post(f"/tenants/{desk.tenant}/reservations", json=wanted, headers=headers)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def guests(desk: Desk) -> list[dict[str, Any]]:
    """All that the API lists, the latest first."""
    found: list[dict[str, Any]] = desk.client.get(f"/tenants/{desk.tenant}/guests", headers=desk.headers).json()[
        "items"
    ]
    return found


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_a_guest_is_found_corrected_and_every_reservation_has_it(visit: OpenVisit, desk: Desk, size: Size) -> None:
    reserve(desk, "Sam Ortiz", "sam@guests.example", 20)
    owner = visit(size)
    page = enter(owner, desk, f"/admin/{desk.tenant}/guests")
    expect(page.get_by_role("row")).to_have_count(3)
    expect_good_for_everybody(owner)
    page.get_by_role("searchbox", name="Name, email or phone").fill("halvor")
    page.wait_for_url("**/guests?text=halvor")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name=GUEST).click()
    expect(page.get_by_role("heading", level=1, name=GUEST)).to_be_visible()
    expect(page.get_by_role("list").get_by_text(desk.reservation["code"])).to_be_visible()
    expect_good_for_everybody(owner)
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Phone").fill("+47 22 55 01 42")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="+47 22 55 01 42")).to_be_visible()
    assert desk.read()["guest"]["phone"] == "+47 22 55 01 42"


def test_who_saves_second_is_told_and_their_change_goes_on_top(visit: OpenVisit, desk: Desk) -> None:
    [guest] = guests(desk)
    owner = visit()
    owner.permit(": 409", ": 412")
    page = enter(owner, desk, f"/admin/{desk.tenant}/guests/{guest['id']}")
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Name").fill("Ingrid H.")
    answer = desk.client.patch(
        f"/tenants/{desk.tenant}/guests/{guest['id']}",
        json={"phone": "+47 22 55 01 43"},
        headers={**desk.headers, "If-Match": f'"{guest["version"]}"'},
    )
    assert answer.status_code == 200, answer.text
    page.get_by_role("button", name="Save").click()
    told = page.get_by_role("alert").filter(has_text="saved this guest in the meantime")
    expect(told).to_contain_text("+47 22 55 01 43")
    expect(page.get_by_label("Name")).to_have_value("Ingrid H.")
    expect_good_for_everybody(owner)
    told.get_by_role("button", name=re.compile("mine on top|Redo", re.IGNORECASE)).click()
    expect(page.get_by_role("heading", level=1, name="Ingrid H.")).to_be_visible()
    [now] = guests(desk)
    assert (now["name"], now["phone"]) == ("Ingrid H.", "+47 22 55 01 43")


def test_two_guests_who_are_one_person_are_merged(visit: OpenVisit, desk: Desk) -> None:
    other = reserve(desk, TWIN, "ingrid@home.example", 20)
    one = next(guest for guest in guests(desk) if guest["name"] == GUEST)
    owner = visit()
    page = enter(owner, desk, f"/admin/{desk.tenant}/guests/{one['id']}")
    page.get_by_role("button", name="Merge with another guest").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Merge", exact=True)).to_be_disabled()
    dialog.get_by_role("radio", name=TWIN).check()
    expect(dialog).to_contain_text("1 reservation moves here")
    emails = dialog.get_by_role("row", name=re.compile("^Email"))
    expect(emails.get_by_role("cell")).to_have_text(["ingrid@guests.example", "ingrid@home.example"])
    expect_good_for_everybody(owner)
    dialog.get_by_role("button", name="Merge", exact=True).click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("list").get_by_text(other["code"])).to_be_visible()
    assert [guest["reservations"] for guest in guests(desk)] == [2]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=lambda size: size.name)
def test_a_guest_is_exported_and_forgotten_once_nothing_is_to_come(
    visit: OpenVisit, desk: Desk, tmp_path: Path, size: Size
) -> None:
    [guest] = guests(desk)
    owner = visit(size)
    owner.permit(": 409")
    page = enter(owner, desk, f"/admin/{desk.tenant}/guests/{guest['id']}")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export everything").click()
    file = tmp_path / "guest.json"
    saved.value.save_as(file)
    dossier = json.loads(file.read_text())
    assert [one["code"] for one in dossier["reservations"]] == [desk.reservation["code"]]

    def forget() -> None:
        page.get_by_role("button", name="Forget this guest").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("button", name="Forget this guest")).to_be_disabled()
        dialog.get_by_label(f"Type {GUEST} to confirm").fill(GUEST.lower())
        dialog.get_by_role("button", name="Forget this guest").click()

    forget()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
    expect_good_for_everybody(owner)
    page.keyboard.press("Escape")
    answer = desk.client.post(
        f"/tenants/{desk.tenant}/reservations/{desk.reservation['id']}/cancel",
        headers={**desk.headers, "If-Match": f'"{desk.read()["version"]}"', "Idempotency-Key": uuid4().hex},
    )
    assert answer.status_code == 200, answer.text
    page.reload()
    forget()
    expect(page.get_by_role("heading", level=1, name="Forgotten guest")).to_be_visible()
    expect(page.get_by_role("button", name="Forget this guest")).to_have_count(0)
    assert GUEST not in page.content()


def forget_elsewhere(desk: Desk, guest: dict[str, Any]) -> None:
    """Forget a guest at another desk, once nothing of theirs is to come."""
    for path, version, body in (
        (f"reservations/{desk.reservation['id']}/cancel", desk.read()["version"], None),
        (f"guests/{guest['id']}/anonymize", guest["version"], {"irrevocably": True}),
    ):
        answer = desk.client.post(
            f"/tenants/{desk.tenant}/{path}",
            json=body,
            headers={**desk.headers, "If-Match": f'"{version}"', "Idempotency-Key": uuid4().hex},
        )
        assert answer.status_code == 200, answer.text


def test_who_is_forgotten_while_the_page_is_open_is_said_so_and_what_was_typed_stays(
    visit: OpenVisit, desk: Desk
) -> None:
    [guest] = guests(desk)
    owner = visit()
    owner.permit(": 404")
    page = enter(owner, desk, f"/admin/{desk.tenant}/guests/{guest['id']}")
    page.get_by_role("button", name="Edit", exact=True).click()
    page.get_by_label("Phone").fill("+47 22 55 01 45")
    forget_elsewhere(desk, guest)
    expect(page.get_by_role("alert")).to_contain_text("not here any more", timeout=60_000)
    expect(page.get_by_label("Phone")).to_have_value("+47 22 55 01 45")
    expect(page.get_by_role("button", name="Forget this guest")).to_have_count(0)
    expect_good_for_everybody(owner)
    page.goto(desk.address)
    expect(page.get_by_role("heading", level=1, name="Forgotten guest")).to_be_visible()
    expect(page.get_by_text("contact and notes were erased")).to_be_visible()


def test_the_audit_log_counts_what_is_new_and_shows_it_when_asked(visit: OpenVisit, desk: Desk) -> None:
    owner = visit()
    page = enter(owner, desk, f"/admin/{desk.tenant}/audit?kind=reservation")
    entries = page.locator("ol > li")
    expect(entries).to_have_count(1)
    reserve(desk, "Sam Ortiz", "sam@guests.example", 20)
    told = page.get_by_role("status").filter(has_text="1 new event")
    expect(told).to_be_visible(timeout=60_000)
    expect(entries).to_have_count(1)
    expect_good_for_everybody(owner)
    told.get_by_role("button", name="Show them").click()
    expect(entries).to_have_count(2)
    entries.first.get_by_role("button", name="Owner", exact=True).click()
    page.wait_for_url("**/audit?by=*")
    expect(page.get_by_text("Events of Owner")).to_be_visible()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_the_audit_log_says_who_changed_what(visit: OpenVisit, desk: Desk, size: Size) -> None:
    [guest] = guests(desk)
    renamed = desk.client.patch(
        f"/tenants/{desk.tenant}/guests/{guest['id']}",
        json={"phone": "+47 22 55 01 44"},
        headers={**desk.headers, "If-Match": "*"},
    )
    assert renamed.status_code == 200, renamed.text
    owner = visit(size)
    page = enter(owner, desk, f"/admin/{desk.tenant}/audit")
    entries = page.locator("ol > li")
    expect(entries.first).to_contain_text("Guest · updated")
    expect_good_for_everybody(owner)
    page.locator("label", has_text="What").locator("select").select_option(label="Reservation")
    page.wait_for_url("**/audit?kind=reservation")
    expect(entries).to_have_count(1)
    expect(entries).to_contain_text("Owner · Reservation · created")
    entries.get_by_text(re.compile(r"^\d+ values$")).click()
    expect(entries.get_by_role("row", name=re.compile("party_size"))).to_contain_text("2")
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV").click()
    table = Path(saved.value.path()).read_text(encoding="utf-8")
    assert "reservation.created" in table
    assert "guest.updated" not in table
    entries.get_by_role("link", name="Reservation").click()
    expect(page.get_by_role("heading", name=GUEST)).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Clear filters").click()
    page.locator("label", has_text="From").locator("input").fill("2199-01-01")
    expect(page.get_by_role("heading", name="No event matches")).to_be_visible()
