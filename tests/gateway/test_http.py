from __future__ import annotations

import base64
import hashlib
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.gateway.wire import Wire, request

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from local.gateway.serve import Gateway


def problem_of(response: httpx.Response) -> dict[str, Any]:
    assert response.headers["content-type"] == "application/problem+json"
    page = response.json()
    assert page["status"] == response.status_code
    return page


def test_functions_see_only_the_environment_they_are_given(client: httpx.Client) -> None:
    environment = client.get("/api/v1/environment").json()
    assert environment["GREETING"] == "hello"
    assert environment["TZ"] == "UTC"
    assert environment["BERTH_POOL_SIZE"] == "8"  # 16 threads over two workers
    assert "PATH" not in environment


def test_unknown_path_is_a_problem_that_says_where_the_paths_are_listed(client: httpx.Client) -> None:
    for path in ("/api/v1/nothing", "/api/v2/health"):
        page = problem_of(client.get(path))
        assert (page["status"], page["code"]) == (404, "not_found")
        assert path in page["detail"]
        assert "/api/v1/openapi.json" in page["detail"]
    assert "/api/v1/docs" in problem_of(client.get("/apix"))["detail"]


def test_undeclared_method_is_refused_with_those_allowed(client: httpx.Client) -> None:
    response = client.put("/api/v1/things/a/parts/b", content=b"ignored")
    assert (problem_of(response)["code"], response.headers["allow"]) == ("method_not_allowed", "DELETE, GET, HEAD")
    assert problem_of(client.options("/api/v1/health"))["status"] == 405


def test_head_has_the_headers_of_get_without_its_body(client: httpx.Client) -> None:
    got, head = client.get("/api/v1/cookies"), client.head("/api/v1/cookies")
    assert head.status_code == got.status_code
    got, head = client.get("/api/v1/things/a"), client.head("/api/v1/things/a")
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-length", "content-type", "access-control-allow-origin"):
        assert head.headers[name] == got.headers[name]


def test_preflight_is_answered_from_the_routes_cors_settings(client: httpx.Client) -> None:
    response = client.options("/api/v1/things/a", headers={"Origin": "https://example.org"})
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["access-control-allow-origin"] == "https://example.org"
    assert response.headers["access-control-allow-methods"] == "GET,OPTIONS"
    assert response.headers["access-control-max-age"] == "60"


@pytest.mark.parametrize("path", ["/api/v1/things/%00", "/api/v1/things/%FF", "/api/v1/things/a/parts/x%00y"])
def test_path_that_is_not_text_is_a_bad_request(client: httpx.Client, path: str) -> None:
    assert (problem_of(client.get(path))["status"], client.get(path).json()["code"]) == (400, "malformed_path")


def test_query_that_is_not_utf8_is_a_bad_request(client: httpx.Client) -> None:
    page = problem_of(client.get("/api/v1/event?q=%ff"))
    assert (page["status"], page["code"]) == (400, "malformed_query")


def test_several_values_of_one_header_are_sent_as_several_lines(client: httpx.Client) -> None:
    response = client.get("/api/v1/cookies")
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers.get_list("set-cookie") == ["one=1; Path=/", "two=2; Path=/"]
    assert response.headers["x-single"] == "yes"
    assert "content-length" not in response.headers  # RFC 9110, section 8.6


def test_binary_body_comes_back_byte_for_byte(client: httpx.Client) -> None:
    body = bytes(range(256)) * 64
    headers = {"Content-Type": "application/octet-stream", "Accept": "application/octet-stream"}
    response = client.post("/api/v1/mirror", content=body, headers=headers)
    assert (response.status_code, response.content) == (200, body)


def test_malformed_result_is_a_bad_gateway(client: httpx.Client) -> None:
    page = problem_of(client.post("/api/v1/result", json={"body": "no status"}))
    assert (page["status"], page["code"]) == (502, "function_failed")


def test_function_that_exits_fails_its_own_request_only(client: httpx.Client) -> None:
    before = {client.get("/api/v1/health").json()["process"] for _ in range(20)}
    assert problem_of(client.post("/api/v1/result", json="exit"))["status"] == 502
    assert {client.get("/api/v1/health").json()["process"] for _ in range(20)} <= before


