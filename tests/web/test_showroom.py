"""Every control in all its states, as Vite's server shows them to those who work on the pages."""

from __future__ import annotations

import socket
import subprocess
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.eventually import eventually
from tests.web.visits import DESKTOP, FAR_ZONE, PHONE, Visit
from tools.web_build import VITE, WEB

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.web.visits import Size
    from tools.node import Node
    from tools.web_browser import Chromium

pytestmark = pytest.mark.timeout(400)
CONTROLS = sorted(file.stem for file in (WEB / "src" / "ui").glob("*.tsx"))


@pytest.fixture(scope="module")
def address(node: Node) -> Generator[str]:
    """Vite's server, on a free port, until the tests of this file are done."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(node.program), str(VITE), "--host=127.0.0.1", f"--port={port}", "--strictPort"]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        command, cwd=WEB, env=node.variables(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            eventually(lambda: _answers(address), "Vite's server")
            yield address
        finally:
            server.terminate()


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/ui", timeout=30).is_success
    except httpx.TransportError:
        return False


def test_it_shows_every_control() -> None:
    shown = (WEB / "src" / "showroom" / "Showroom.tsx").read_text(encoding="utf-8")
    assert [control for control in CONTROLS if f'"@/ui/{control}"' not in shown] == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=str)
def test_axe_finds_nothing_in_any_state(chromium: Chromium, address: str, size: Size) -> None:
    with chromium.at_work() as browser:
        visit = Visit(
            browser, address, size, locale="en-US", scheme="light", timezone=FAR_ZONE, motion=False, worker=False
        )
        page = visit.page
        page.goto("/ui")
        page.get_by_role("heading", name="Controls, dark").wait_for()
        assert visit.axe() == []
        assert not visit.wider_than_screen()
        for opens in page.get_by_role("button", name="Open a dialog").all():
            opens.click()
            page.get_by_role("dialog").wait_for()
            assert visit.axe() == []
            page.keyboard.press("Escape")
            page.get_by_role("dialog").wait_for(state="detached")
        page.get_by_role("button", name="Say what can be undone").first.click()
        page.get_by_role("button", name="Undo", exact=True).wait_for()
        assert visit.axe() == []
        assert visit.close() == []
