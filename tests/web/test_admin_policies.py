"""Policies as their managers see them: a change is validated, simulated and published."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.web.desk import Desk, enter
from tests.web.guests import cabin, expect_good_for_everybody
from tests.web.visits import SIZES, Size

if TYPE_CHECKING:
    import httpx

    from tests.web.conftest import MakeTenant, OpenVisit, Served

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def desk(served: Served, client: httpx.Client, make_tenant: MakeTenant) -> Desk:
    return Desk(served, client, make_tenant(cabin(2)))


def only_policy(desk: Desk) -> dict[str, Any]:
    """The one policy of the business, as the API has it now."""
    found: list[dict[str, Any]] = desk.client.get(f"/tenants/{desk.tenant}/policies", headers=desk.headers).json()[
        "items"
    ]
    (policy,) = found
    return policy


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
def test_a_price_change_is_published_after_its_simulation(visit: OpenVisit, desk: Desk, size: Size) -> None:
    before = only_policy(desk)
    owner = visit(size)
    page = enter(owner, desk, f"/admin/{desk.tenant}/policies")
    expect_good_for_everybody(owner)
    page.get_by_role("link", name=before["name"]).click()
    draft = page.get_by_label("Document (JSON)")
    document = before["document"]
    amount = document["rates"]["base"]["amount"]
    document["rates"]["base"]["amount"] = -1
    draft.fill(json.dumps(document))
    expect(page.get_by_text("$.rates.base.amount")).to_be_visible()
    expect(page.get_by_role("button", name="Publish")).to_be_disabled()
    expect_good_for_everybody(owner)
    document["rates"]["base"]["amount"] = amount + 1000
    draft.fill(json.dumps(document))
    page.get_by_role("button", name="Simulate on past reservations").click()
    expect(page.get_by_text(re.compile("All 1 past reservations were judged"))).to_be_visible()
    expect_good_for_everybody(owner)
    page.get_by_role("button", name="Publish").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("stay under their version")
    dialog.get_by_role("button", name="Publish").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("Changed: rates")).to_be_visible()
    after = only_policy(desk)
    assert (after["version"], after["document"]["rates"]["base"]["amount"]) == (before["version"] + 1, amount + 1000)
    assert desk.read()["price"] == desk.reservation["price"]
