"""A demo of its own for a while, and the pages of it that are looked at: for figures and screenshots."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import httpx
from playwright.sync_api import Browser, expect

from demo.image_files import keep_images
from demo.seed import seed
from local.environment import open_environment
from local.errors import CommandError
from local.serve import serve_everything
from tools.command_line import HOST
from tools.web_browser import NO_BROWSER, find_chromium, running_chromium
from tools.web_build import DIST, build

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from playwright.sync_api import BrowserContext, Page

    from tools.web_browser import Scheme, Size

TENANTS = {"pine-cabins": "lakeside-cabins", "summit-tours": "hartz-peak"}
"""Who is looked at, and what they offer: nights, and departures."""
WAIT_MS = 60_000
IN_DAYS = range(40, 120)
"""In which of the next days a stay is looked for that is free and looks it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A running demo and a browser before it."""

    address: str
    browser: Browser

    @contextmanager
    def window(self, size: Size, scheme: Scheme) -> Generator[BrowserContext]:
        """Open a window of someone who was never there."""
        context = self.browser.new_context(
            base_url=self.address,
            viewport={"width": size.width, "height": size.height},
            has_touch=size.is_touched,
            is_mobile=size.is_touched,
            color_scheme=scheme,
            locale="en-US",
            reduced_motion="reduce",
        )
        context.set_default_timeout(WAIT_MS)
        try:
            yield context
        finally:
            context.close()


@contextmanager
def running_stage() -> Generator[Stage]:
    """Serve a fresh demo with its pages, and run a browser, until the block ends. Raises `CommandError`."""
    program = find_chromium()
    if program is None:
        raise CommandError(NO_BROWSER)
    build(lambda text: print(text, flush=True))
    with TemporaryDirectory() as folder, open_environment(Path(folder, "data")) as environment:
        seed(environment.cluster.owner_dsn())
        keep_images(environment.directory.path / "objects")
        with (
            serve_everything(environment, HOST, 0, 1, DIST) as runtime,
            running_chromium(program) as chromium,
            chromium.at_work() as browser,
        ):
            yield Stage(runtime.address, browser)


def pages_of(stage: Stage, tenant: str, resource: str) -> Mapping[str, str]:
    """Return the pages of a tenant by name, with days, or a time, of a resource that can be reserved."""
    with httpx.Client(base_url=f"{stage.address}/api/v1/tenants/{tenant}", timeout=60) as client:
        mode = client.get(f"/resources/{resource}").raise_for_status().json()["mode"]
        wanted = (_free_nights if mode == "stay" else _free_slot)(client, resource)
    home, offer = f"/t/{tenant}", f"/t/{tenant}/resources/{resource}"
    return {"home": home, "offer": f"{offer}?{wanted}", "details": f"{offer}/reserve?{wanted}"}


def _free_nights(client: httpx.Client, resource: str) -> str:
    identifier = client.get(f"/resources/{resource}").json()["id"]
    for days in IN_DAYS:
        first = date.today() + timedelta(days=days)  # noqa: DTZ011 - any zone's
        wanted = {"check_in_on": first.isoformat(), "check_out_on": (first + timedelta(days=4)).isoformat()}
        quote = client.post("/quotes", json={"resource_id": identifier, "party_size": 2, **wanted}).json()
        if quote.get("bookable"):
            return f"from={wanted['check_in_on']}&until={wanted['check_out_on']}&people=2"
    message = f"{resource} is not free for four nights on any of these days."
    raise CommandError(message)


def _free_slot(client: httpx.Client, resource: str) -> str:
    today = datetime.now(UTC).date()
    query = {"from": (today + timedelta(days=3)).isoformat(), "until": (today + timedelta(days=30)).isoformat()}
    listing: dict[str, Any] = client.get(f"/resources/{resource}/availability", params=query).raise_for_status().json()
    slot = next(one for one in listing["slots"] if one["remaining"] >= 2)
    start, end = (at[:16] + "Z" for at in (slot["starts_at"], slot["ends_at"]))
    return f"on={start[:10]}&start={start}&end={end}&people=2"


def open_page(page: Page, path: str) -> None:
    """Go there, and wait until its content is."""
    page.goto(path)
    page.locator("h1").first.wait_for()
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=WAIT_MS)
    page.wait_for_load_state("networkidle")
