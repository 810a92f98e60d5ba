"""Pages of public sites as crawlers and browsers get them: real prices, right statuses, texts that stay texts."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from xml.etree import ElementTree as ET

import psycopg
import pytest

from chalicelib.config import Config, ConfigurationError
from chalicelib.pages.model.policies import page_headers
from chalicelib.pages.model.shell import Filling, Shell
from tests.api.tenant import ANY_VERSION, PUBLIC_URL
from tests.offers import INTERVAL, STAY, Offer, policy

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from tests.api.tenant import Tenant
    from tests.dns_server import DnsServer
    from tests.offers import Json

OURS = "berth.example"
HOSTILE = "</script><script>alert(1)</script><!--<script>]]>\"'&amp;\u2028\u2029\x01\u202e" + "😀"
VOID = {"meta", "link", "img", "input", "br"}


class Reader(HTMLParser):
    """Reads a page as browsers do: every element that there is, and what blocks of data hold."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.data: dict[str, Any] = {}
        self.texts: dict[str, list[str]] = {}
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()
        assert self._open == [], self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if not self._open or not data.strip():
            return
        tag, attributes = self._open[-1]
        self.texts.setdefault(tag, []).append(data)
        if tag == "script":
            self.data[attributes["type"] or ""] = json.loads(data)

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        return [found for name, found in self.elements if name == tag and attributes.items() <= found.items()]

    def one(self, tag: str, **attributes: str) -> dict[str, str | None]:
        (found,) = self.all(tag, **attributes)
        return found


@pytest.fixture(scope="module")
def root(client: httpx.Client) -> str:
    return str(client.base_url).removesuffix("/api/v1/")


@pytest.fixture
def tenant(make_tenant: Callable[..., Tenant]) -> Tenant:
    return make_tenant(
        Offer(slug="cabin", document=policy(STAY)),
        Offer(slug="room", document=policy(INTERVAL)),
        timezone="Europe/Berlin",
        site={"tagline": "Quiet", "about": ["A lake, and no cars."], "contact": {"phones": [], "email": "a@b.example"}},
    )


def page(tenant: Tenant, root: str, rest: str = "", host: str = OURS, **headers: str) -> httpx.Response:
    return tenant.client.get(f"{root}/t/{tenant.slug}{rest}", headers={"Host": host, **headers})


def test_a_home_page_says_who_it_is_and_what_it_costs_as_the_api_does(tenant: Tenant, root: str) -> None:
    answer = page(tenant, root)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    found = Reader(answer.text)
    address = f"{PUBLIC_URL}/t/{tenant.slug}"
    site = tenant.get().json()
    assert found.texts["title"] == [f"{site['name']} · Quiet"]
    assert found.one("meta", name="description")["content"] == "A lake, and no cars."
    assert found.one("link", rel="canonical")["href"] == address
    assert {one["hreflang"]: one["href"] for one in found.all("link", rel="alternate")} == {
        "x-default": address,
        "en": address,
        **{language: f"{address}?lang={language}" for language in ("de", "es", "fr")},
    }
    assert found.one("meta", property="og:url")["content"] == address
    root_element = found.one("html")
    assert root_element == {"lang": "en", "dir": "ltr", "data-tenant": tenant.slug, "data-base": f"/t/{tenant.slug}"}
    business = found.data["application/ld+json"]
    assert (business["@type"], business["name"], business["email"]) == ("LodgingBusiness", site["name"], "a@b.example")
    listed = tenant.get("/resources", limit=200)
    for offer, resource in zip(business["makesOffer"], listed.json()["items"], strict=True):
        price = resource["from_price"]
        assert offer["price"] == f"{price['total'] / 10 ** price['decimals']:.{price['decimals']}f}"
        assert (offer["priceCurrency"], offer["itemOffered"]["name"]) == (price["currency"], resource["name"])
        assert f"from {offer['price']} {price['currency']}" in " ".join(found.texts["p"])
    links = [one["href"] for one in found.all("a")]
    assert {f"/t/{tenant.slug}/resources/cabin", f"/t/{tenant.slug}/resources/room"} <= set(links)
    given = found.data["application/json"]
    assert given[f"/api/v1/tenants/{tenant.slug}"] == tenant.get().text
    assert given[f"/api/v1/tenants/{tenant.slug}/resources?limit=200"] == listed.text