def test_one_connection_carries_many_requests(gateway: Gateway) -> None:
    with Wire(gateway.address) as wire:
        for _ in range(3):
            wire.send(request("GET", "/api/v1/health"))
            received = wire.receive()
            assert received is not None
            assert (received.status, received.headers.get("connection")) == (200, None)
        wire.send(request("GET", "/api/v1/health", "Connection: close"))
        assert [received.status for received in wire.all()] == [200]


def test_pipelined_requests_are_answered_in_order(gateway: Gateway) -> None:
    names = ["a", "b", "c"]
    with Wire(gateway.address) as wire:
        wire.send(b"".join(request("GET", f"/api/v1/things/{name}") for name in names))
        answers = [wire.receive() for _ in names]
    assert [answer and answer.body for answer in answers] == [f'{{"thing":"{name}"}}'.encode() for name in names]


def test_index_page_leads_to_the_documentation(client: httpx.Client) -> None:
    response = client.get("/")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert 'href="/api/v1/docs"' in response.text


def test_page_says_each_header_once_however_often_it_was_asked_for(client: httpx.Client) -> None:
    for response in [client.get("/") for _ in range(5)]:
        names = [name for name, _ in response.headers.raw]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("path", ["/", "/join", "/reset", "/confirm", "/manage"])
def test_pages_may_run_what_is_written_in_them_and_nothing_else(client: httpx.Client, path: str) -> None:
    response = client.get(path)
    policy = dict(part.split(" ", 1) for part in response.headers["content-security-policy"].split("; "))
    for directive, element in (("style-src", "style"), ("script-src", "script")):
        written = re.search(rf"<{element}>(.*?)</{element}>", response.text, re.DOTALL)
        digest = hashlib.sha256(written[1].encode()).digest() if written else b""
        assert policy[directive] == (f"'sha256-{base64.b64encode(digest).decode()}'" if written else "'none'")
    assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
    assert response.headers["referrer-policy"] == "no-referrer"


def test_image_is_served_for_good_and_validated_by_its_tag(client: httpx.Client) -> None:
    response = client.get("/images/cabins/lake%20side.svg")
    assert (response.status_code, response.headers["content-type"]) == (200, "image/svg+xml")
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    tag = response.headers["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = client.get("/images/cabins/lake%20side.svg", headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    other = client.get("/images/cabins/lake%20side.svg", headers={"If-None-Match": '"other"'})
    assert other.content == response.content


def test_changed_image_is_read_anew(client: httpx.Client, images: Path) -> None:
    (images / "changing.svg").write_text("<svg>1</svg>")
    first = client.get("/images/changing.svg")
    (images / "changing.svg").write_text("<svg>two</svg>")
    second = client.get("/images/changing.svg")
    assert (first.text, second.text) == ("<svg>1</svg>", "<svg>two</svg>")
    assert first.headers["etag"] != second.headers["etag"]


@pytest.mark.parametrize(
    "path",
    [
        "/images/nothing.svg",
        "/images/notes.txt",
        "/images/",
        "/images/cabins",
        "/images/link.svg",
        "/images/..%2foutside.svg",
        "/images/%2e%2e/outside.svg",
        "/images/cabins/../../outside.svg",
        "/images//etc/hostname",
        "/images/%2Fetc%2Fhostname",
        "/images/a%00.svg",
        "/images/%ff.svg",
        "/images/" + "x" * 300 + ".svg",
        "/images",
    ],
)
def test_nothing_but_images_below_the_directory_is_served(gateway: Gateway, path: str) -> None:
    with Wire(gateway.address) as wire:
        wire.send(request("GET", path))
        received = wire.receive()
    assert received is not None
    assert (received.status, received.headers["content-type"]) == (404, "application/problem+json")


def test_images_are_read_only(client: httpx.Client) -> None:
    response = client.delete("/images/cabins/lake%20side.svg")
    assert (problem_of(response)["status"], response.headers["allow"]) == (405, "GET, HEAD")
