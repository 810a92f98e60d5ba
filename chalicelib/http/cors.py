"""What pages of other origins may read (the CORS protocol of the Fetch standard).

The preflight is the same for all and needs no function: API Gateway answers it from `PREFLIGHT`, and so does the
embedded gateway. It only lets a page ask; whether the page may read the answer is decided here, for every answer of the
function alike. Credentials that a browser adds by itself never travel: no answer says Allow-Credentials.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, cast

from chalice.app import CORSConfig

from chalicelib.access.tenant_origins import OriginsMemory
from chalicelib.http.container import container

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalice.app import Request, Response

PREFLIGHT = CORSConfig(
    allow_origin="*",
    allow_headers=[
        "Authorization",
        "Berth-Position",
        "Content-Type",
        "Edit-Lock",
        "Idempotency-Key",
        "If-Match",
        "If-None-Match",
    ],
    max_age=600,
)
ALLOWED = "Access-Control-Allow-Origin"
EXPOSED = {
    "Access-Control-Expose-Headers": "Berth-Position, ETag, Idempotent-Replayed, Link, Location, Retry-After, "
    "X-Request-Id"
}
LOOK_UP_SECONDS = 1.0
"""What a tenant's list may take, after the request's own work."""
ANSWER_SECONDS = 0.25
"""What is left of a function's time for sending the answer."""


def let_pages_read(request: Request, get_response: Callable[[Request], Response]) -> Response:
    """Chalice HTTP middleware: say whose page may read the answer, and that it depends on who asks."""
    response = get_response(request)
    headers = response.headers
    for name in PREFLIGHT.get_access_control_headers():  # Chalice adds them to every answer
        headers.pop(name, None)
    depends_on = headers.get("Vary")
    headers["Vary"] = f"{depends_on}, Origin" if depends_on else "Origin"
    origin = cast("Mapping[str, str]", request.headers).get("origin")
    if origin is not None and _may_read(origin, request):
        headers.update({ALLOWED: origin, **EXPOSED})
    return response


def _may_read(origin: str, request: Request) -> bool:
    services = container()
    if origin in services.config.origins:
        return True
    tenant = (request.uri_params or {}).get("tenant")
    if tenant is None:
        return False
    remaining = request.lambda_context.get_remaining_time_in_millis() / 1000 - ANSWER_SECONDS  # pyright: ignore[reportOptionalMemberAccess] - Lambda gives one to every call
    database = services.database.until(time.monotonic() + min(LOOK_UP_SECONDS, remaining))
    return origin in services.memory(OriginsMemory).of_tenant(database, tenant)
