"""Refusals as `application/problem+json` (RFC 9457). The one place that knows which status a refusal has."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from chalicelib.core import errors
from chalicelib.core.edit_locks import EditLockedError, EditLockLostError
from chalicelib.core.money import PriceChangedError
from chalicelib.core.shapes import UNKNOWN_MEMBERS, known, wording
from chalicelib.core.time_ranges import instant_text
from chalicelib.http.prices import money, price_of
from chalicelib.http.strict_json import LONGEST_SHOWN, MalformedError, MediaTypeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalice.app import Response
    from pydantic import BaseModel, ValidationError

    from chalicelib.core.edit_locks import EditLock

STATUS: dict[type[errors.BerthError], int] = {
    MediaTypeError: 415,
    MalformedError: 400,
    errors.InvalidInputError: 422,
    errors.AuthenticationError: 401,
    errors.ForbiddenError: 403,
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    errors.ArchivedError: 410,
    errors.VersionMismatchError: 412,
    errors.TooLargeError: 413,
    errors.RuleViolationsError: 422,
    errors.IdempotencyMismatchError: 422,
    errors.VersionRequiredError: 428,
    errors.ThrottledError: 429,
    errors.InternalError: 500,
    errors.UnavailableError: 503,
}
TITLES = {
    400: "Malformed request",
    401: "Not authenticated",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    410: "Archived",
    412: "Version mismatch",
    413: "Body too large",
    415: "Unsupported media type",
    422: "Request refused",
    428: "Version required",
    429: "Too many attempts",
    500: "Internal error",
    503: "Temporarily unavailable",
}
CONTENT_TYPE = "application/problem+json"
MOST_VIOLATIONS = 50
"""Findings that one answer names. A request may be wrong in more places than anyone reads, and than it is long."""


def status_of(error: errors.BerthError | type[errors.BerthError]) -> int:
    """Return the HTTP status of a refusal."""
    kind = error if isinstance(error, type) else type(error)
    return next(STATUS[base] for base in kind.__mro__ if base in STATUS)


def problem(status: int, code: str, detail: str, **members: Any) -> Response:  # noqa: ANN401 - JSON
    """Build the answer; members that are None are left out."""
    # Not above: the functions of the WebSocket API say refusals, too, and do not import Chalice.
    from chalice.app import Response

    body = {"type": "about:blank", "title": TITLES[status], "status": status, "code": code, "detail": detail}
    body |= {name: value for name, value in members.items() if value is not None}
    text = json.dumps(body, ensure_ascii=False, default=str).encode("utf-8", "replace").decode()
    return Response(text, {"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"}, status)


def of_refusal(error: errors.BerthError, request_id: str) -> Response:
    """Render a refusal of the domain with everything a caller can act on."""
    members: dict[str, Any] = {"request_id": request_id, **members_of(error)}
    response = problem(status_of(error), error.code, error.detail, **members)
    match error:
        case errors.UnavailableError() | errors.ThrottledError() | errors.IdempotencyInProgressError():
            response.headers["Retry-After"] = str(error.retry_after)
        case errors.AuthenticationError():
            response.headers["WWW-Authenticate"] = 'Bearer realm="berth"'
        case _:
            pass
    return response


@functools.singledispatch
def members_of(error: errors.BerthError) -> dict[str, Any]:
    """What a refusal says beyond its words. Capabilities register what their own refusals say beside their schemas."""
    match error:
        case errors.RuleViolationsError():
            return {
                "violations": [violation_body(violation) for violation in error.violations[:MOST_VIOLATIONS]],
                **({} if error.room is None else room_members(error.room)),
                "alternatives": [alternative_body(alternative) for alternative in error.alternatives],
            }
        case errors.InvalidDocumentError():
            shown = error.findings[:MOST_VIOLATIONS]
            findings = (errors.Violation("policy", error.code, path, text, {}) for path, text in shown)
            return {"violations": [violation_body(finding) for finding in findings]}
        case errors.InvalidInputError():
            broken = errors.Violation("request", error.code, error.field, error.detail, {})
            return {"violations": [violation_body(broken)]}
        case errors.TooLargeError():
            return {"limit": error.limit}
        case errors.DatabaseBusyError():
            return {"waited_for": error.waited_for}
        case errors.ArchivedError():
            return {"kept_from": instant_text(error.kept_from)}
        case errors.ConflictError():
            return _members_of_conflict(error)
        case _:
            return {}


def _members_of_conflict(error: errors.ConflictError) -> dict[str, Any]:
    match error:
        case PriceChangedError():
            return {"quote": price_of(error.price).model_dump()}
        case errors.NoCapacityError():
            alternatives = [alternative_body(alternative) for alternative in error.alternatives]
            told = {"violations": list[Any](), **room_members(error.room)}
            return {**told, "waitlist": error.waitlist, "alternatives": alternatives}
        case errors.InvalidTransitionError():
            return {"state": error.state, "allowed": error.allowed}
        case EditLockedError():
            return {"edit_lock": edit_lock_body(error.lock)}
        case EditLockLostError():
            return {"fencing": error.fencing}
        case errors.ConflictingReservationsError():
            return {"reservations": [conflicting_body(one) for one in error.reservations]}
        case errors.ConflictingResourcesError():
            named = ({"id": str(one.id), "slug": one.slug, "archived": one.archived} for one in error.resources)
            return {"resources": list(named)}
        case _:
            return {}


def of_invalid_model(error: ValidationError, model: type[BaseModel], request_id: str) -> Response:
    """Render every finding of a request model, each with the path of its field."""
    violations, detail = violations_of(error, schema_of(model))
    return problem(422, "invalid_input", detail, violations=violations, request_id=request_id)


def room_members(room: errors.Room) -> dict[str, Any]:
    """How much there is of what was wanted."""
    return {"wanted": room.wanted, "free": room.free, "blocked_by": room.blocked_by}


@functools.cache
def schema_of(model: type[BaseModel]) -> Mapping[str, Any]:
    """What a model accepts."""
    return model.model_json_schema()


def violations_of(error: ValidationError, schema: Mapping[str, Any]) -> tuple[list[dict[str, Any]], str]:
    """The first findings, up to `MOST_VIOLATIONS`, about what the schema describes; a few of them in one sentence."""
    violations: list[dict[str, Any]] = []
    for finding in error.errors(include_url=False, include_input=False)[:MOST_VIOLATIONS]:
        kind, location, context = str(finding["type"]), finding["loc"], finding.get("ctx") or {}
        text = wording(kind, context, schema, location, finding["msg"]).removesuffix(".")
        parameters = {name: value for name, value in context.items() if name != "error"}
        if kind in UNKNOWN_MEMBERS:
            parameters["known"] = known(schema, location)
        message = f"{text[:1].upper()}{text[1:]}."
        violations.append(violation_body(errors.Violation("request", kind, _path(location), message, parameters)))
    return violations, " ".join(f"{violation['field']}: {violation['message']}" for violation in violations[:5])


def edit_lock_body(lock: EditLock) -> dict[str, Any]:
    """The public form of an edit lock."""
    return {
        "id": str(lock.id),
        "resource_id": str(lock.resource_id),
        "starts_at": instant_text(lock.during.starts_at),
        "ends_at": instant_text(lock.during.ends_at),
        "holder": {"id": str(lock.holder_id), "name": lock.holder_name},
        "fencing": lock.fencing,
        "acquired_at": instant_text(lock.acquired_at),
        "expires_at": instant_text(lock.expires_at),
    }


def conflicting_body(one: errors.ConflictingReservation) -> dict[str, Any]:
    """The public form of a conflicting reservation."""
    times = {"starts_at": instant_text(one.starts_at), "ends_at": instant_text(one.ends_at)}
    return {"id": str(one.id), "code": one.code, **times, "units": list(one.units)}


def violation_body(violation: errors.Violation) -> dict[str, Any]:
    """The JSON form of one broken rule."""
    return {
        "rule": violation.rule,
        "code": violation.code,
        "field": violation.field,
        "message": violation.message,
        "parameters": dict(violation.parameters),
    }


def alternative_body(alternative: errors.Alternative) -> dict[str, Any]:
    """The JSON form of an alternative."""
    return {
        "kind": alternative.kind,
        "resource_id": str(alternative.resource_id),
        "resource_slug": alternative.resource_slug,
        "resource_name": alternative.resource_name,
        "starts_at": instant_text(alternative.starts_at),
        "ends_at": instant_text(alternative.ends_at),
        "check_in_on": None if alternative.check_in_on is None else alternative.check_in_on.isoformat(),
        "check_out_on": None if alternative.check_out_on is None else alternative.check_out_on.isoformat(),
        "quantity": alternative.quantity,
        "party_size": alternative.party_size,
        "unit": alternative.unit,
        "price": None if alternative.price is None else money(alternative.price, alternative.currency).model_dump(),
    }


def _path(location: Sequence[int | str]) -> str:
    return ".".join(str(step)[:LONGEST_SHOWN] for step in location) or "body"
