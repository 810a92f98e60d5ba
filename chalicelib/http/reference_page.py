"""The reference for people to read: Scalar's script shows openapi.json and asyncapi.json, on a page of ours.

Everything comes from here. What the page may do is said by its Content-Security-Policy (ADR 25).
"""

from __future__ import annotations

import base64
import functools
import hashlib
from pathlib import Path

from chalice.app import Blueprint

from chalicelib.access.model.people import Role
from chalicelib.http.endpoint import Call, NoBody, Reply, endpoint

blueprint = Blueprint(__name__)

DAY = 24 * 60 * 60
SCRIPT = "flask_openapi_scalar/templates/scalar/js/scalar.standalone.js"
"""In the distribution flask-openapi-scalar, which has npm's file as it is; nothing else of it is used or imported."""
START = """\
Scalar.createApiReference("#reference", {
  sources: [
    { url: "openapi.json", title: "HTTP", slug: "http", default: true },
    { url: "asyncapi.json", title: "WebSocket", slug: "websocket" },
  ],
  orderSchemaPropertiesBy: "preserve",
  authentication: { preferredSecurityScheme: "access_token" },
  defaultHttpClient: { targetKey: "shell", clientKey: "curl" },
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: "never",
  agent: { disabled: true },
  mcp: { disabled: true },
});"""
"""Neither fonts nor anything else of others, no reports to them, and no buttons that lead to their services."""
PAGE = f"""\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Berth: API reference</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
</head>
<body>
<div id="reference"></div>
<noscript><p>This page needs scripts. The same as a machine reads it: <a href="openapi.json">openapi.json</a> (OpenAPI
3.1), and <a href="asyncapi.json">asyncapi.json</a> (AsyncAPI 3.0) for live messages.</p></noscript>
<script src="docs/scalar.js"></script>
<script>{START}</script>
</body>
</html>
"""


@endpoint(
    blueprint,
    "GET",
    "/v1/docs",
    roles=[Role.ANYONE],
    tag="service",
    response=None,
    content_type="text/html; charset=utf-8",
    fresh_seconds=300,
)
def read_docs(call: Call[NoBody, NoBody]) -> Reply:
    """Read the reference.

    Returns a page that shows this description and that of the WebSocket API, searches them, and sends requests with a
    token of yours.
    """
    return Reply(PAGE, headers={"Content-Security-Policy": policy(call.container.config.public_url)})


@endpoint(
    blueprint,
    "GET",
    "/v1/docs/scalar.js",
    roles=[Role.ANYONE],
    tag="service",
    response=None,
    content_type="text/javascript; charset=utf-8",
    fresh_seconds=DAY,
)
def read_script(_: Call[NoBody, NoBody]) -> Reply:
    """Read the script of the reference.

    Returns Scalar, which the page of the reference loads.
    """
    return Reply(script())


@functools.cache
def script() -> str:
    """Scalar, as npm has it."""
    from importlib.metadata import distribution  # what one path alone needs

    return Path(str(distribution("flask-openapi-scalar").locate_file(SCRIPT))).read_text(encoding="utf-8")


def policy(public_url: str) -> str:
    """What the page may do: run its two scripts, which bring their styles with them, and talk to this API.

    Styles can load nothing: all that is let in from anywhere is images from here.
    """
    start = base64.b64encode(hashlib.sha256(START.encode()).digest()).decode()
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'sha256-{start}'",
            "style-src 'unsafe-inline'",
            "img-src 'self' data:",
            " ".join(filter(None, ("connect-src 'self'", public_url))),
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