def test_a_resource_has_a_page_of_its_own(tenant: Tenant, root: str) -> None:
    found = Reader(page(tenant, root, "/resources/cabin").text)
    resource = tenant.get("/resources/cabin")
    product = found.data["application/ld+json"]
    assert (product["@type"], product["name"]) == ("Product", resource.json()["name"])
    assert product["offers"]["priceCurrency"] == "EUR"
    assert product["offers"]["priceSpecification"]["unitText"] == "night"
    assert (
        product["url"] == found.one("link", rel="canonical")["href"] == f"{PUBLIC_URL}/t/{tenant.slug}/resources/cabin"
    )
    assert found.data["application/json"][f"/api/v1/tenants/{tenant.slug}/resources/cabin"] == resource.text
    by_id = Reader(page(tenant, root, f"/resources/{tenant.ids['cabin']}").text)
    assert by_id.one("link", rel="canonical")["href"] == product["url"]


def test_a_language_is_chosen_by_the_address_and_else_is_that_of_the_business(tenant: Tenant, root: str) -> None:
    german = Reader(page(tenant, root, "?lang=de").text)
    assert german.one("html")["lang"] == "de"
    assert german.one("link", rel="canonical")["href"] == f"{PUBLIC_URL}/t/{tenant.slug}?lang=de"
    assert german.one("main")["lang"] == "en"
    assert any(said.startswith("ab ") for said in german.texts["p"])
    assert Reader(page(tenant, root, "?lang=xx").text).one("html")["lang"] == "en"
    own = {"locale": "fr-CH"}
    assert tenant.client.patch(f"/tenants/{tenant.slug}", json=own, headers=tenant.as_editor()).status_code == 200
    french = Reader(page(tenant, root).text)
    assert french.one("html")["lang"] == "fr-CH"
    assert french.one("link", rel="alternate", hreflang="fr")["href"] == f"{PUBLIC_URL}/t/{tenant.slug}"


