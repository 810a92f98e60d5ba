"""What the functions are asked for when someone opens an address of a public site."""

from __future__ import annotations

import gzip
import json
import subprocess
from urllib.parse import parse_qsl, urlencode

import pytest

from local.errors import CommandError
from local.gateway.answers import GatewayAnswer
from local.gateway.page_requests import PageRequests, compress
from tools.infrastructure import INFRA, read
from tools.node import find_node

OURS, OWN = "berth.example", "book.pine-cabins.com"
REQUESTS = PageRequests(OURS)
PAGES = [
    (OURS, "/t/pine-cabins", ""),
    (OURS, "/t/pine-cabins/", "lang=de"),
    (OURS, "/t/pine-cabins/resources/lakeside%20cabins", "people=2&lang=fr&utm_source=x"),
    ("127.0.0.1:8000", "/t/pine-cabins/r/1", "lang="),
    (OWN, "/t/pine-cabins", ""),
    (OURS, "/t/pine-cabins/sitemap.xml", "lang=de"),
    (OURS, "/t/pine-cabins/robots.txt", ""),
    (OURS, "/robots.txt", "lang=de"),
]
OF_A_TENANT = [
    (OWN, "/", "lang=es"),
    (OWN, "/resources/lakeside-cabins", ""),
    (OWN, "/sitemap.xml", ""),
    (OWN, "/robots.txt", ""),
    (f"{OWN}:8000", "/nothing/here", ""),
]
ELSEWHERE = [
    (OURS, "/"),
    (OURS, "/manage"),
    (OURS, "/sitemap.xml"),
    (OURS, "/t/"),
    (OURS, "/t/Pine"),
    ("127.0.0.1:8000", "/"),
    ("[::1]:8000", "/"),
    ("localhost:8000", "/"),
    ("gateway", "/"),
    ("", "/"),
    ("x" * 400 + ".com", "/"),
    (OWN, "/api/v1/health"),
    (OWN, "/assets/app.js"),
    (OWN, "/images/x.webp"),
    (OWN, "/embed.js"),
]
CLOUDFRONT = """
const [code, requests] = JSON.parse(process.argv[1]);
const handler = new Function(`${code}; return handler;`)();
const said = requests.map(([host, uri, query]) => {
  const querystring = Object.fromEntries(query.split("&").filter(Boolean).map((one) => {
    const [name, value] = one.split("=");
    return [name, { value }];
  }));
  const request = handler({ request: { uri, querystring, headers: { host: { value: host } } } });
  return [request.uri, Object.entries(request.querystring).map(([name, { value }]) => `${name}=${value}`).join("&")];
});
console.log(JSON.stringify(said));
"""


def asked(host: str, path: str, query: str) -> tuple[str, str]:
    found = REQUESTS.of(path, host, query.encode())
    assert found is not None
    return found.path, found.query.decode()


@pytest.mark.parametrize(("host", "path", "query"), [*PAGES, *OF_A_TENANT])
def test_a_page_is_asked_for_by_its_host_path_and_language(host: str, path: str, query: str) -> None:
    named, said = asked(host, path, query)
    values = dict(parse_qsl(said))
    assert values["host"] == host
    assert values.keys() <= {"host", "path", "lang"}
    assert values.get("path", path) == path
    if path.endswith(("/sitemap.xml", "/robots.txt")) and path != "/t/pine-cabins/robots.txt":
        assert (named, "lang" in values) == (f"/v1/pages/{path.rpartition('/')[2]}", False)
    else:
        assert (named, values.get("lang")) == ("/v1/pages", dict(parse_qsl(query)).get("lang"))


@pytest.mark.parametrize(("host", "path"), ELSEWHERE)
def test_what_is_no_page_is_served_by_others(host: str, path: str) -> None:
    assert REQUESTS.of(path, host, b"lang=de") is None


def test_whose_turn_it_is_is_known_where_the_path_says_it() -> None:
    found = REQUESTS.of("/t/pine-cabins/x", OURS, b"")
    assert found is not None
    assert found.tenant == "pine-cabins"


def test_cloudfront_asks_as_the_gateway_does() -> None:
    try:
        node = find_node()
    except CommandError as error:
        pytest.skip(str(error))
    code = read(INFRA / "delivery.yaml")["Resources"]["SiteRequests"]["Properties"]["FunctionCode"]
    requests = [*PAGES[:3], *PAGES[5:], *OF_A_TENANT[:4]]
    done = subprocess.run(
        [node.program, "--input-type=commonjs", "--eval", CLOUDFRONT, json.dumps([code, requests])],
        env=node.variables(),
        capture_output=True,
        check=True,
        text=True,
    )
    said = [(path, dict(parse_qsl(query))) for path, query in json.loads(done.stdout)]
    ours = [(f"/api{path}", dict(parse_qsl(query))) for path, query in (asked(*one) for one in requests)]
    assert said == ours


@pytest.mark.parametrize(("accepted", "compressed"), [("gzip, br", True), ("gzip;q=0", False), ("", False)])
def test_a_page_is_compressed_with_a_tag_of_its_own(accepted: str, *, compressed: bool) -> None:
    page = b"page " * 500
    answer = compress(GatewayAnswer(200, [(b"etag", b'"x"'), (b"vary", b"Origin")], page), accepted)
    headers = dict(answer.headers)
    assert (headers[b"etag"], headers.get(b"content-encoding")) == (
        (b'W/"x"', b"gzip") if compressed else (b'"x"', None)
    )
    assert (gzip.decompress(answer.body) if compressed else answer.body) == page
    assert compress(GatewayAnswer(200, [], b"small"), accepted).body == b"small"


def test_what_is_asked_stays_whole() -> None:
    path = "/t/pine-cabins/resources/a&host=evil?x=1#%26"
    assert asked(OURS, path, "lang=d%26host=x") == (
        "/v1/pages",
        urlencode([("host", OURS), ("path", path), ("lang", "d&host=x")], safe="").replace("+", "%20"),
    )
