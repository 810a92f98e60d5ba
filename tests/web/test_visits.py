"""What stands around the tests of pages: it sees what goes wrong, and says so where nobody looked."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.web.visits import PHONE
from tools.web_browser import find_chromium

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.conftest import OpenVisit, Served

pytestmark = pytest.mark.timeout(400)


def test_an_error_of_a_script_a_breach_of_the_policy_and_a_refusal_are_seen(visit: OpenVisit) -> None:
    guest = visit()
    page = guest.open("/t/pine-cabins")
    page.evaluate("setTimeout(() => { throw new Error('broken here'); })")
    page.evaluate("document.body.append(Object.assign(new Image(), { src: 'http://127.0.0.1:9/x.png' }))")
    page.evaluate("fetch('/api/v1/tenants/nobody')")
    page.evaluate("fetch('http://127.0.0.1:9/').catch(() => null)")
    parts = ("broken here", "Content-Security-Policy: img-src", "nobody: 404", "Content-Security-Policy: connect-src")
    for _ in range(100):
        if all(any(part in fault for fault in guest.faults) for part in parts):
            break
        page.wait_for_timeout(100)
    assert [part for part in parts if not any(part in fault for fault in guest.faults)] == []
    guest.permit("")


def test_axe_finds_what_cannot_be_read_and_what_has_no_name(visit: OpenVisit) -> None:
    guest = visit(PHONE)
    page = guest.open("/t/pine-cabins")
    assert guest.axe() == []
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    assert [line.split(":")[0] for line in guest.axe()] == ["button-name"]
    page.evaluate("document.querySelector('main').style.width = '2000px'")
    assert guest.wider_than_screen()


def test_visits_know_nothing_of_each_other_and_are_far_away(visit: OpenVisit, served: Served) -> None:
    one, other = visit(), visit()
    one.open("/t/pine-cabins").get_by_role("combobox").first.select_option("de")
    expect(one.page.get_by_role("combobox").first).to_have_value("de")
    expect(other.open("/t/pine-cabins").get_by_role("combobox").first).to_have_value("en")
    assert one.page.url.startswith(served.address)
    assert one.page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "Asia/Tokyo"


def test_chromium_is_the_one_that_is_named_else_of_the_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    assert find_chromium() == str(program)
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "other"))
    assert find_chromium() is None
    monkeypatch.delenv("CHROMIUM")
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert find_chromium() is None


@pytest.mark.slow
def test_without_a_browser_it_is_said_loudly(tmp_path: Path) -> None:
    test = f"{__file__}::{test_axe_finds_what_cannot_be_read_and_what_has_no_name.__name__}"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test],
        env={**os.environ, "CHROMIUM": str(tmp_path / "none")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "1 skipped" in done.stdout
    assert "The pages were not looked at" in done.stdout
