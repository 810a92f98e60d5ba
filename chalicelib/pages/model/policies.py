"""What browsers are told about pages: what these may load and run, who may show them in a frame, how long they last."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ORIGIN = re.compile(r"https?://[a-z0-9.-]{1,253}(?::[0-9]{1,5})?")
"""An origin as a source of a policy: nothing in it ends a source or a directive (CSP Level 3, section 2.3.1)."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{tiles}; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors {ancestors}; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""The pages have no inline script or style that runs, so there is nothing to allow by its hash."""
ASK_AGAIN = "public, max-age=0, s-maxage=60, must-revalidate"
"""Browsers ask each time whether a page has changed; caches between may answer for a minute."""


def page_headers(framed_by: Sequence[str], tiles: str | None = None) -> dict[str, str]:
    """Return the headers of a page that pages of these origins may frame; `tiles` is where maps have theirs."""
    tile_host = ORIGIN.match(tiles) if tiles is not None else None
    ancestors = " ".join(origin for origin in framed_by if ORIGIN.fullmatch(origin)) or "'none'"
    headers = {
        "Cache-Control": ASK_AGAIN,
        "Content-Security-Policy": POLICY.format(ancestors=ancestors, tiles=f" {tile_host[0]}" if tile_host else ""),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Referrer-Policy": "same-origin",
    }
    # It knows no list of origins; browsers that know frame-ancestors leave it unread (RFC 7034; CSP, section 6.4.2.2).
    return headers if ancestors != "'none'" else {**headers, "X-Frame-Options": "DENY"}
