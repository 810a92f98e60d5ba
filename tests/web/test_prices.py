"""What a guest reads is what the API says: to the smallest coin, and at the hours of the business."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.offers import STAY, Offer, policy
from tests.web.guests import change, code_of, fill, nights_from, send
from tests.web.visits import DESKTOP, PHONE, TIMEOUT_MS

if TYPE_CHECKING:
    import httpx

    from tests.offers import Json
    from tests.web.conftest import MakeTenant, OpenVisit, Served

pytestmark = pytest.mark.timeout(400)
CURRENCIES = [
    # currency, decimals, locale of the business, its zone, an amount that shows each digit
    ("USD", 2, "en-US", "America/Denver", 123_456_7),
    ("EUR", 2, "de-DE", "Europe/Berlin", 9_999),
    ("JPY", 0, "en-JP", "Asia/Tokyo", 12_345),
    ("KWD", 3, "en-KW", "Asia/Kuwait", 45_678),
]


def rates(amount: int) -> Json:
    """Each kind of line that a price can have."""
    return {
        "base": {"per": "night", "amount": amount},
        "seasons": [],
        "weekdays": [{"weekdays": ["sat"], "percent": 133}],
        "extra_guests": {"included": 1, "amount": 1_001},
        "length_of_stay": [{"minimum": 3, "percent_off": 7}],
        "fees": [{"name": "Cleaning", "amount": 4_567, "per": "unit"}],
        "taxes": [
            {"name": "City tax", "basis_points": 775, "included": False},
            {"name": "VAT", "basis_points": 1_900, "included": True},
        ],
    }


def amounts(texts: list[str]) -> list[int]:
    """Sums in minor units, as all their digits are shown."""
    return [int(re.sub(r"\D", "", text)) * (-1 if re.search(r"[-\u2212]", text) else 1) for text in texts]


@pytest.mark.parametrize(
    ("currency", "decimals", "locale", "zone", "amount"), CURRENCIES, ids=[c[0] for c in CURRENCIES]
)
def test_sums_on_the_screen_are_those_of_the_api(
    visit: OpenVisit,
    make_tenant: MakeTenant,
    served: Served,
    client: httpx.Client,
    currency: str,
    decimals: int,
    locale: str,
    zone: str,
    amount: int,
) -> None:
    tenant = make_tenant(
        Offer(slug="cabin", document=policy(STAY, rates=rates(amount)), max_party_size=4),
        currency=currency,
        timezone=zone,
    )
    change(served, "UPDATE tenants SET locale = %s WHERE slug = %s", locale, tenant)
    days = nights_from(30, 7)
    resource = client.get(f"/tenants/{tenant}/resources/cabin").json()
    wanted = {"resource_id": resource["id"], "check_in_on": days[0], "check_out_on": days[1], "party_size": 3}
    price = client.post(f"/tenants/{tenant}/quotes", json=wanted).json()["price"]
    assert {line["kind"] for line in price["lines"]} == {
        "base",
        "extra_guests",
        "discount",
        "fee",
        "tax",
        "included_tax",
    }
    assert (price["currency"], price["decimals"]) == (currency, decimals)

    guest = visit(DESKTOP, timezone="Pacific/Honolulu")
    page = guest.open(f"/t/{tenant}/resources/cabin?from={days[0]}&until={days[1]}&people=3")
    lines = page.locator("aside table tbody td")
    expect(lines).to_have_count(len(price["lines"]), timeout=TIMEOUT_MS)
    shown = [line["amount"] if line["quantity"] else line["unit_amount"] for line in price["lines"]]
    assert amounts(lines.all_inner_texts()) == shown
    assert amounts(page.locator("aside table tfoot td").all_inner_texts()) == [price["total"]]
    page.locator("a[href*='/reserve?']").click()
    fill(page)
    assert amounts(page.locator("button[type=submit]").all_inner_texts()) == [price["total"]]
    send(page)
    code_of(page)
    assert amounts(page.locator("aside table tfoot td").all_inner_texts()) == [price["total"]]


@pytest.mark.parametrize("days", [("2027-03-27", "2027-03-29"), ("2027-10-30", "2027-11-01")])
def test_nights_in_which_clocks_change_are_nights_and_have_the_hours_of_the_house(
    visit: OpenVisit, make_tenant: MakeTenant, client: httpx.Client, days: tuple[str, str]
) -> None:
    """Of Saturday to Monday, in one of which the hour between two and three is twice or never: 15:00 to 11:00."""
    tenant = make_tenant(
        Offer(slug="cabin", document=policy(STAY), max_party_size=4), timezone="Europe/Berlin", currency="EUR"
    )
    resource = client.get(f"/tenants/{tenant}/resources/cabin").json()
    wanted = {"resource_id": resource["id"], "check_in_on": days[0], "check_out_on": days[1], "party_size": 2}
    quote = client.post(f"/tenants/{tenant}/quotes", json=wanted).json()
    stayed = datetime.fromisoformat(quote["ends_at"]) - datetime.fromisoformat(quote["starts_at"])
    assert stayed != timedelta(hours=44)

    guest = visit(PHONE, timezone="America/Los_Angeles")
    page = guest.open(f"/t/{tenant}/resources/cabin/reserve?from={days[0]}&until={days[1]}&people=2")
    arrival, departure = page.locator("dl dd").all_inner_texts()[:2]
    assert "3 PM" in arrival
    assert "11 AM" in departure
    assert amounts(page.locator("aside table tfoot td").all_inner_texts()) == [20_000] == [quote["price"]["total"]]
    expect(page.locator("aside table tbody th")).to_contain_text("2 nights")