def test_it_is_cached_by_its_content(tenant: Tenant, root: str) -> None:
    first = page(tenant, root)
    assert first.headers["cache-control"] == "public, max-age=0, s-maxage=60, must-revalidate"
    assert "set-cookie" not in first.headers
    tag = first.headers["etag"]
    again = page(tenant, root, **{"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    changed = tenant.client.patch(f"/tenants/{tenant.slug}", json={"tagline": "Loud"}, headers=tenant.as_editor())
    assert changed.status_code == 200
    assert page(tenant, root, **{"If-None-Match": tag}).status_code == 200
    assert page(tenant, root, "/nothing", **{"If-None-Match": "*"}).status_code == 404


@pytest.mark.parametrize("path", ["", "/resources/cabin", "/resources/cabin/reserve", "/r/1", "/nothing"])
def test_no_page_may_be_framed_or_run_what_is_written_in_it(tenant: Tenant, root: str, path: str) -> None:
    headers = page(tenant, root, path).headers
    policy = {
        name: said for name, _, said in (part.partition(" ") for part in headers["content-security-policy"].split("; "))
    }
    assert policy["frame-ancestors"] == policy["default-src"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert (policy["require-trusted-types-for"], policy["trusted-types"]) == ("'script'", "'none'")
    assert "unsafe" not in headers["content-security-policy"]
    assert (headers["x-frame-options"], headers["x-content-type-options"]) == ("DENY", "nosniff")


def test_what_is_one_guests_is_for_no_crawler(tenant: Tenant, root: str) -> None:
    for path in ("/resources/cabin/reserve", "/r/1"):
        found = Reader(page(tenant, root, path).text)
        assert found.one("meta", name="robots")["content"] == "noindex"
        assert found.all("meta", property="og:title") == found.all("link", rel="canonical") == []
        assert "application/ld+json" not in found.data


@pytest.mark.parametrize(
    ("path", "status"),
    [("/nothing", 404), ("/resources/absent", 404), ("/resources/%ff", 404), ("/resources/%00", 404), ("//", 404)],
)
def test_what_there_is_not_is_a_page_that_leads_to_what_there_is(
    tenant: Tenant, root: str, path: str, status: int
) -> None:
    answer = page(tenant, root, path)
    assert answer.status_code == status
    found = Reader(answer.text)
    assert found.texts["h1"] == ["There is nothing here"]
    assert found.one("meta", name="robots")["content"] == "noindex"
    assert f"/t/{tenant.slug}" in [one["href"] for one in found.all("a")]
    assert "etag" not in answer.headers


def test_what_is_archived_is_gone(tenant: Tenant, root: str) -> None:
    path = f"/tenants/{tenant.slug}/resources/{tenant.ids['room']}"
    assert tenant.client.delete(path, headers=tenant.as_editor()).is_success
    answer = page(tenant, root, "/resources/room")
    assert (answer.status_code, Reader(answer.text).texts["h1"]) == (410, ["This is not offered any more"])
    assert page(tenant, root, "/resources/room?lang=de").status_code == 410
    assert "/resources/room" not in page(tenant, root, "/sitemap.xml").text


def test_an_unknown_tenant_has_no_site(client: httpx.Client, root: str) -> None:
    answer = client.get(f"{root}/t/nobody-{uuid4().hex[:8]}?lang=es")
    found = Reader(answer.text)
    assert (answer.status_code, found.texts["h1"]) == (404, ["Este sitio no existe"])
    assert found.all("script") == found.all("link", rel="modulepreload") == []
    assert found.all("link", rel="stylesheet")


def test_a_suspended_site_rests_and_crawlers_come_back(tenant: Tenant, root: str) -> None:
    with psycopg.connect(tenant.database.owner) as owner:
        owner.execute(
            "UPDATE tenants SET suspended_at = now(), suspended_reason = 'Unpaid' WHERE slug = %s", [tenant.slug]
        )
    answer = page(tenant, root, "/resources/cabin")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "86400")
    assert answer.headers["cache-control"] == "no-store"
    assert "Unpaid" not in answer.text
    assert Reader(answer.text).texts["h1"] == ["This site rests at the moment"]
    assert page(tenant, root, "/sitemap.xml").status_code == 403


def test_no_text_of_a_tenant_leaves_its_element(make_tenant: Callable[..., Tenant], root: str) -> None:
    def says(said: str) -> Tenant:
        site = {"tagline": said, "about": [said * 30], "directions": said}
        made = make_tenant(Offer(slug="cabin", document=policy(STAY)), site=site)
        with psycopg.connect(made.database.owner) as owner:
            owner.execute(
                "UPDATE resources SET name = %s, summary = %s, description = %s WHERE id = %s",
                [said, said, said * 30, made.ids["cabin"]],
            )
            owner.execute("UPDATE tenants SET name = %s WHERE slug = %s", [said, made.slug])
        return made

    tenant, plain = says(HOSTILE), says("x")
    for path in ("", "/resources/cabin"):
        hostile, harmless = (Reader(page(one, root, path).text) for one in (tenant, plain))
        assert [name for name, _ in hostile.elements] == [name for name, _ in harmless.elements]
        assert hostile.data["application/ld+json"]["name"].startswith("</script><script>alert(1)")
        raw = page(tenant, root, path).text
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", raw)
        assert "alert(1)</script>" not in raw
        assert "<!--<script" not in raw


def test_a_page_stays_small_with_the_longest_texts_and_many_resources(
    make_tenant: Callable[..., Tenant], root: str
) -> None:
    offers = [Offer(slug=f"cabin-{number}", document=policy(STAY)) for number in range(70)]
    tenant = make_tenant(*offers, site={"about": ["word " * 800] * 20})
    answer = page(tenant, root)
    found = Reader(answer.text)
    assert len(answer.text) < 200_000
    assert len(found.all("li")) == 60
    assert not any("limit=200" in address for address in found.data.get("application/json", ()))
    assert page(tenant, root, "/sitemap.xml").text.count("<loc>") == 71


def own_host(tenant: Tenant, dns_server: DnsServer) -> str:
    host = f"book.{uuid4().hex[:12]}.example.com"
    path = f"/tenants/{tenant.slug}/domain"
    put = tenant.client.put(path, json={"host": host}, headers=tenant.as_editor()).json()
    dns_server.records[put["record"]["name"]] = [put["record"]["value"]]
    assert tenant.client.post(f"{path}/verify", headers=tenant.as_role()).json()["verified"]
    return host


def test_a_host_of_its_own_shows_the_site_at_its_root(tenant: Tenant, root: str, dns_server: DnsServer) -> None:
    host = own_host(tenant, dns_server)
    answer = tenant.client.get(f"{root}/", headers={"Host": host})
    found = Reader(answer.text)
    assert answer.status_code == 200
    assert found.one("html")["data-base"] == ""
    assert found.one("link", rel="canonical")["href"] == f"https://{host}/"
    assert "/resources/cabin" in [one["href"] for one in found.all("a")]
    below = tenant.client.get(f"{root}/resources/cabin", headers={"Host": f"{host.upper()}:443"})
    assert Reader(below.text).one("link", rel="canonical")["href"] == f"https://{host}/resources/cabin"
    ours = Reader(page(tenant, root).text)
    assert ours.one("link", rel="canonical")["href"] == f"https://{host}/"
    assert ours.one("html")["data-base"] == f"/t/{tenant.slug}"
    moved = page(tenant, root, "/resources/cabin", host)
    assert (moved.status_code, moved.headers["location"]) == (308, "/resources/cabin")
    assert tenant.client.get(f"{root}/nothing", headers={"Host": host}).status_code == 404


def test_under_a_host_of_its_own_there_is_no_other_tenant(
    tenant: Tenant, make_tenant: Callable[..., Tenant], root: str, dns_server: DnsServer
) -> None:
    host = own_host(tenant, dns_server)
    other = make_tenant(Offer(slug="cabin", document=policy(STAY)))
    assert page(other, root, "", host).status_code == 404
    assert page(other, root).status_code == 200


def test_a_host_that_nobody_has_proven_shows_nothing_but_sites_by_their_path(tenant: Tenant, root: str) -> None:
    host = f"{uuid4().hex[:12]}.example.net"
    answer = tenant.client.get(f"{root}/", headers={"Host": host})
    assert (answer.status_code, Reader(answer.text).texts["h1"]) == (404, ["There is no such site"])
    assert page(tenant, root, "", host).status_code == 200
    assert tenant.client.get(f"{root}/robots.txt", headers={"Host": host}).status_code == 404


def test_a_redirect_stays_on_its_host(tenant: Tenant, root: str, dns_server: DnsServer) -> None:
    host = own_host(tenant, dns_server)
    moved = page(tenant, root, "//evil.example/x", host)
    assert (moved.status_code, moved.headers["location"]) == (308, "/evil.example/x")


def test_a_sitemap_names_every_page_in_every_language(tenant: Tenant, root: str, dns_server: DnsServer) -> None:
    answer = page(tenant, root, "/sitemap.xml")
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    pages = ET.fromstring(answer.text).findall("s:url", names)  # noqa: S314 - our own
    address = f"{PUBLIC_URL}/t/{tenant.slug}"
    assert [one.findtext("s:loc", "", names) for one in pages] == [
        address,
        f"{address}/resources/cabin",
        f"{address}/resources/room",
    ]
    assert {link.get("hreflang") for link in pages[1].findall("x:link", names)} == {"x-default", "en", "de", "es", "fr"}
    host = own_host(tenant, dns_server)
    assert f"<loc>https://{host}/</loc>" in tenant.client.get(f"{root}/sitemap.xml", headers={"Host": host}).text
    robots = tenant.client.get(f"{root}/robots.txt", headers={"Host": host})
    assert (robots.headers["content-type"], f"Sitemap: https://{host}/sitemap.xml" in robots.text) == (
        "text/plain; charset=utf-8",
        True,
    )


def test_the_deployments_robots_txt_names_no_tenant(client: httpx.Client, root: str) -> None:
    answer = client.get(f"{root}/robots.txt")
    assert (answer.status_code, "Sitemap" in answer.text) == (200, False)
    assert "Disallow: /t/*/r/" in answer.text


def test_pages_are_only_read(tenant: Tenant, root: str) -> None:
    answer = tenant.client.post(f"{root}/t/{tenant.slug}", json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    head = tenant.client.head(f"{root}/t/{tenant.slug}")
    assert (head.status_code, head.content, int(head.headers["content-length"]) > 1000) == (200, b"", True)


def embedding(tenant: Tenant, *origins: str) -> None:
    body: Json = {"embed_origins": list(origins)}
    answer = tenant.client.patch(f"/tenants/{tenant.slug}/settings", json=body, headers=tenant.as_role() | ANY_VERSION)
    assert answer.status_code == 200, answer.text


def test_only_the_frame_may_be_shown_and_only_by_whom_the_tenant_lists(tenant: Tenant, root: str) -> None:
    embedding(tenant, "https://www.pine-cabins.example", "https://shop.example:8443")
    for path in ("/embed", "/embed/resources/cabin", "/embed/resources/cabin/reserve"):
        answer = page(tenant, root, path)
        assert answer.status_code == 200
        assert (
            "frame-ancestors https://www.pine-cabins.example https://shop.example:8443;"
            in (answer.headers["content-security-policy"])
        )
        assert "x-frame-options" not in answer.headers
        found = Reader(answer.text)
        assert found.one("html")["data-base"] == f"/t/{tenant.slug}/embed"
        assert found.one("meta", name="robots")["content"] == "noindex"
    assert "frame-ancestors 'none';" in page(tenant, root).headers["content-security-policy"]
    embedding(tenant)
    assert "frame-ancestors 'none';" in page(tenant, root, "/embed").headers["content-security-policy"]


def test_an_origin_that_is_none_says_nothing_in_the_policy() -> None:
    for origin in ("https://a.example;script-src *", "https://a.example, x", "*", "https://*", "'self'", "data:"):
        assert "frame-ancestors 'none';" in page_headers([origin])["Content-Security-Policy"]


TILES = "https://tiles.example/{z}/{x}/{y}.png?key=a&b"


def test_tiles_of_maps_are_in_the_page_and_their_host_alone_in_its_policy() -> None:
    assert "img-src 'self' data: blob:;" in page_headers([])["Content-Security-Policy"]
    assert "img-src 'self' data: blob: https://tiles.example;" in page_headers([], TILES)["Content-Security-Policy"]
    shell = Shell("", "", "", "", "</html>")
    filling = Filling("en", "", "", "", "")
    found = Reader(shell.filled(replace(filling, map_tiles=(TILES, 'A "map" & co')))).one("html")
    assert (found["data-map-tiles"], found["data-map-credits"]) == (TILES, 'A "map" & co')
    assert "data-map-tiles" not in Reader(shell.filled(filling)).one("html")


@pytest.mark.parametrize(
    ("template", "named"),
    [
        ("http://tiles.example/{z}/{x}/{y}.png", "A map"),
        ("https://{s}.tiles.example/{z}/{x}/{y}.png", "A map"),
        ("https://tiles.example; script-src */{z}/{x}/{y}.png", "A map"),
        ("https://tiles.example/{z}/{x}.png", "A map"),
        (TILES, ""),
    ],
)
def test_tiles_without_a_host_a_place_or_a_name_are_a_mistake_of_configuration(template: str, named: str) -> None:
    needed = {"DATABASE_URL": "postgresql://x", "BERTH_SIGNING_KEYS": f"k:{'x' * 32}"}
    assert Config.from_environment(needed).map_tiles is None
    given = {"BERTH_MAP_TILES": TILES, "BERTH_MAP_CREDITS": "A map"}
    assert Config.from_environment(needed | given).map_tiles == (TILES, "A map")
    with pytest.raises(ConfigurationError, match="BERTH_MAP_TILES"):
        Config.from_environment(needed | {"BERTH_MAP_TILES": template, "BERTH_MAP_CREDITS": named})
