"""Addresses of public sites: which page a path means, and where it is found."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import quote, unquote_to_bytes

SITE = re.compile(r"/t/(?P<tenant>[a-z0-9][a-z0-9-]{0,62})(?P<rest>/.*)?", re.DOTALL)
"""The sites of all tenants, below the deployment's own host."""
EMBEDDED = "/embed"
"""Below it is the same site for frames on other pages."""
RESOURCE = re.compile(r"/resources/(?P<resource>[^/]{1,200})(?P<rest>/.*)?", re.DOTALL)
OF_GUESTS = re.compile(r"/(?:r|series|waitlist)/.*", re.DOTALL)
"""What a guest has: nothing for crawlers."""


class Kind(StrEnum):
    """What a path shows."""

    HOME = "home"
    RESOURCE = "resource"
    GUEST = "guest"
    """Somebody reserves, or looks at what they have."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a site. `resource` is an id or slug, "" where it is about none; `path` that below the site."""

    kind: Kind
    path: str
    resource: str = ""
    embedded: bool = False


def site_of(path: str) -> tuple[str, str] | None:
    """Return the slug of the site that a path is below, and the path there; None where it is below no site."""
    found = SITE.fullmatch(path)
    return None if found is None else (found["tenant"], found["rest"] or "/")


def place_of(path: str) -> Place:
    """Return what a path below a site shows; it is percent-encoded."""
    if path == EMBEDDED or path.startswith(f"{EMBEDDED}/"):
        return replace(place_of(path.removeprefix(EMBEDDED) or "/"), embedded=True)
    if path == "/":
        return Place(Kind.HOME, "/")
    found = RESOURCE.fullmatch(path)
    if found is None:
        return Place(Kind.GUEST if OF_GUESTS.fullmatch(path) else Kind.NOTHING, path)
    try:
        resource = unquote_to_bytes(found["resource"]).decode()
    except UnicodeDecodeError:
        return Place(Kind.NOTHING, path)
    if "\0" in resource:
        return Place(Kind.NOTHING, path)
    if found["rest"] in {None, "/"}:
        return Place(Kind.RESOURCE, resource_path(resource), resource)
    return Place(Kind.GUEST, path, resource)


def resource_path(slug: str) -> str:
    """Where a resource is found below its site."""
    return f"/resources/{quote(slug, safe='')}"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a site is: `base` is the path that it is below here, "" on a host of its own.

    `root` is where everybody finds it, and `home` the path of its home page there; `deployment` is our own address, ""
    where it is not known.
    """

    base: str
    root: str
    home: str
    deployment: str

    def here(self, path: str) -> str:
        """The address of a page for links of this page."""
        return f"{self.base}{path}" if path != "/" else self.base or "/"

    def canonical(self, path: str, language: str | None = None) -> str:
        """The address of a page that search engines are to know it by, in a language that is not the site's own."""
        address = f"{self.root}{self.home if path == '/' else path}"
        return f"{address}?lang={language}" if language else address

    def file(self, url: str) -> str:
        """The whole address of an image, which may be relative to the deployment."""
        return url if re.match(r"https?://", url) else f"{self.deployment}/{url.lstrip('/')}"


def addresses_of(slug: str, domain: str | None, deployment: str, *, on_own_host: bool, embedded: bool) -> Addresses:
    """Return where a site is found: by its own host where it has proven one."""
    base = "" if on_own_host else f"/t/{slug}"
    root = f"https://{domain}" if domain else f"{deployment}/t/{slug}"
    return Addresses(f"{base}{EMBEDDED}" if embedded else base, root, "/" if domain else "", deployment)
