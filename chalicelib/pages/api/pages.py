"""Pages of public sites, as gateways ask for them: they turn each address of a site into a request of this one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chalice.app import Blueprint

from chalicelib.access.model.people import Role
from chalicelib.access.tenant_hosts import HostsMemory
from chalicelib.adapters.hosts import site_host
from chalicelib.catalogue.schemas.list_resources import ResourceList, body_of, details_of
from chalicelib.core.errors import NotFoundError, TenantSuspendedError, UnavailableError
from chalicelib.http.context import Context
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint
from chalicelib.pages.find_site import find_site
from chalicelib.pages.model import documents
from chalicelib.pages.model.addresses import Kind, addresses_of, place_of, resource_path
from chalicelib.pages.model.files import robots, sitemap
from chalicelib.pages.model.policies import page_headers
from chalicelib.pages.model.shell import shell_of
from chalicelib.pages.model.words import language_of
from chalicelib.pages.read_page import read_page
from chalicelib.pages.read_page import read_sitemap as sitemap_facts
from chalicelib.pages.schemas.pages import HostQuery, PageQuery, SitemapQuery
from chalicelib.tenants.schemas.tenants import body_of as site_body_of

if TYPE_CHECKING:
    from chalicelib.pages.find_site import SiteAddress
    from chalicelib.pages.model.addresses import Place
    from chalicelib.pages.model.shell import Filling
    from chalicelib.pages.read_page import PageFacts

blueprint = Blueprint(__name__)
OK, MOVED, MISSING, GONE, RESTING = 200, 308, 404, 410, 503
RESTS_SECONDS = 24 * 60 * 60
"""When crawlers may come back to a suspended site; until then they keep what they know."""
HTML = "text/html; charset=utf-8"
NOT_BUILT = (
    "The pages are not built: ./dev web --build does that and says what is missing. The API lives below /api/v1."
)


@endpoint(
    blueprint,
    "GET",
    "/v1/pages",
    roles=[Role.ANYONE],
    tag="pages",
    query=PageQuery,
    response=None,
    content_type=HTML,
    answers={
        MOVED: "The page has another address on this host, which `Location` says.",
        MISSING: "There is no such site, or nothing at that address; as a page.",
        GONE: "What the page was about is archived; as a page.",
        RESTING: "The site is suspended, or the database does not answer; as a page.",
    },
    replica_seconds=15,
)
def read(call: Call[NoBody, PageQuery]) -> Reply:
    """Read a page.

    Returns a page of a public site as HTML, with its head and its first content for crawlers, and for readers without
    scripts. Gateways ask for it in the name of browsers; caches may keep it for a minute.
    """
    built = call.container.page.read()
    if built is None:
        return Reply(NOT_BUILT, MISSING)
    query, shell, tiles = call.query, shell_of(built), call.container.config.map_tiles

    def reply(status: int, filling: Filling, *origins: str, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        whole = shell.filled(replace(filling, map_tiles=tiles))
        return Reply(whole, status, {**page_headers(origins, tiles and tiles[0]), **named})

    language = documents.chosen_language(query.lang, None)
    try:
        address = _address(call, query.path)
        if address.moved_to is not None:
            return Reply("", MOVED, {"Location": _local(address.moved_to), "Cache-Control": "no-cache"})
        place = place_of(address.path)
        facts = read_page(Context(call.database, address.tenant, call.actor), place)
    except NotFoundError:
        return reply(MISSING, documents.notice_page(language, "unknown"))
    except TenantSuspendedError:
        resting = documents.notice_page(language, "suspended")
        return reply(RESTING, resting, Retry_After=str(RESTS_SECONDS), Cache_Control="no-store")
    except UnavailableError as error:
        away = documents.notice_page(language, "unavailable")
        return reply(RESTING, away, Retry_After=str(error.retry_after), Cache_Control="no-store")
    status, filling = _page(call, address, place, facts)
    return reply(status, filling, *(facts.site.embed_origins if place.embedded else ()))


@endpoint(
    blueprint,
    "GET",
    "/v1/pages/sitemap.xml",
    roles=[Role.ANYONE],
    tag="pages",
    query=SitemapQuery,
    response=None,
    content_type="application/xml; charset=utf-8",
    errors=[NotFoundError, TenantSuspendedError, UnavailableError],
    fresh_seconds=3600,
    replica_seconds=60,
)
def read_sitemap(call: Call[NoBody, SitemapQuery]) -> Reply:
    """Read a sitemap.

    Returns the addresses of a public site for crawlers, in all languages of the pages, with the day of each one's last
    change: the home page, and up to 1,000 resources in the tenant's order.
    """
    address = _address(call, call.query.path)
    facts = sitemap_facts(Context(call.database, address.tenant, call.actor))
    site = facts.site
    addresses = addresses_of(
        site.slug, site.domain, call.container.config.public_url, on_own_host=address.on_own_host, embedded=False
    )
    pages = [(resource_path(entry.resource.slug), entry.updated_at) for entry in facts.entries]
    changed_at = max([site.updated_at, *(at for _, at in pages)])
    return Reply(sitemap([("/", changed_at), *pages], addresses, language_of(site.locale)))


@endpoint(
    blueprint,
    "GET",
    "/v1/pages/robots.txt",
    roles=[Role.ANYONE],
    tag="pages",
    query=HostQuery,
    response=None,
    content_type="text/plain; charset=utf-8",
    errors=[NotFoundError, UnavailableError],
    fresh_seconds=3600,
)
def read_robots(call: Call[NoBody, HostQuery]) -> Reply:
    """Read what crawlers may visit.

    Returns robots.txt of a host (RFC 9309): that of the deployment, or that of a tenant's own, which names the sitemap.
    """
    host = site_host(call.query.host, _deployment(call))
    if host is not None and call.container.memory(HostsMemory).tenant_of(call.database, host) is None:
        message = "No tenant's site is shown under this host."
        raise NotFoundError(message)
    return Reply(robots(host))


def _address(call: Call[NoBody, Any], path: str) -> SiteAddress:
    return find_site(call.database, call.container.memory(HostsMemory), call.query.host, path, _deployment(call))


def _deployment(call: Call[NoBody, Any]) -> str:
    return urlsplit(call.container.config.public_url).hostname or ""


def _page(call: Call[NoBody, PageQuery], address: SiteAddress, place: Place, facts: PageFacts) -> tuple[int, Filling]:
    public_url, slug = call.container.config.public_url, facts.site.slug
    addresses = addresses_of(
        slug, facts.site.domain, public_url, on_own_host=address.on_own_host, embedded=place.embedded
    )
    site = site_body_of(facts.site)
    given = {f"/api/v1/tenants/{slug}": site.model_dump_json()}
    resources = [body_of(entry, facts.tenant, facts.now) for entry in facts.entries]
    path, details = place.path, None
    if place.kind is Kind.HOME and not facts.more:
        listed = ResourceList(items=resources, next_cursor=None)
        given[f"/api/v1/tenants/{slug}/resources?limit=200"] = listed.model_dump_json()
    if place.resource and facts.entries:
        details = details_of(facts.entries[0], list(facts.units), facts.tenant, facts.now)
        given[f"/api/v1/tenants/{slug}/resources/{place.resource}"] = details.model_dump_json()
        path = resource_path(details.slug)
    frame = documents.Frame(
        site=site.model_dump(mode="json"),
        addresses=addresses,
        language=documents.chosen_language(call.query.lang, facts.site.locale),
        path=path,
        given=given,
        embedded=place.embedded,
    )
    if place.kind is Kind.HOME:
        return OK, documents.home_page(frame, [one.model_dump(mode="json") for one in resources])
    if place.kind is Kind.NOTHING:
        return MISSING, documents.missing_page(frame, "missing")
    if place.resource and details is None:
        return (
            (GONE, documents.missing_page(frame, "gone"))
            if facts.is_archived
            else (
                MISSING,
                documents.missing_page(frame, "missing"),
            )
        )
    if place.kind is Kind.RESOURCE and details is not None:
        return OK, documents.resource_page(frame, details.model_dump(mode="json"))
    return OK, documents.guest_page(frame)


def _local(path: str) -> str:
    """A path of this host alone: two slashes would begin the name of another one."""
    return f"/{path.lstrip('/')}"
