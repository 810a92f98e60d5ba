"""The headers of answers, as the OpenAPI document describes them: each follows from an endpoint's declaration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chalicelib.http.endpoint import ENDPOINTS, varies_by

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.http.endpoint import Endpoint

Json = dict[str, Any]
CREATED, ACCEPTED, NOT_MODIFIED = 201, 202, 304
BAD_REQUEST = 400
UNAUTHENTICATED, CONFLICT, TOO_LARGE, THROTTLED, UNAVAILABLE = 401, 409, 413, 429, 503
BY_GATEWAYS = frozenset({TOO_LARGE, THROTTLED})
"""With these, a gateway may answer by itself, before the function is asked."""
TEXT: Json = {"type": "string"}
COMPONENTS: dict[str, Json] = {
    "X-Request-Id": {
        "description": "Names the request in the logs; quote it when you ask for help.",
        "required": True,
        "schema": TEXT,
    },
    "Cache-Control": {
        "description": "How long caches may keep the answer; `no-store` where they must not.",
        "required": True,
        "schema": TEXT,
    },
    "ETag": {
        "description": "Strong tag of this representation: its hash, behind the version of what has one, as in "
        '`"12-5f3c…"`. The version is what If-Match compares, the whole tag what If-None-Match does.',
        "required": True,
        "schema": {"type": "string", "pattern": r'^"(\d{1,9}-)?[0-9a-f]{32}"$'},
    },
    "Vary": {
        "description": "What the answer depends on besides the address. `Authorization`: callers who may reserve for "
        "the tenant get more, and with `no-store`. `Berth-Position`: who carries one gets no older answer.",
        "required": True,
        "schema": TEXT,
    },
    "Location": {
        "description": "Address at which what was created is read.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Location-On-Host": {
        "description": "Path on the host that was asked for.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Berth-Position": {
        "description": "How far the database's log was after the change. A read that carries it shows the change, "
        "whichever server answers.",
        "schema": {"type": "string", "pattern": "^[0-9A-F]{1,8}/[0-9A-F]{1,8}$"},
    },
    "Link": {"description": 'The next page, as `<…>; rel="next"` (RFC 8288), unless this is the last.', "schema": TEXT},
    "Set-Cookie": {
        "description": "The cookie `berth_refresh`, which scripts cannot read (RFC 6265).",
        "required": True,
        "schema": TEXT,
    },
    "Set-Cookie-Of-Position": {
        "description": "The cookie `berth_position`, which says the same as `Berth-Position` for browsers and lasts a "
        "minute: by then every replica that answers has come so far.",
        "schema": TEXT,
    },
    "Idempotent-Replayed": {
        "description": "`true` when this is the answer to an earlier request with the same key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
    "WWW-Authenticate": {
        "description": "Which credentials are accepted (RFC 9110).",
        "required": True,
        "schema": TEXT,
    },
    "Retry-After": {
        "description": "Seconds to wait before the request is repeated.",
        "required": True,
        "schema": {"type": "integer"},
    },
    "X-Request-Id-Of-Function": {
        "description": "Names the request in the logs, unless the gateway refused it by itself.",
        "schema": TEXT,
    },
    "Cache-Control-Of-Function": {"description": "Caches must not keep the answer.", "schema": TEXT},
    "Retry-After-In-Progress": {
        "description": "Seconds to wait, where the first request with the key is still being worked on.",
        "schema": {"type": "integer"},
    },
}
"""Under the name of the header, but for those that not every answer of its status has."""


def headers_of(declared: Endpoint, status: int) -> Json:
    """The headers of an endpoint's answer with that status, as references to components."""
    names = _of_success(declared, status) if status < BAD_REQUEST else _of_refusal(status)
    references: Json = {
        name.partition("-On-")[0]: {"$ref": f"#/components/headers/{name}"}
        for name in ("X-Request-Id", "Cache-Control", *names)
    }
    if declared.method != "GET" and status < BAD_REQUEST and not declared.sets_cookie:
        references["Set-Cookie"] = {"$ref": "#/components/headers/Set-Cookie-Of-Position"}
    if status in BY_GATEWAYS:
        for name in ("X-Request-Id", "Cache-Control"):
            references[name] = {"$ref": f"#/components/headers/{name}-Of-Function"}
    if status == CONFLICT and declared.idempotent:
        references["Retry-After"] = {"$ref": "#/components/headers/Retry-After-In-Progress"}
    return references


def read_at(declared: Endpoint) -> Endpoint | None:
    """The endpoint that reads what this one creates, None where nothing does."""
    if declared.status != CREATED:
        return None
    below = re.compile(re.escape(declared.path) + r"/{\w+}")
    return next((other for other in ENDPOINTS if other.method == "GET" and below.fullmatch(other.path)), None)


def _of_success(declared: Endpoint, status: int) -> Iterable[str]:
    if status in dict(declared.answers):
        yield "Location-On-Host"
        return
    if declared.method != "GET":
        yield "Berth-Position"
    if status == ACCEPTED:
        yield "Idempotent-Replayed"
        return
    if varies_by(declared):
        yield "Vary"
    members = {} if declared.response is None else declared.response.model_fields
    has_version = "version" in members or _is_changed_by_version(declared)
    if declared.method == "GET" or (has_version and not declared.previews):
        yield "ETag"
    if read_at(declared) is not None:
        yield "Location"
    if "cursor" in declared.query.model_fields:
        yield "Link"
    if declared.sets_cookie:
        yield "Set-Cookie"
    if declared.idempotent and status != NOT_MODIFIED:
        yield "Idempotent-Replayed"


def _is_changed_by_version(declared: Endpoint) -> bool:
    """Whether what is answered is what an endpoint changes that needs If-Match."""
    return declared.response is not None and any(
        other.versioned and other.method != "DELETE" and other.response is declared.response for other in ENDPOINTS
    )


def _of_refusal(status: int) -> Iterable[str]:
    if status == UNAUTHENTICATED:
        yield "WWW-Authenticate"
    if status in {THROTTLED, UNAVAILABLE}:
        yield "Retry-After"
