"""The built pages behind the gateway: found by exact names, compressed before, kept for good, closed to all else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from local.gateway.web_files import ADMIN_HEADERS, ASSET_HEADERS, EMBED_HEADERS, WORKER_HEADERS, WebFiles
from tests.gateway.wire import Wire, request
from tools.infrastructure import INFRA, read

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from local.gateway.serve import Gateway

ABSENT = (
    "/assets/app-9.js",
    "/assets/",
    "/assets",
    "/assets/link.js",
    "/assets/notes.exe",
    "/assets/app-1a2b.js.br",
    "/assets/../public.html",
    "/assets/../../secret.js",
    "/assets/..%2f..%2fsecret.js",
    "/assets/%2e%2e/public.html",
    "/assets//etc/hostname",
    "/assets/app-1a2b.js%00",
    "/assets/%61pp-1a2b.js",
    "/manifest.json",
    "/public.html",
    "/admin.html",
    "/administrators",
    "/t/",
    "/t",
    "/t/-",
    "/t/Pine",
    "/t/" + "x" * 64,
)


@pytest.mark.parametrize("path", ["/admin", "/admin/", "/admin/pine-cabins/reservations?state=held", "/admin/%20"])
def test_every_address_of_the_administrators_is_their_page_and_no_search_engine_keeps_it(
    client: httpx.Client, path: str
) -> None:
    response = client.get(path)
    assert (response.status_code, response.text) == (200, "<!doctype html>desk")
    assert response.headers["cache-control"] == "no-cache"
    assert response.headers["etag"]
    assert {name: response.headers[name] for name in ADMIN_HEADERS} == ADMIN_HEADERS


@pytest.mark.parametrize(
    ("accepted", "body", "encoding"),
    [
        ("br, gzip", b"brotli", "br"),
        ("gzip, deflate, br;q=0.1", b"brotli", "br"),
        ("gzip", b"gzipped", "gzip"),
        ("GZIP; q=1", b"gzipped", "gzip"),
        ("br;q=0, gzip;q=0.5", b"gzipped", "gzip"),
        ("br;q=much", b"plain", None),
        ("identity", b"plain", None),
        ("", b"plain", None),
    ],
)
def test_an_asset_comes_in_the_best_encoding_that_the_client_takes(
    gateway: Gateway, accepted: str, body: bytes, encoding: str | None
) -> None:
    with Wire(gateway.address) as wire:
        wire.send(request("GET", "/assets/app-1a2b.js", f"Accept-Encoding: {accepted}"))
        received = wire.receive()
    assert received is not None
    assert (received.status, received.body, received.headers.get("content-encoding")) == (200, body, encoding)
    assert received.headers["content-type"] == "text/javascript; charset=utf-8"
    assert received.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert received.headers["vary"] == "Accept-Encoding"
    assert {name: received.headers[name] for name in ASSET_HEADERS} == ASSET_HEADERS


def test_each_encoding_has_a_tag_of_its_own_and_is_validated_by_it(client: httpx.Client) -> None:
    path, tags = "/assets/app-1a2b.js", set[str]()
    for encoding in ("br", "gzip", "identity"):
        headers = {"Accept-Encoding": encoding}
        tag = client.head(path, headers=headers).headers["etag"]
        again = client.get(path, headers={**headers, "If-None-Match": f'"x", W/{tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        tags.add(tag)
    assert len(tags) == 3
    assert client.get(path, headers={"Accept-Encoding": "identity", "If-None-Match": '"x"'}).text == "plain"


def test_a_head_says_the_length_and_a_range_is_answered_by_the_whole(client: httpx.Client) -> None:
    headers = {"Accept-Encoding": "identity"}
    head = client.head("/assets/app-1a2b.js", headers=headers)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "5")
    part = client.get("/assets/app-1a2b.js", headers={"Range": "bytes=0-3", **headers})
    assert (part.status_code, part.text, part.headers["accept-ranges"]) == (200, "plain", "none")


def test_the_script_for_other_sites_has_one_address_and_may_be_loaded_by_all(client: httpx.Client) -> None:
    response = client.get("/embed.js", headers={"Origin": "https://www.example.com"})
    assert (response.status_code, response.text) == (200, "embed")
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["cache-control"] == "public, max-age=3600"
    assert {name: response.headers[name] for name in EMBED_HEADERS} == EMBED_HEADERS
    again = client.get("/embed.js", headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304


def test_what_is_built_is_read_only(client: httpx.Client) -> None:
    response = client.post("/assets/app-1a2b.js", content=b"x")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize("path", ABSENT)
def test_nothing_else_is_served(gateway: Gateway, path: str) -> None:
    with Wire(gateway.address) as wire:
        wire.send(request("GET", path))
        received = wire.receive()
    assert received is not None
    assert (received.status, received.headers["content-type"]) == (404, "application/problem+json")
    assert b"secret" not in received.body.replace(b"secret.js", b"")


def test_what_is_built_later_is_served_then_and_what_is_being_replaced_stays(tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    files = WebFiles(folder)
    assert files.answer("/assets/app.js", {}).status == 404
    _build(folder, "first")
    assert files.answer("/assets/app.js", {}).body == b"first"
    folder.rename(tmp_path / "old")
    assert files.answer("/assets/app.js", {}).body == b"first"
    _build(folder, "second")
    assert files.answer("/assets/app.js", {}).body == b"second"


def _build(folder: Path, text: str) -> None:
    (folder / "assets").mkdir(parents=True)
    (folder / "assets" / "app.js").write_text(text)
    (folder / "public.html").write_text(text)


def test_cloudfront_says_the_same_as_the_gateway() -> None:
    resources = read(INFRA / "delivery.yaml")["Resources"]
    assert _headers_of(resources["AdminHeaders"]) == ADMIN_HEADERS
    assert _headers_of(resources["AssetHeaders"]) == ASSET_HEADERS
    assert _headers_of(resources["EmbedHeaders"]) == EMBED_HEADERS
    assert _headers_of(resources["WorkerHeaders"]) == WORKER_HEADERS


def test_the_service_worker_is_asked_for_again_and_may_serve_the_app(client: httpx.Client) -> None:
    response = client.get("/admin-sw.js")
    assert response.text == "worker"
    assert response.headers["cache-control"] == "no-cache"
    assert {name: response.headers[name] for name in WORKER_HEADERS} == WORKER_HEADERS


@pytest.mark.parametrize(
    ("pattern", "names", "headers"),
    [
        ("/t/*", "SiteRequests", "SiteHeaders"),
        ("/robots.txt", "SiteRequests", "SiteHeaders"),
        ("/admin", "AdminNames", "AdminHeaders"),
        ("/admin/*", "AdminNames", "AdminHeaders"),
    ],
)
def test_cloudfront_knows_the_same_addresses_of_pages(pattern: str, names: str, headers: str) -> None:
    resources = read(INFRA / "delivery.yaml")["Resources"]
    behaviors = resources["Distribution"]["Properties"]["DistributionConfig"]["CacheBehaviors"]
    (behavior,) = [one for one in behaviors if one["PathPattern"] == pattern]
    assert behavior["ResponseHeadersPolicyId"] == {"Ref": headers}
    (association,) = behavior["FunctionAssociations"]
    assert association["FunctionARN"] == {"Fn::GetAtt": [names, "FunctionARN"]}


def _headers_of(policy: Any) -> dict[str, str]:  # noqa: ANN401 - YAML
    config = policy["Properties"]["ResponseHeadersPolicyConfig"]
    security = config["SecurityHeadersConfig"]
    headers = {one["Header"]: one["Value"] for one in config["CustomHeadersConfig"]["Items"]}
    headers["content-security-policy"] = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]
    headers["x-content-type-options"] = "nosniff" if security["ContentTypeOptions"]["Override"] else ""
    if "ReferrerPolicy" in security:
        headers["referrer-policy"] = security["ReferrerPolicy"]["ReferrerPolicy"]
    if "FrameOptions" in security:
        headers["x-frame-options"] = security["FrameOptions"]["FrameOption"]
    return headers
