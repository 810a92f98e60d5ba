"""The page for readers: Scalar on a page that loads nothing from elsewhere, and may do no more than it has to."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from chalicelib.http.openapi import document
from chalicelib.http.reference_page import policy, script

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

LAMBDA_ANSWER = 6 * 1024 * 1024
"""Bytes that a function may answer, as JSON (AWS Lambda quotas)."""


class Page(HTMLParser):
    """Collects the elements, what they load and lead to, and the scripts that stand in the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.links: list[str] = []
        self.scripts: list[str] = []
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        values = dict(attrs)
        self.links += filter(None, [values.get("href"), values.get("src")])
        self._in_script = tag == "script" and "src" not in values

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts.append(data)


def hash_of(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@pytest.fixture(scope="module")
def answer(client: httpx.Client) -> httpx.Response:
    answer = client.get("/docs")
    assert answer.status_code == 200
    return answer


def test_the_page_loads_one_script_and_leads_to_the_documents(answer: httpx.Response, client: httpx.Client) -> None:
    page = Page(answer.text)
    assert page.links == ["openapi.json", "asyncapi.json", "docs/scalar.js"]
    assert [client.get(f"/{link}").status_code for link in page.links] == [200, 200, 200]
    assert [f'url: "{link}"' in page.scripts[0] for link in page.links] == [True, True, False]
    assert not page.elements & {"style", "img", "iframe", "link", "object"}


def test_the_browser_is_told_to_let_nothing_in_but_what_the_page_needs(answer: httpx.Response) -> None:
    (start,) = Page(answer.text).scripts
    told = dict(one.split(" ", 1) for one in answer.headers["content-security-policy"].split("; "))
    assert told["default-src"] == told["base-uri"] == told["form-action"] == told["frame-ancestors"] == "'none'"
    assert told["script-src"] == f"'self' 'sha256-{hash_of(start)}'"
    assert "unsafe" not in "".join(value for name, value in told.items() if name != "style-src")
    assert told["img-src"] == "'self' data:"
    assert told["connect-src"].startswith("'self'")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_the_page_may_talk_to_where_the_api_is_reached() -> None:
    assert "connect-src 'self';" in policy("")
    assert "connect-src 'self' https://berth.example;" in policy("https://berth.example")


def test_the_script_is_served_whole_and_kept_for_a_day(client: httpx.Client) -> None:
    served = client.get("/docs/scalar.js")
    assert served.text == script()
    assert "createApiReference" in served.text
    assert served.headers["content-type"] == "text/javascript; charset=utf-8"
    assert served.headers["cache-control"] == "public, max-age=86400"
    assert client.get("/docs/scalar.js", headers={"If-None-Match": served.headers["etag"]}).status_code == 304


def test_a_function_can_answer_with_the_script() -> None:
    assert len(json.dumps(script())) < 0.9 * LAMBDA_ANSWER


def test_the_page_is_sent_once(client: httpx.Client, answer: httpx.Response) -> None:
    assert client.get("/docs", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_each_operation_says_whom_it_serves() -> None:
    said = {
        operation["operationId"]: operation["description"].rpartition("\n\n")[2]
        for methods in document("https://berth.example")["paths"].values()
        for operation in methods.values()
    }
    assert {name: text for name, text in said.items() if not re.fullmatch(r"For [a-z].*\.", text)} == {}
    assert said["reservations_create"] == "For everyone."
    assert said["members_create_api_key"] == "For owners."
    assert said["statistics_read"] == "For owners, managers and API keys with `statistics:read`."


def test_a_browser_shows_it_and_refuses_nothing(client: httpx.Client, tmp_path: Path) -> None:
    """What the page shows is made by the script, and a browser says what the policy refused to it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("There is no Chromium here.")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", f"--user-data-dir={tmp_path}"]
    options += ["--virtual-time-budget=20000", "--dump-dom"]
    done = subprocess.run(
        [chromium, *options, f"{client.base_url}docs"], capture_output=True, text=True, check=True, timeout=120
    )
    assert "Read a tenant" in done.stdout
    assert "Powered by Scalar" in done.stdout
    assert re.findall(r"CONSOLE.*(?:Content Security Policy|Error).*", done.stderr) == []
