"""A real Chromium for those who look at the pages: tests, figures and screenshots."""

from __future__ import annotations

import os
import shutil
from asyncio import AbstractEventLoop, get_running_loop
from asyncio.events import _set_running_loop  # pyright: ignore[reportPrivateUsage] - of its __all__
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from playwright.sync_api import Browser, sync_playwright

from tools.web_build import MODULES

if TYPE_CHECKING:
    from collections.abc import Generator

    from playwright.sync_api import Page

NO_BROWSER = "No Chromium: install it (Debian: apt install chromium), have it in PATH, or name it in CHROMIUM."
AXE = MODULES / "axe-core" / "axe.min.js"
RUN_AXE = """
async (selector) => {
  // Behind a dialog the page is hidden from everybody, and with it the heading and the main part that it has.
  const ofPages = { "landmark-one-main": { enabled: false }, "page-has-heading-one": { enabled: false } };
  const rules = document.querySelector("[role=dialog]") === null ? {} : ofPages;
  const { violations } = await axe.run(selector ?? document, { resultTypes: ["violations"], rules });
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}. ${target.join(" ")}: ${failureSummary}`));
}
"""

Scheme = Literal["light", "dark"]


@dataclass(frozen=True, slots=True)
class Size:
    """A kind of screen."""

    name: str
    width: int
    height: int
    is_touched: bool


PHONE = Size("phone", 390, 844, is_touched=True)
DESKTOP = Size("desktop", 1280, 800, is_touched=False)
SIZES = (PHONE, DESKTOP)


def find_chromium() -> str | None:
    """Return the Chromium that CHROMIUM names, else one of PATH, else None."""
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


def needed_flags() -> list[str]:
    """Return what Chromium needs: as root, as in a container, its own sandbox does not start."""
    return ["--no-sandbox"] if os.geteuid() == 0 else []


@dataclass(frozen=True, slots=True)
class Chromium:
    """A running browser, to be used within `at_work`."""

    browser: Browser
    _loop: AbstractEventLoop

    @contextmanager
    def at_work(self) -> Generator[Browser]:
        """Let Playwright work until the block ends.

        Its event loop stays alive between calls, but is the running one of this thread only here: others have theirs.
        """
        _set_running_loop(self._loop)
        try:
            yield self.browser
        finally:
            _set_running_loop(None)


@contextmanager
def running_chromium(program: str) -> Generator[Chromium]:
    """Run Chromium without a window until the block ends."""
    with sync_playwright() as playwright:
        loop = get_running_loop()
        browser = playwright.chromium.launch(
            executable_path=program, args=needed_flags(), handle_sigint=False, handle_sigterm=False, handle_sighup=False
        )
        _set_running_loop(None)
        try:
            yield Chromium(browser, loop)
        finally:
            _set_running_loop(loop)
            browser.close()


def find_faults(page: Page, selector: str | None = None) -> list[str]:
    """Return what axe finds on a page as it is now, a line for each place."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(RUN_AXE, selector)
    return found
