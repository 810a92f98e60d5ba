"""A person's window on the pages: what they see and do, and everything that goes wrong in it meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tools.web_browser import DESKTOP, PHONE, SIZES, Scheme, Size, find_faults

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

__all__ = ["DESKTOP", "FAR_ZONE", "PHONE", "SIZES", "TIMEOUT_MS", "Scheme", "Size", "Visit"]

TIMEOUT_MS = 60_000
"""Of each wait: the machine may do much besides. What is waited for ends it."""
FAR_ZONE = "Asia/Tokyo"
"""Where guests are unless a test says otherwise: no tenant is there, so a time of the wrong zone is seen."""
REPORT_POLICY = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`Content-Security-Policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
});
"""


class Visit:
    """A window of its own, as of another person: nothing is shared with other visits, and nothing was stored before.

    Whatever a visitor would not notice but a developer would see in the console is kept in `faults`: errors of scripts,
    breaches of the Content-Security-Policy, requests that failed or went to somebody else. A test that is about one of
    them says so with `permit`. `worker`: the service worker of the administrators' app may begin.
    """

    def __init__(
        self,
        browser: Browser,
        address: str,
        size: Size,
        *,
        locale: str,
        scheme: Scheme,
        timezone: str,
        motion: bool,
        worker: bool,
    ) -> None:
        self.address = address
        self.size = size
        self.faults: list[str] = []
        self._permitted: list[str] = []
        self.context: BrowserContext = browser.new_context(
            base_url=address,
            viewport={"width": size.width, "height": size.height},
            has_touch=size.is_touched,
            is_mobile=size.is_touched,
            locale=locale,
            color_scheme=scheme,
            timezone_id=timezone,
            reduced_motion="no-preference" if motion else "reduce",
            service_workers="allow" if worker else "block",
        )
        self.context.set_default_timeout(TIMEOUT_MS)
        self.context.add_init_script(REPORT_POLICY)
        self.page = self.another_page()

    def another_page(self) -> Page:
        """Open another tab of the same person."""
        page = self.context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._fault(f"error: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)
        return page

    def permit(self, *parts: str) -> None:
        """Say which faults this test is about, by a part of their text, such as `: 409`."""
        self._permitted += parts

    def open(self, path: str) -> Page:
        """Go to an address of the site, and wait until its content is there."""
        self.page.goto(path)
        self.wait_for_content()
        return self.page

    def wait_for_content(self) -> None:
        """Wait until there is a heading, nothing that loads, and nothing left of what the page came with."""
        expect(self.page.locator("#first")).to_have_count(0, timeout=TIMEOUT_MS)
        self.page.locator("h1, h2").first.wait_for()
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0, timeout=TIMEOUT_MS)

    def axe(self, selector: str | None = None) -> list[str]:
        """What axe finds on the page as it is now, a line for each place."""
        return find_faults(self.page, selector)

    def wider_than_screen(self) -> bool:
        """Whether one has to scroll sideways."""
        wide: bool = self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        return wide

    def close(self) -> list[str]:
        """Close the window; return what went wrong in it and was not permitted."""
        self.context.close()
        return [fault for fault in self.faults if not any(part in fault for part in self._permitted)]

    def _fault(self, text: str) -> None:
        self.faults.append(text)

    def _console(self, message: ConsoleMessage) -> None:
        # What the browser writes for each answer that refuses is told more exactly by `_answered`.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self._fault(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        # A page that is left, or that has no more use for an answer, aborts what it asked for.
        if request.failure != "net::ERR_ABORTED":
            self._fault(f"{request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if not response.url.startswith((self.address, "blob:", "data:")):
            self._fault(f"asked somebody else: {response.url}")
        elif response.status >= 400:
            self._fault(f"{response.request.method} {response.url}: {response.status}")
