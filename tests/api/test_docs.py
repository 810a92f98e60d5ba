"""The page for readers: complete, self-contained, and valid enough to be read by anything."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import subprocess
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from chalicelib.api.openapi import document

if TYPE_CHECKING:
    import httpx

DOCUMENT = document("https://berth.example")
VOID = {"meta", "link", "br"}


class Page(HTMLParser):
    """Collects what is asked about, and that every element is closed by its own name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.elements: set[str] = set()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        values = dict(attrs)
        self.ids += filter(None, [values.get("id")])
        self.links += filter(None, [values.get("href"), values.get("src")])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def answer(client: httpx.Client) -> httpx.Response:
    answer = client.get("/docs")
    assert answer.status_code == 200
    return answer


def test_every_operation_and_every_schema_is_described_once(answer: httpx.Response) -> None:
    page = Page(answer.text)
    assert page.open == []
    assert len(set(page.ids)) == len(page.ids)
    names = {operation["operationId"] for methods in DOCUMENT["paths"].values() for operation in methods.values()}
    assert names | {f"schema-{name}" for name in DOCUMENT["components"]["schemas"]} <= set(page.ids)


def test_every_link_leads_somewhere_and_nothing_comes_from_elsewhere(answer: httpx.Response) -> None:
    page = Page(answer.text)
    assert {link.removeprefix("#") for link in page.links if link.startswith("#")} <= set(page.ids)
    assert {link for link in page.links if not link.startswith("#")} == {"openapi.json", "asyncapi.json"}
    assert not page.elements & {"script", "img", "iframe", "link", "object"}
    assert "url(" not in answer.text
    assert "@import" not in answer.text


def test_the_browser_is_told_to_let_nothing_in_but_the_pages_own_style(answer: httpx.Response) -> None:
    found = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert found is not None
    digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}'")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_a_call_to_copy_has_what_the_endpoint_needs(answer: httpx.Response) -> None:
    text = answer.text.replace("&quot;", '"').replace("&#x27;", "'")
    assert 'curl -X POST "https://berth.example/api/v1/tenants/pine-cabins/reservations"' in text
    assert '-H "Idempotency-Key: $(uuidgen)"' in text
    assert '-H "If-Match: \\"1\\""' in text
    assert '    "name": "Ada Lovelace"\n  },' in text
    assert "/v1/tenants/pine-cabins/availability?check_in_on=2027-05-14&amp;check_out_on=2027-05-16" in text


def test_a_shell_fills_in_every_call_to_copy(answer: httpx.Response) -> None:
    """Curl is given addresses and headers with every variable filled in, and bodies that are JSON."""
    calls = [html.unescape(one) for one in re.findall(r"<pre>(curl .*?)</pre>", answer.text, re.DOTALL)]
    assert len(calls) == answer.text.count("<h4>Example</h4>") > 100
    variables = {name: f"value-of-{name}" for call in calls for name in re.findall(r"\$([A-Z_]+)\b", call)}
    assert {"TOKEN", "RESERVATION_ID"} <= variables.keys()
    script = ["curl() { printf '%s\\0' \"$@\"; printf '\\n'; }", "uuidgen() { echo a-new-key; }", *calls]
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **variables}
    shell = ["bash", "-euo", "pipefail", "-c", "\n".join(script)]
    said = subprocess.run(shell, env=environment, capture_output=True, text=True, check=True).stdout
    given = [line.split("\0")[:-1] for line in re.split(r"(?<=\0)\n", said)[:-1]]
    assert len(given) == len(calls)
    for words in given:
        (url,) = [word for word in words if word.startswith("https://")]
        assert not set(url) & set("${} "), url
        heads = [words[place + 1] for place, word in enumerate(words) if word == "-H"]
        assert all(re.fullmatch(r"[A-Za-z-]+: [^$\\]+", head) for head in heads), heads
        bodies = [json.loads(words[place + 1]) for place, word in enumerate(words) if word == "-d"]
        assert len(bodies) == sum(head.startswith("Content-Type:") for head in heads)


def test_the_page_is_sent_once(client: httpx.Client, answer: httpx.Response) -> None:
    assert client.get("/docs", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
