"""What a business decides about itself: who works there, which systems, and when it is closed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.eventually import eventually
from tests.web.desk import Desk, enter
from tests.web.guests import cabin, expect_good_for_everybody
from tests.web.visits import SIZES, TIMEOUT_MS, Size

if TYPE_CHECKING:
    import httpx

    from tests.web.conftest import MakeTenant, OpenVisit, Served

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def desk(served: Served, client: httpx.Client, make_tenant: MakeTenant) -> Desk:
    return Desk(served, client, make_tenant(cabin(3)))


def listed(desk: Desk, path: str) -> list[dict[str, Any]]:
    """What the API lists."""
    answer = desk.client.get(f"/tenants/{desk.tenant}/{path}", headers=desk.headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_people_are_invited_given_another_role_and_removed(visit: OpenVisit, desk: Desk, size: Size) -> None:
    owner = visit(size)
    page = enter(owner, desk, f"/admin/{desk.tenant}/members")
    expect_good_for_everybody(owner)
    page.get_by_role("button", name="Invite a person").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Email").fill("grace@example.org")
    dialog.get_by_label("Role").select_option(label="Host")
    dialog.get_by_label("cabin", exact=False).check()
    expect_good_for_everybody(owner)
    dialog.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("grace@example.org is invited.")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="grace@example.org")).to_contain_text("Host")
    [invitation] = listed(desk, "invitations")
    assert (invitation["role"], invitation["resource_ids"]) == ("host", [desk.reservation["resource_id"]])
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("No invitation is open.")).to_be_visible()
    page.get_by_role("button", name="Change role: Viewer").click()
    dialog.get_by_label("Role").select_option(label="Agent")
    expect(dialog).to_contain_text("May make, change and end reservations.")
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("listitem").filter(has_text="viewer@")).to_contain_text("Agent")
    page.get_by_role("button", name="Remove Viewer").click()
    expect_good_for_everybody(owner)
    dialog.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("listitem").filter(has_text="viewer@")).to_have_count(0)
    assert [one["role"] for one in listed(desk, "members")] == ["owner"]


def test_the_last_owner_stays_and_is_told_why(visit: OpenVisit, desk: Desk) -> None:
    owner = visit()
    owner.permit(": 409", ": 422")
    page = enter(owner, desk, f"/admin/{desk.tenant}/members")
    page.get_by_role("button", name="Remove Owner").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("owner")
    assert len(listed(desk, "members")) == 2


def test_a_key_is_shown_once_works_and_is_revoked(visit: OpenVisit, desk: Desk) -> None:
    owner = visit()
    page = enter(owner, desk, f"/admin/{desk.tenant}/members")
    page.get_by_role("button", name="New key").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("What it is for").fill("Channel manager")
    expect_good_for_everybody(owner)
    dialog.get_by_role("button", name="Make the key").click()
    expect(dialog).to_contain_text("shown this once")
    key = dialog.get_by_text(re.compile(r"^berth_\S{20,}$")).inner_text()
    expect_good_for_everybody(owner)
    dialog.get_by_role("button", name="I have it").click()
    assert key not in page.content()

    def search() -> httpx.Response:
        path = f"/tenants/{desk.tenant}/reservations"
        return desk.client.get(path, headers={"Authorization": f"Bearer {key}"})

    assert search().status_code == 200
    page.get_by_role("button", name="Revoke the key for Channel manager").click()
    dialog.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("No other system has a key.")).to_be_visible()
    eventually(lambda: search().status_code == 401, "the key is refused")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_a_closure_shows_first_who_is_in_its_time_and_is_made_changed_and_ended(
    visit: OpenVisit, desk: Desk, size: Size
) -> None:
    taken = datetime.fromisoformat(desk.reservation["starts_at"])
    owner = visit(size)
    page = enter(owner, desk, f"/admin/{desk.tenant}/closures")
    expect(page.get_by_text("Nothing is closed.")).to_be_visible()
    expect_good_for_everybody(owner)
    page.get_by_role("button", name="New closure").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Resource").select_option(index=1)
    dialog.get_by_label("From").fill((taken + timedelta(hours=12)).strftime("%Y-%m-%dT%H:%M"))
    dialog.get_by_label("Until").fill((taken + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M"))
    expect(dialog.get_by_role("link", name=desk.reservation["code"])).to_be_visible()
    expect_good_for_everybody(owner)
    dialog.get_by_label("From").fill((taken + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M"))
    expect(dialog.get_by_text("No reservation is in this time.")).to_be_visible()
    dialog.get_by_label("Reason").fill("New roof")
    dialog.get_by_role("button", name="Close", exact=True).click()
    row = page.get_by_role("listitem").filter(has_text="New roof")
    expect(row).to_contain_text("All of it")
    [closure] = listed(desk, "closures")
    assert datetime.fromisoformat(closure["starts_at"]) == taken + timedelta(days=7)
    row.get_by_role("button", name="Change: New roof").click()
    dialog.get_by_label("Reason").fill("New roof and gutters")
    expect_good_for_everybody(owner)
    dialog.get_by_role("button", name="Save").click()
    row = page.get_by_role("listitem").filter(has_text="New roof and gutters")
    expect(row).to_be_visible()
    [changed] = listed(desk, "closures")
    assert (changed["reason"], changed["ends_at"]) == ("New roof and gutters", closure["ends_at"])
    row.get_by_role("button", name="End: New roof and gutters").click()
    dialog.get_by_role("button", name="End", exact=True).click()
    expect(page.get_by_text("Nothing is closed.")).to_be_visible()
    assert listed(desk, "closures") == []


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_a_webhook_is_made_tested_looked_at_and_deleted(visit: OpenVisit, desk: Desk, size: Size) -> None:
    owner = visit(size)
    owner.permit(": 422")
    page = enter(owner, desk, f"/admin/{desk.tenant}/webhooks")
    expect(page.get_by_text("Events are sent nowhere.")).to_be_visible()
    expect_good_for_everybody(owner)
    page.get_by_role("button", name="New webhook").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Address").fill("https://127.0.0.1/hooks")
    dialog.get_by_label("All events").uncheck()
    dialog.get_by_label("reservation.created").check()
    expect_good_for_everybody(owner)
    dialog.get_by_role("button", name="Make the webhook").click()
    expect(dialog.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Address").fill("https://no-such-host.example.org/berth")
    dialog.get_by_role("button", name="Make the webhook").click()
    expect(dialog.get_by_text(re.compile(r"^whsec_"))).to_be_visible()
    dialog.get_by_role("button", name="I have it").click()
    page.get_by_role("link", name="https://no-such-host.example.org/berth").click()
    expect(page.get_by_text("Nothing was sent.")).to_be_visible()
    expect_good_for_everybody(owner)
    page.get_by_role("button", name="Send a test").click()
    row = page.get_by_role("listitem").filter(has=page.get_by_role("button", name="Send again"))
    expect(row).to_contain_text("webhook.tested", timeout=TIMEOUT_MS)
    row.get_by_role("button", name="Details").click()
    expect(row.get_by_text('"type":"webhook.tested"')).to_be_visible()
    expect_good_for_everybody(owner)
    secrets = set[str]()
    for _ in range(2):
        page.get_by_role("button", name="New secret").click()
        dialog.get_by_role("button", name="Change within a day").click()
        secrets.add(dialog.get_by_text(re.compile(r"^whsec_")).inner_text())
        dialog.get_by_role("button", name="I have it").click()
    assert len(secrets) == 2
    expect(page.get_by_text("The secret before works until")).to_be_visible()
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("button", name="Enable")).to_be_visible()
    assert [one["disabled_because"] for one in listed(desk, "webhooks")] == ["staff"]
    page.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Events are sent nowhere.")).to_be_visible()
    assert listed(desk, "webhooks") == []
