"""Texts are texts, whoever wrote them: nothing runs, nothing breaks the layout, and every page can be read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.web.guests import (
    CODE,
    EMAIL,
    cabin,
    change,
    code_of,
    expect_good_for_everybody,
    fill,
    nights_from,
    reservations_of,
    reserve_path,
    send,
)
from tests.web.visits import PHONE, SIZES, Scheme, Size

if TYPE_CHECKING:
    from tests.web.conftest import MakeTenant, OpenVisit, Served

pytestmark = pytest.mark.timeout(400)
DAYS = nights_from(25, 2)
MARKUP = """<img src=x onerror="window.ran=1"><script>window.ran=1</script></title><b>&amp;"'{{7*7}}"""
TEXTS = {
    "markup": MARKUP,
    "long": "Llanfairpwllgwyngyllgogerychwyrndrobwll" * 256,
    "emoji": "👨‍👩‍👧‍👦🏕️" * 40,
    "from right to left": "שלום עולם " * 20 + "\u202e" + "gnihton",
    "without width": "a\u200bb\u200d\ufeff\u2060" * 60,
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)
@pytest.mark.parametrize("text", TEXTS)
def test_texts_of_a_business_are_texts(
    visit: OpenVisit, make_tenant: MakeTenant, served: Served, text: str, size: Size
) -> None:
    words = TEXTS[text]
    passage = {"title": words[:200], "text": words}
    site = {
        "tagline": words[:300],
        "about": [words],
        "highlights": [passage],
        "good_to_know": [passage],
        "house_rules": [passage],
        "contact": {"email": "hello@example.org", "phones": [{"label": words[:60], "number": "+1 970-555-0142"}]},
        "address": {"street": words[:200], "postal_code": "1", "locality": words[:100], "country": "US"},
    }
    tenant = make_tenant(cabin(), site=site)
    change(served, "UPDATE tenants SET name = %s WHERE slug = %s", words[:200], tenant)
    change(
        served,
        """
        UPDATE resources SET name = %s, summary = %s, description = %s
        WHERE tenant_id = (SELECT id FROM tenants WHERE slug = %s)
        """,
        words[:200],
        words[:500],
        words,
        tenant,
    )
    guest = visit(size)
    for path in (f"/t/{tenant}", f"/t/{tenant}/resources/cabin", reserve_path(tenant, DAYS)):
        page = guest.open(path)
        expect_good_for_everybody(guest)
        assert page.evaluate("window.ran") is None
        assert words[:20].strip() in page.locator("main").inner_text()


@pytest.mark.parametrize("text", TEXTS)
def test_texts_of_a_guest_are_texts(visit: OpenVisit, make_tenant: MakeTenant, served: Served, text: str) -> None:
    tenant = make_tenant(cabin())
    guest = visit(PHONE)
    page = guest.open(reserve_path(tenant, DAYS))
    fill(page, TEXTS[text])
    page.locator("[name=notes]").fill(TEXTS[text])
    expect_good_for_everybody(guest)
    guest.permit("reservations: 422")
    send(page)
    reserved = page.locator("main dd").filter(has_text=CODE)
    expect(reserved.or_(page.locator("[name=name][aria-invalid=true]"))).to_be_visible()
    if not reserved.count():  # characters that nobody sees are refused, at the field
        expect(page.locator("[name=name]")).to_be_focused()
        expect_good_for_everybody(guest)
        page.locator("[name=name]").fill("Ada")
        page.locator("[name=notes]").fill("")
        send(page)
    code = code_of(page)
    expect_good_for_everybody(guest)
    assert page.evaluate("window.ran") is None
    assert [one["code"] for one in reservations_of(served, tenant)] == [code]


@pytest.mark.parametrize("count", [0, 1, 200])
def test_a_business_with_nothing_said_offers_what_it_has(
    visit: OpenVisit, make_tenant: MakeTenant, served: Served, count: int
) -> None:
    """No texts, no images, no colours; nothing, one thing, or many to choose from."""
    tenant = make_tenant(*(replace(cabin(), slug=f"cabin-{number}", name=f"Cabin {number}") for number in range(count)))
    guest = visit(PHONE)
    page = guest.open(f"/t/{tenant}")
    expect_good_for_everybody(guest)
    expect(page.locator("a[href*='/resources/']").first if count else page.locator("main h1")).to_be_visible()
    for name in ("Cabin 0", f"Cabin {count - 1}") if count else ():
        expect(page.get_by_role("heading", name=name, exact=True)).to_have_count(1)
    if count:
        guest.open(f"/t/{tenant}/resources/cabin-{count - 1}")
        expect_good_for_everybody(guest)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_that_cannot_be_read_are_made_readable(
    visit: OpenVisit, make_tenant: MakeTenant, scheme: Scheme
) -> None:
    names = ("primary", "on_primary", "accent", "background", "surface", "text", "muted")
    for colour in ("#fffffe", "#000001", "#7f7f7f", "#ffff00"):
        tenant = make_tenant(cabin(), site={"theme": dict.fromkeys(names, colour)})
        guest = visit(PHONE, scheme=scheme)
        for path in (f"/t/{tenant}", f"/t/{tenant}/resources/cabin?from={DAYS[0]}&until={DAYS[1]}"):
            guest.open(path)
            expect_good_for_everybody(guest)


def test_an_address_that_leads_nowhere_says_so_and_leads_on(visit: OpenVisit, make_tenant: MakeTenant) -> None:
    tenant = make_tenant(cabin())
    guest = visit(PHONE)
    guest.permit(": 404", ": 422")
    for path in (f"/t/{tenant}/nothing", f"/t/{tenant}/resources/none", f"/t/{tenant}/resources/none/reserve"):
        page = guest.open(path)
        expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
        expect_good_for_everybody(guest)
    page.goto("/t/nobody")  # a page without scripts
    expect(page.get_by_role("heading", name="There is no such site")).to_be_visible()
    expect_good_for_everybody(guest)
    page = guest.open(f"/t/{tenant}/resources/cabin/reserve?from=2027-13-45&until=x&people=-1")
    expect(page.get_by_role("heading", name="Choose the days first")).to_be_visible()
    expect_good_for_everybody(guest)
    page.get_by_role("link", name="To the calendar").click()
    expect(page.get_by_role("heading", name="When?")).to_be_visible()
    assert EMAIL not in page.url
