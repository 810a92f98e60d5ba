"""Booking on somebody else's page: on a listed origin in a frame, on any other by a link; both look who speaks."""

from __future__ import annotations

import gzip
import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.web.guests import EMAIL, NAME, cabin, change, nights_from, reservations_of
from tests.web.visits import TIMEOUT_MS

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from tests.web.conftest import MakeTenant, OpenVisit, Served
    from tests.web.visits import Visit

pytestmark = pytest.mark.timeout(400)
HEIGHT = "document.querySelector('berth-booking').shadowRoot.querySelector('iframe').offsetHeight"
HEARD = """
window.heard = []; window.posted = [];
addEventListener("berth-reserved", (event) => heard.push(event.detail));
addEventListener("message", (event) => posted.push([event.origin, event.data]));
"""


@dataclass
class Host:
    """Somebody's web site: one page."""

    origin: str
    page: str = ""


@pytest.fixture
def host() -> Generator[Host]:
    said = Host("")

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            if self.path == "/":
                self.wfile.write(said.page.encode())

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Nothing: it is no test's output."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    said.origin = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield said
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def open_host(visit: OpenVisit, host: Host, served: Served, tenant: str, attributes: str) -> Visit:
    host.page = (
        f'<!doctype html><html lang="en"><title>Ours</title><script>{HEARD}</script>'
        f'<script async src="{served.address}/embed.js"></script><h1>Our own page</h1>'
        f'<berth-booking tenant="{tenant}" {attributes}></berth-booking></html>'
    )
    guest = visit()
    guest.permit(f"asked somebody else: {host.origin}", f"{host.origin}/favicon.ico")
    guest.page.goto(f"{host.origin}/")
    return guest


def let_embed(served: Served, tenant: str, *origins: str) -> None:
    change(
        served,
        "UPDATE tenants SET settings = settings || jsonb_build_object('embed_origins', %s::jsonb) WHERE slug = %s",
        json.dumps(origins),
        tenant,
    )


def test_a_guest_reserves_on_a_listed_page_and_the_page_hears_of_it(
    visit: OpenVisit, make_tenant: MakeTenant, served: Served, host: Host
) -> None:
    tenant = make_tenant(cabin())
    let_embed(served, tenant, host.origin)
    guest = open_host(visit, host, served, tenant, 'resource="cabin"')
    page = guest.page
    element = page.locator("berth-booking iframe")
    expect(element).to_have_attribute("title", "Reserve")
    frame = page.frame_locator("berth-booking iframe")
    expect(frame.locator("#page h1")).to_be_visible(timeout=TIMEOUT_MS)
    # It is as high as its content, without what the page around it says already.
    page.wait_for_function(f"{HEIGHT} > 500")
    expect(frame.locator("header")).to_have_count(0, timeout=TIMEOUT_MS)
    assert guest.axe("berth-booking") == []
    (inner,) = [one for one in page.frames if "/embed" in one.url]
    days = nights_from(20, 2)
    inner.goto(f"{served.address}/t/{tenant}/embed/resources/cabin/reserve?from={days[0]}&until={days[1]}&people=2")
    inner.locator("[name=name]").fill(NAME)
    inner.locator("[name=email]").fill(EMAIL)
    inner.locator("button[type=submit]").click()
    page.wait_for_function("heard.length > 0", timeout=TIMEOUT_MS)
    (reservation,) = reservations_of(served, tenant)
    assert page.evaluate("heard") == [{"state": "confirmed", "resource_id": str(reservation["resource_id"])}]
    posted = page.evaluate("posted")
    assert {origin for origin, _ in posted} == {served.address}
    said = json.dumps(posted)
    assert not any(private in said for private in (NAME, EMAIL, reservation["code"]))
    assert guest.context.cookies(served.address) == []


def test_a_page_that_is_not_listed_gets_a_link(
    visit: OpenVisit, make_tenant: MakeTenant, served: Served, host: Host
) -> None:
    tenant = make_tenant(cabin())
    let_embed(served, tenant, "https://www.pine-cabins.example")
    guest = open_host(visit, host, served, tenant, 'resource="cabin" lang="de"')
    guest.permit("frame-ancestors", "/embed/")
    link = guest.page.locator("berth-booking a")
    expect(link).to_have_text("Buchungsseite öffnen", timeout=TIMEOUT_MS)
    expect(link).to_have_attribute("href", f"{served.address}/t/{tenant}/resources/cabin?lang=de")
    assert guest.page.evaluate("posted") == []
    assert guest.axe("berth-booking") == []


def test_the_frame_hears_its_host_alone_and_the_host_its_frame(
    visit: OpenVisit, make_tenant: MakeTenant, served: Served, host: Host
) -> None:
    tenant = make_tenant(cabin())
    let_embed(served, tenant, host.origin)
    guest = open_host(visit, host, served, tenant, "")
    page = guest.page
    expect(page.frame_locator("berth-booking iframe").locator("#page h2").first).to_be_visible(timeout=TIMEOUT_MS)
    page.evaluate("postMessage({ type: 'berth:reserved', state: 'confirmed', resource_id: 'x' }, '*')")
    page.evaluate("postMessage({ type: 'berth:height', height: 7000 }, '*')")
    page.wait_for_function("posted.filter(([origin]) => origin === location.origin).length === 2")
    assert page.evaluate("heard") == []
    assert page.evaluate(HEIGHT) != 7000


def test_a_listed_page_may_show_no_other_address_in_a_frame(
    visit: OpenVisit, make_tenant: MakeTenant, served: Served, host: Host
) -> None:
    tenant = make_tenant(cabin())
    let_embed(served, tenant, host.origin)
    guest = open_host(visit, host, served, tenant, "")
    guest.permit("frame-ancestors", f"/t/{tenant}:")
    with guest.page.expect_console_message(lambda message: "frame-ancestors" in message.text, timeout=TIMEOUT_MS):
        guest.page.evaluate(
            "(src) => document.body.append(Object.assign(document.createElement('iframe'), { src }))",
            f"{served.address}/t/{tenant}",
        )


def test_the_script_is_small_and_by_itself(dist: Path) -> None:
    script = (dist / "embed.js").read_bytes()
    assert 500 < len(gzip.compress(script, 9)) <= 10_000
    assert b"import" not in script
    assert b"innerHTML" not in script
