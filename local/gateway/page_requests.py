"""Which requests are for pages of public sites, and what the functions are asked for then.

CloudFront does the same: `SiteRequests` of infra/delivery.yaml.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from urllib.parse import parse_qs, quote

from chalicelib.adapters.hosts import site_host
from chalicelib.pages.model.addresses import site_of
from local.gateway.answers import GatewayAnswer
from local.gateway.web_files import EMBED, taken_encodings

WORTH_COMPRESSING = 1024
PAGES = "/v1/pages"
FILES = ("/robots.txt", "/sitemap.xml")
SERVED_ELSEWHERE = ("/api/", "/assets/", "/images/", f"{EMBED}/")
"""Also on hosts of tenants."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A request of the functions: path, query, and the slug of the tenant where the address says it."""

    path: str
    query: bytes
    tenant: str


class PageRequests:
    """Knows the deployment's own host: under others, sites of tenants begin at `/`."""

    def __init__(self, deployment: str) -> None:
        self._deployment = deployment

    def of(self, raw_path: str, host: str, query: bytes) -> PageRequest | None:
        """Return what to ask for an address; None where it is not that of a page. The path is percent-encoded."""
        site = site_of(raw_path)
        if site is None and raw_path != FILES[0] and not self._is_of_a_tenant(raw_path, host):
            return None
        tenant, below = site or ("", raw_path)
        asked = [("host", host[:300]), ("path", raw_path)]
        path = PAGES
        if below in FILES and (below != FILES[0] or site is None):
            path, asked = f"{PAGES}{below}", asked[: 1 if below == FILES[0] else 2]
        elif language := parse_qs(query.decode("latin-1")).get("lang"):
            asked.append(("lang", language[0][:35]))
        said = "&".join(f"{name}={quote(value, safe='')}" for name, value in asked)
        return PageRequest(path, said.encode("ascii"), tenant)

    def _is_of_a_tenant(self, raw_path: str, host: str) -> bool:
        return not f"{raw_path}/".startswith(SERVED_ELSEWHERE) and site_host(host, self._deployment) is not None


def compress(answer: GatewayAnswer, accepted: str) -> GatewayAnswer:
    """Compress a page as CloudFront does: its tag is a weak one then."""
    if len(answer.body) < WORTH_COMPRESSING or "gzip" not in taken_encodings(accepted):
        return answer
    headers = [(name, b"W/" + value if name == b"etag" else value) for name, value in answer.headers]
    headers += [(b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
    return GatewayAnswer(answer.status, headers, gzip.compress(answer.body, 6, mtime=0))
