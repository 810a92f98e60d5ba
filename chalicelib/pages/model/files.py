"""What crawlers ask for besides pages: the sitemap of a site, and robots.txt of a host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.pages.model.markup import element, start, text
from chalicelib.pages.model.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from chalicelib.pages.model.addresses import Addresses

MOST_ADDRESSES = 1000
"""Of a site in its sitemap; the protocol takes 50,000."""


def sitemap(pages: Iterable[tuple[str, datetime]], addresses: Addresses, own_language: str) -> str:
    """Return the sitemap of pages, by their paths and when they changed, in all languages (sitemaps.org, 0.9)."""
    entries = "".join(_entry(path, changed_at, addresses, own_language) for path, changed_at in pages)
    namespaces = {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9", "xmlns:xhtml": "http://www.w3.org/1999/xhtml"}
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{element("urlset", namespaces, entries)}\n'


def _entry(path: str, changed_at: datetime, addresses: Addresses, own_language: str) -> str:
    links = [("x-default", addresses.canonical(path))]
    links += [(one, addresses.canonical(path, None if one == own_language else one)) for one in WORDS]
    return element(
        "url",
        None,
        element("loc", None, text(addresses.canonical(path))),
        element("lastmod", None, f"{changed_at:%Y-%m-%d}"),
        *(
            start("xhtml:link", {"rel": "alternate", "hreflang": language, "href": address})[:-1] + "/>"
            for language, address in links
        ),
    )


def robots(own_host: str | None) -> str:
    """Return robots.txt (RFC 9309): pages that are one guest's are for no crawler, frames show what a page shows too.

    The API is: who renders pages as browsers do needs it. A host of a tenant's own names its sitemap; that of the
    deployment names none, as the list of its tenants is nobody's business.
    """
    site = "" if own_host else "/t/*"
    paths = ("/r/", "/series/", "/waitlist/", "/embed", "/resources/*/reserve")
    lines = ["User-agent: *", *(f"Disallow: {site}{path}" for path in paths), "Allow: /"]
    if own_host:
        lines += ["", f"Sitemap: https://{own_host}/sitemap.xml"]
    return "\n".join(lines) + "\n"
