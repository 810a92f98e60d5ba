"""What a guest does on the pages, in any language: by keyboard alone, by finger or by mouse."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import psycopg
from playwright.sync_api import expect
from psycopg.rows import dict_row

from tests.offers import STAY, Offer, policy
from tests.web.visits import TIMEOUT_MS

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.offers import Json
    from tests.web.conftest import Served
    from tests.web.visits import Visit

NAME, EMAIL = "Ada Lovelace", "ada@example.org"
MOST_TABS = 150
CODE = re.compile(r"^[0-9A-Z]{8}$")
"""Of a reservation, as guests say it on the phone."""


def cabin(capacity: int = 1, **changes: Json) -> Offer:
    """A cabin to be reserved by the night."""
    document = policy(STAY, amount=12_345) | changes
    return Offer(slug="cabin", document=document, capacity=capacity, max_party_size=4)


def nights_from(in_days: int, nights: int) -> tuple[str, str]:
    """An arrival in so many days, and the departure."""
    arrival = date.today() + timedelta(days=in_days)  # noqa: DTZ011 - a day of any zone
    return arrival.isoformat(), (arrival + timedelta(days=nights)).isoformat()


def reserve_path(tenant: str, days: tuple[str, str], people: int = 2, resource: str = "cabin") -> str:
    """Where the details of a guest are asked for."""
    return f"/t/{tenant}/resources/{resource}/reserve?from={days[0]}&until={days[1]}&people={people}"


def tab_to(page: Page, selector: str) -> Locator:
    """Press Tab until what the selector finds has the focus."""
    wanted = page.locator(f"{selector}:focus").first
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if wanted.count():
            return wanted
    message = f"Tab does not come to {selector} at {page.url}."
    raise AssertionError(message)


def choose_nights_by_keyboard(page: Page, nights: int) -> tuple[str, str]:
    """From today two weeks on, and so many nights; return the days that the address has then."""
    forward = "ArrowLeft" if page.evaluate("document.documentElement.dir") == "rtl" else "ArrowRight"
    tab_to(page, "[role=gridcell] [role=button]")
    for key in ["ArrowDown", "ArrowDown", "Enter", *[forward] * nights, "Enter"]:
        page.keyboard.press(key)
    page.wait_for_url("**until=**")
    found = parse_qs(urlsplit(page.url).query)
    return found["from"][0], found["until"][0]


def fill(page: Page, name: str = NAME, email: str = EMAIL) -> None:
    """Type who comes."""
    page.locator("[name=name]").fill(name)
    page.locator("[name=email]").fill(email)


def send(page: Page) -> None:
    """Press the button that reserves."""
    page.locator("button[type=submit]").click()


def code_of(page: Page) -> str:
    """The code of the reservation that the page shows, once it does."""
    code = page.locator("main dd").filter(has_text=CODE)
    expect(code).to_be_visible(timeout=TIMEOUT_MS)
    return code.inner_text()


def reservations_of(served: Served, tenant: str) -> list[Json]:
    """The reservations that a tenant has, the oldest first."""
    with psycopg.connect(served.database.owner) as connection:
        return (
            connection.cursor(row_factory=dict_row)
            .execute(
                """
            SELECT reservation.*, guest.name AS guest_name
            FROM reservations AS reservation
            INNER JOIN tenants AS tenant ON tenant.id = reservation.tenant_id
            INNER JOIN guests AS guest ON guest.id = reservation.guest_id
            WHERE tenant.slug = %s ORDER BY reservation.created_at, reservation.id
            """,
                [tenant],
            )
            .fetchall()
        )


def change(served: Served, statement: str, *values: object) -> None:
    """Change something behind the back of everybody."""
    with psycopg.connect(served.database.owner) as connection:
        assert connection.execute(statement, values).rowcount  # pyright: ignore[reportArgumentType] - of this file


def expect_good_for_everybody(guest: Visit) -> None:
    """Nothing that axe finds, and nothing to scroll to sideways."""
    found = guest.axe()
    assert not found, "\n".join(found)
    wide = guest.page.evaluate(
        "[...document.querySelectorAll('main *')].filter((one) => one.getBoundingClientRect().right > screen.width + 1)"
        ".slice(0, 5).map((one) => one.outerHTML.slice(0, 150))"
    )
    assert not guest.wider_than_screen(), wide
